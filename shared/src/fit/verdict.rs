//! The verdict for each virtual cluster.

use super::admission::{self, Skus};
use super::cluster::{Cluster, Resources, User, VirtualCluster};
use super::{
    Certainty, Demand, Dimension, Outcome, Reason, ReasonKind, RoleDemand, Verdict, packing, solve,
};

/// What becomes of a job in each virtual cluster of the cluster, and in those that
/// the user may submit to or the job names; in the order of their names.
pub fn verdicts(demand: &Demand, cluster: &Cluster, user: &User) -> Vec<Verdict> {
    let mut names: Vec<&String> = cluster.virtual_clusters.keys().collect();
    names.extend(&user.virtual_clusters);
    names.extend(&demand.virtual_cluster);
    names.sort_unstable();
    names.dedup();
    let verdict = |name: &String| {
        let mut found = one(demand, cluster, user, name);
        found.because.dedup();
        let ahead = cluster
            .virtual_clusters
            .get(name)
            .and_then(|here| here.waiting);
        Verdict {
            virtual_cluster: name.clone(),
            outcome: found.outcome,
            because: found.because,
            certainty: found.certainty,
            ahead: ahead
                .filter(|_| matches!(found.outcome, Outcome::WhenIdle | Outcome::WhenRepaired)),
        }
    };
    names.into_iter().map(verdict).collect()
}

/// Whether it runs, now or later, in one of the virtual clusters that the user may submit
/// to.
pub fn runs(demand: &Demand, cluster: &Cluster, user: &User) -> bool {
    let mut names = user.virtual_clusters.iter();
    names.any(|name| one(demand, cluster, user, name).outcome >= Outcome::WhenRepaired)
}

struct Found {
    outcome: Outcome,
    because: Vec<Reason>,
    certainty: Certainty,
}

fn found(outcome: Outcome, because: Vec<Reason>, certainty: Certainty) -> Found {
    Found {
        outcome,
        because,
        certainty,
    }
}

fn never(because: Vec<Reason>) -> Found {
    found(Outcome::Never, because, Certainty::Exact)
}

fn one(demand: &Demand, cluster: &Cluster, user: &User, name: &str) -> Found {
    if !user.virtual_clusters.iter().any(|allowed| allowed == name) {
        let reason = Reason::new(ReasonKind::NotAllowed);
        return found(Outcome::NotAllowed, vec![reason], Certainty::Exact);
    }
    let Some(here) = cluster.virtual_clusters.get(name) else {
        return never(vec![Reason::new(ReasonKind::NoVirtualCluster).named(name)]);
    };
    if let Some(storages) = &user.storages {
        let missing = demand
            .storages
            .iter()
            .filter(|storage| !storages.contains(storage));
        let reasons: Vec<_> = missing
            .map(|name| Reason::new(ReasonKind::NoStorage).named(name))
            .collect();
        if !reasons.is_empty() {
            return never(reasons);
        }
    }
    let largest = cluster.nodes.values().map(|node| node.gpu_total).max();
    let too_large = |role: &&RoleDemand| {
        role.instances > 0 && largest.is_some_and(|largest| role.gpu > largest)
    };
    let too_large: Vec<_> = demand
        .roles
        .iter()
        .filter(too_large)
        .map(|role| {
            let reason = Reason::new(ReasonKind::LargerThanAnyNode).of_role(&role.name);
            reason.numbers(Dimension::Gpu, role.gpu, largest.unwrap_or_default())
        })
        .collect();
    if cluster.sku_types.is_empty() {
        if !too_large.is_empty() {
            return never(too_large);
        }
        return Counted::resources(demand, here).verdict(demand, cluster, Certainty::Likely);
    }
    // Without its own list a virtual cluster may have any of them.
    let skus = here.sku_types.as_ref().unwrap_or(&cluster.sku_types);
    let is_known = here.sku_types.is_some();
    let sizes: Vec<Resources> = skus.values().copied().collect();
    let cells = |sum| solve::cells(sum, &sizes);
    let total = cells(here.resources_total);
    let quota = total.as_ref().map(|cells| cells.iter().sum());
    let admitted = match admission::admit(demand, &cluster.sku_types, skus, quota) {
        Ok(admitted) => admitted,
        // Not its own list: the smallest cell of all is no more than a guess.
        Err(reasons) => {
            let is_guess = |reason: &Reason| {
                !is_known
                    && matches!(
                        reason.kind,
                        ReasonKind::NotInSku | ReasonKind::QuotaExceeded
                    )
            };
            let certainty = if reasons.iter().all(is_guess) {
                Certainty::Likely
            } else {
                Certainty::Exact
            };
            return found(Outcome::Never, reasons, certainty);
        }
    };
    if !too_large.is_empty() {
        return never(too_large);
    }
    if demand.is_opportunistic() {
        return opportunistic(demand, cluster);
    }
    let healthy = cells(here.resources_guaranteed);
    let busy = cells(here.resources_used);
    let counted = match (total, healthy, busy) {
        (Some(total), Some(healthy), Some(busy)) if !skus.is_empty() => {
            let free = healthy
                .iter()
                .zip(busy)
                .map(|(healthy, busy)| healthy.saturating_sub(busy));
            let free = free.collect();
            Counted::cells(demand, skus, &admitted.leaf_cells, [total, healthy, free])
        }
        _ => Counted::resources(demand, here),
    };
    let certainty = if is_known && counted.is_by_cells() {
        Certainty::Likely
    } else {
        Certainty::Unknown
    };
    counted.verdict(demand, cluster, certainty)
}

/// Opportunistic jobs take what nobody uses, wherever that is; who has a right to it
/// pushes them aside.
fn opportunistic(demand: &Demand, cluster: &Cluster) -> Found {
    let all: Vec<u64> = cluster.nodes.values().map(|node| node.gpu_total).collect();
    let free: Vec<u64> = cluster
        .nodes
        .values()
        .map(|node| node.gpu_available)
        .collect();
    let (asked, have) = (gpus(demand), sum(&all));
    if demand.gang && !all.is_empty() && asked > have {
        let reason = Reason::new(ReasonKind::MoreThanThereIs);
        return never(vec![reason.numbers(Dimension::Gpu, asked, have)]);
    }
    if all.is_empty() {
        return found(Outcome::WhenIdle, Vec::new(), Certainty::Unknown);
    }
    on_nodes(demand, &free, Certainty::Likely)
}

/// What is asked and what is there, in a way that lets them be compared.
struct Counted<'c> {
    /// What each role takes of everything, one row for each kind of cell that it
    /// may have; a job fits if a row of each role does, added up.
    roles: Vec<Vec<Vec<u64>>>,
    /// What each column counts: cells of a SKU, or something of the whole.
    columns: Vec<(Dimension, Option<&'c str>)>,
    /// In all, in good state, and free.
    there: [Vec<u64>; 3],
}

impl<'c> Counted<'c> {
    fn resources(demand: &Demand, here: &VirtualCluster) -> Self {
        let row = |of: Resources| vec![of.gpu, of.cpu, of.memory];
        let (healthy, used) = (row(here.resources_guaranteed), row(here.resources_used));
        let free = healthy
            .iter()
            .zip(used)
            .map(|(healthy, used)| healthy.saturating_sub(used))
            .collect();
        let role = |role: &RoleDemand| {
            let all = |each: u64| each.saturating_mul(demand.at_once(role));
            vec![vec![all(role.gpu), all(role.cpu), all(role.memory_mb)]]
        };
        Self {
            roles: demand.roles.iter().map(role).collect(),
            columns: [Dimension::Gpu, Dimension::Cpu, Dimension::Memory]
                .map(|dimension| (dimension, None))
                .to_vec(),
            there: [row(here.resources_total), healthy, free],
        }
    }

    /// By the cells of each SKU. hived is asked for as many as admission has counted, and a role
    /// that names no SKU may have them of any.
    fn cells(demand: &Demand, skus: &'c Skus, leaf_cells: &[u64], there: [Vec<u64>; 3]) -> Self {
        let role = |(role, of_task): (&RoleDemand, &u64)| {
            let cells = of_task.saturating_mul(demand.at_once(role));
            let may_have = skus
                .keys()
                .enumerate()
                .filter(|(_, name)| role.sku_type.as_ref().is_none_or(|wanted| wanted == *name));
            let row = |(index, _)| {
                let mut row = vec![0; skus.len()];
                row[index] = cells;
                row
            };
            may_have.map(row).collect()
        };
        Self {
            roles: demand.roles.iter().zip(leaf_cells).map(role).collect(),
            columns: skus
                .keys()
                .map(|name| (Dimension::Cells, Some(name.as_str())))
                .collect(),
            there,
        }
    }

    fn is_by_cells(&self) -> bool {
        self.columns
            .iter()
            .all(|(dimension, _)| *dimension == Dimension::Cells)
    }

    fn verdict(&self, demand: &Demand, cluster: &Cluster, mut certainty: Certainty) -> Found {
        let [total, healthy, free] = &self.there;
        for (there, kind) in [
            (total, ReasonKind::MoreThanThereIs),
            (healthy, ReasonKind::MoreThanIsHealthy),
        ] {
            match self.all_fit(demand, there, kind) {
                Ok(()) => {}
                Err(misfit) if !misfit.is_sure => certainty = Certainty::Unknown,
                Err(misfit) if kind == ReasonKind::MoreThanThereIs => return never(misfit.reasons),
                Err(misfit) => return found(Outcome::WhenRepaired, misfit.reasons, certainty),
            }
        }
        let fits_now = if demand.gang {
            self.all_fit(demand, free, ReasonKind::MoreThanIsFree)
        } else {
            // One task that runs is a job that runs.
            let mut missing = Vec::new();
            let any = (0..self.roles.len()).any(|index| {
                self.fit(&self.roles[index..=index], free, ReasonKind::MoreThanIsFree)
                    .map_err(|misfit| missing.extend(misfit.reasons))
                    .is_ok()
            });
            if any || self.roles.is_empty() {
                Ok(())
            } else {
                Err(Misfit {
                    reasons: missing,
                    is_sure: true,
                })
            }
        };
        match fits_now {
            Ok(()) => {}
            Err(Misfit { is_sure: false, .. }) => {
                return found(Outcome::WhenIdle, Vec::new(), Certainty::Unknown);
            }
            Err(misfit) => return found(Outcome::WhenIdle, misfit.reasons, certainty),
        }
        let nodes: Vec<u64> = cluster
            .nodes
            .values()
            .map(|node| node.gpu_available)
            .collect();
        if nodes.is_empty() {
            return found(Outcome::Now, Vec::new(), Certainty::Unknown);
        }
        on_nodes(demand, &nodes, certainty)
    }

    /// Whether everything that has to fit does: all roles together, or, when they
    /// need not start together, each of them alone.
    fn all_fit(&self, demand: &Demand, there: &[u64], kind: ReasonKind) -> Result<(), Misfit> {
        if demand.gang {
            return self.fit(&self.roles, there, kind);
        }
        for index in 0..self.roles.len() {
            self.fit(&self.roles[index..=index], there, kind)?;
        }
        Ok(())
    }

    /// Whether roles fit together, each in one of its ways.
    fn fit(&self, roles: &[Vec<Vec<u64>>], there: &[u64], kind: ReasonKind) -> Result<(), Misfit> {
        /// The most ways of giving SKUs to roles that are tried.
        const MOST: usize = 4096;
        let ways = roles
            .iter()
            .try_fold(1_usize, |all, rows| all.checked_mul(rows.len().max(1)));
        let is_sure = if ways.is_some_and(|ways| ways <= MOST) {
            if choose(roles, &mut vec![0; there.len()], there) {
                return Ok(());
            }
            true
        } else {
            if fit_one_by_one(roles, there) {
                return Ok(());
            }
            // In whatever way: in all they take more than there is.
            let of_row = |row: &Vec<u64>| sum(row);
            let least = roles
                .iter()
                .filter_map(|rows| rows.iter().map(of_row).min());
            least.fold(0, u64::saturating_add) > sum(there)
        };
        // Of the first way, for people: where it is too much.
        let mut asked = vec![0_u64; there.len()];
        for row in roles.iter().filter_map(|rows| rows.first()) {
            add(&mut asked, row);
        }
        let too_much = asked
            .iter()
            .zip(there)
            .zip(&self.columns)
            .filter(|((asked, there), _)| asked > there);
        let reasons = too_much.map(|((asked, there), (dimension, sku))| {
            let mut reason = Reason::new(kind).numbers(*dimension, *asked, *there);
            reason.name = sku.map(str::to_owned);
            reason
        });
        Err(Misfit {
            reasons: reasons.collect(),
            is_sure,
        })
    }
}

/// Why roles do not fit, as far as that was found out.
struct Misfit {
    reasons: Vec<Reason>,
    /// Whether there is no way; else not all of them were tried.
    is_sure: bool,
}

/// Whether the roles fit on top of a sum, each in one of its ways.
fn choose(roles: &[Vec<Vec<u64>>], sum: &mut Vec<u64>, there: &[u64]) -> bool {
    let Some((rows, rest)) = roles.split_first() else {
        return true;
    };
    rows.iter().any(|row| {
        let before = sum.clone();
        add(sum, row);
        let fits = is_within(sum, there) && choose(rest, sum, there);
        if !fits {
            *sum = before;
        }
        fits
    })
}

/// Whether the roles fit if each has the first of its ways that there is room for, those
/// first that have no choice, then the largest.
fn fit_one_by_one(roles: &[Vec<Vec<u64>>], there: &[u64]) -> bool {
    let mut order: Vec<&Vec<Vec<u64>>> = roles.iter().collect();
    let size = |rows: &Vec<Vec<u64>>| rows.iter().map(|row| sum(row)).max();
    order.sort_by_key(|rows| (rows.len() > 1, std::cmp::Reverse(size(rows))));
    let mut taken = vec![0; there.len()];
    order.into_iter().all(|rows| {
        rows.iter().any(|row| {
            let mut with = taken.clone();
            add(&mut with, row);
            let fits = is_within(&with, there);
            if fits {
                taken = with;
            }
            fits
        })
    })
}

fn add(sum: &mut [u64], row: &[u64]) {
    for (sum, more) in sum.iter_mut().zip(row) {
        *sum = sum.saturating_add(*more);
    }
}

fn is_within(asked: &[u64], there: &[u64]) -> bool {
    asked.iter().zip(there).all(|(asked, there)| asked <= there)
}

/// Whether nodes have room now; what is free altogether may be spread over them, or
/// used by jobs that would have to go first.
fn on_nodes(demand: &Demand, free: &[u64], certainty: Certainty) -> Found {
    let tasks: Vec<(u64, u64)> = demand
        .roles
        .iter()
        .map(|role| (role.gpu, role.instances))
        .collect();
    let fits = if demand.gang {
        packing::fits(&tasks, free)
    } else {
        let most = free.iter().copied().max().unwrap_or(0);
        tasks
            .iter()
            .any(|(size, count)| *count > 0 && *size <= most)
            || tasks.is_empty()
    };
    if fits {
        return found(Outcome::Now, Vec::new(), certainty.min(Certainty::Likely));
    }
    let (asked, have) = (gpus(demand), sum(free));
    let reason = if asked > have && demand.gang {
        Reason::new(ReasonKind::MoreThanIsFree).numbers(Dimension::Gpu, asked, have)
    } else {
        let largest = demand.roles.iter().map(|role| role.gpu).max().unwrap_or(0);
        let most = free.iter().copied().max().unwrap_or(0);
        Reason::new(ReasonKind::Fragmented).numbers(Dimension::Gpu, largest, most)
    };
    found(
        Outcome::WhenIdle,
        vec![reason],
        certainty.min(Certainty::Likely),
    )
}

fn gpus(demand: &Demand) -> u64 {
    let each = demand
        .roles
        .iter()
        .map(|role| role.gpu.saturating_mul(role.instances));
    each.fold(0, u64::saturating_add)
}

fn sum(counts: &[u64]) -> u64 {
    counts.iter().fold(0, |sum, more| sum.saturating_add(*more))
}
