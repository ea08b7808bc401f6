//! The verdict for each virtual cluster.

use std::slice;

use super::admission::{self, Skus, Taken};
use super::cluster::{Cluster, Resources, User, VirtualCluster};
use super::{
    Certainty, Demand, Dimension, Outcome, Reason, ReasonKind, RoleDemand, Verdict, packing, solve,
};
use crate::order;

/// What becomes of a job in each virtual cluster of the cluster, and in those that
/// the user may submit to or the job names; in the order of their names.
pub fn verdicts(demand: &Demand, cluster: &Cluster, user: &User) -> Vec<Verdict> {
    let mut names: Vec<&String> = cluster.virtual_clusters.keys().collect();
    names.extend(&user.virtual_clusters);
    names.extend(&demand.virtual_cluster);
    order::by(&mut names, Ord::cmp);
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
        let taken = vec![Taken::default(); demand.roles.len()];
        let counted = Counted::resources(demand, here, &taken);
        return counted.verdict(demand, cluster, &taken, Certainty::Likely);
    }
    // Without its own list a virtual cluster may have any of them.
    let skus = here.sku_types.as_ref().unwrap_or(&cluster.sku_types);
    let is_known = here.sku_types.is_some();
    let sizes: Vec<Resources> = skus.values().copied().collect();
    let cells = |sum| solve::cells(sum, &sizes);
    let total = cells(here.resources_total);
    let quota = total.as_ref().map(|cells| cells.iter().sum());
    let taken = match admission::admit(demand, &cluster.sku_types, skus, quota) {
        Ok(taken) => taken,
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
        return opportunistic(demand, cluster, &taken);
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
            Counted::cells(demand, skus, &taken, [total, healthy, free])
        }
        _ => Counted::resources(demand, here, &taken),
    };
    let certainty = if is_known && counted.is_by_cells() {
        Certainty::Likely
    } else {
        Certainty::Unknown
    };
    let found = counted.verdict(demand, cluster, &taken, certainty);
    if found.outcome == Outcome::Never && !is_known {
        // The cells that it was measured by may be none of its own.
        return Found {
            certainty: Certainty::Likely,
            ..found
        };
    }
    found
}

/// Opportunistic jobs take what nobody uses, wherever that is; who has a right to it
/// pushes them aside.
fn opportunistic(demand: &Demand, cluster: &Cluster, taken: &[Taken]) -> Found {
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
    on_nodes(demand, taken, &free, Certainty::Likely)
}

/// What is asked and what is there, in a way that lets them be compared.
struct Counted<'c> {
    /// What goes together takes of everything, one row for each kind of cell that it
    /// may have; a job fits if a row of each does, added up.
    parts: Vec<Vec<Vec<u64>>>,
    /// What each column counts: cells of a SKU, or something of the whole.
    columns: Vec<(Dimension, Option<&'c str>)>,
    /// In all, in good state, and free.
    there: [Vec<u64>; 3],
}

impl<'c> Counted<'c> {
    /// By sums of resources. Where hived gives a role more cells than it asks for, what is in
    /// these counts.
    fn resources(demand: &Demand, here: &VirtualCluster, taken: &[Taken]) -> Self {
        let row = |of: Resources| vec![of.gpu, of.cpu, of.memory];
        let (healthy, used) = (row(here.resources_guaranteed), row(here.resources_used));
        let free = healthy
            .iter()
            .zip(used)
            .map(|(healthy, used)| healthy.saturating_sub(used))
            .collect();
        let part = |(role, taken): (&RoleDemand, &Taken)| {
            let count = demand.at_once(role);
            let all = |asked: u64, cell: u64| {
                let each = asked.max(taken.cells.saturating_mul(cell));
                each.saturating_mul(count)
            };
            vec![vec![
                all(role.gpu, taken.cell.gpu),
                all(role.cpu, taken.cell.cpu),
                all(role.memory_mb, taken.cell.memory),
            ]]
        };
        Self {
            parts: demand.roles.iter().zip(taken).map(part).collect(),
            columns: [Dimension::Gpu, Dimension::Cpu, Dimension::Memory]
                .map(|dimension| (dimension, None))
                .to_vec(),
            there: [row(here.resources_total), healthy, free],
        }
    }

    /// By the cells of each SKU. Roles that name none take as many of any as admission has
    /// counted. hived gives one SKU to all of an affinity group, and the REST server makes a
    /// group of a job that has to start together and names none; of other roles each task is
    /// placed by itself. A pinned cell is of one SKU.
    fn cells(demand: &Demand, skus: &'c Skus, taken: &[Taken], there: [Vec<u64>; 3]) -> Self {
        let mut groups: Vec<(&RoleDemand, u64)> = Vec::new();
        let names_groups = demand
            .roles
            .iter()
            .any(|role| role.affinity_group.is_some());
        let is_grouped = |role: &RoleDemand| {
            !names_groups || role.affinity_group.is_some() || role.pinned_cell_id.is_some()
        };
        let mut parts = Vec::new();
        let mut singles = u64::from(MAX_STEPS) + 1;
        let of_any = |cells: u64| -> Vec<Vec<u64>> {
            let row = |sku| {
                let mut row = vec![0; skus.len()];
                row[sku] = cells;
                row
            };
            (0..skus.len()).map(row).collect()
        };
        for (role, taken) in demand.roles.iter().zip(taken) {
            let cells = taken.cells.saturating_mul(demand.at_once(role));
            let named = role.sku_type.as_ref();
            let named = named.and_then(|named| skus.keys().position(|name| name == named));
            if let Some(sku) = named {
                parts.push(vec![of_any(cells).swap_remove(sku)]);
            } else if !demand.gang {
                parts.push(of_any(cells));
            } else if is_grouped(role) || skus.len() == 1 {
                let together = groups.iter_mut().find(|(first, _)| {
                    first.affinity_group == role.affinity_group
                        && first.pinned_cell_id == role.pinned_cell_id
                });
                match together {
                    Some((_, sum)) => *sum = sum.saturating_add(cells),
                    None => groups.push((role, cells)),
                }
            } else {
                // Of more of them than there are steps nothing is found out anyway.
                let tasks = role.instances.min(singles);
                singles -= tasks;
                parts.extend((0..tasks).map(|_| of_any(taken.cells)));
            }
        }
        parts.extend(groups.into_iter().map(|(_, cells)| of_any(cells)));
        Self {
            parts,
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

    fn verdict(
        &self,
        demand: &Demand,
        cluster: &Cluster,
        taken: &[Taken],
        certainty: Certainty,
    ) -> Found {
        let [total, healthy, free] = &self.there;
        let mut certainty = certainty;
        match self.all_fit(demand, total, ReasonKind::MoreThanThereIs) {
            Fits::Yes => {}
            Fits::No(reasons) => return never(reasons),
            Fits::Unknown => certainty = Certainty::Unknown,
        }
        match self.all_fit(demand, healthy, ReasonKind::MoreThanIsHealthy) {
            Fits::Yes => {}
            Fits::No(reasons) => return found(Outcome::WhenRepaired, reasons, certainty),
            Fits::Unknown => certainty = Certainty::Unknown,
        }
        let fits_now = if demand.gang {
            self.all_fit(demand, free, ReasonKind::MoreThanIsFree)
        } else {
            // One task that runs is a job that runs.
            let mut missing = Vec::new();
            let any = self.parts.iter().any(|part| {
                match self.fit(slice::from_ref(part), free, ReasonKind::MoreThanIsFree) {
                    Fits::Yes => true,
                    Fits::No(reasons) => {
                        missing.extend(reasons);
                        false
                    }
                    Fits::Unknown => false,
                }
            });
            if any || self.parts.is_empty() {
                Fits::Yes
            } else {
                Fits::No(missing)
            }
        };
        match fits_now {
            Fits::Yes => {}
            Fits::No(reasons) => return found(Outcome::WhenIdle, reasons, certainty),
            Fits::Unknown => return found(Outcome::WhenIdle, Vec::new(), Certainty::Unknown),
        }
        let nodes: Vec<u64> = cluster
            .nodes
            .values()
            .map(|node| node.gpu_available)
            .collect();
        if nodes.is_empty() {
            return found(Outcome::Now, Vec::new(), Certainty::Unknown);
        }
        on_nodes(demand, taken, &nodes, certainty)
    }

    /// Whether everything that has to fit does: all together or, when tasks need not start
    /// together, each role alone.
    fn all_fit(&self, demand: &Demand, there: &[u64], kind: ReasonKind) -> Fits {
        if demand.gang {
            return self.fit(&self.parts, there, kind);
        }
        let parts = self.parts.iter();
        parts
            .map(|part| self.fit(slice::from_ref(part), there, kind))
            .find(|fits| !matches!(fits, Fits::Yes))
            .unwrap_or(Fits::Yes)
    }

    /// Whether parts fit together, each in one of its ways.
    fn fit(&self, parts: &[Vec<Vec<u64>>], there: &[u64], kind: ReasonKind) -> Fits {
        let mut left = there.to_vec();
        let mut open: Vec<&[Vec<u64>]> = Vec::new();
        let mut fits = Some(true);
        for part in parts {
            match part.as_slice() {
                [only] if !take(&mut left, only) => fits = Some(false),
                [_] => {}
                ways if least(ways) == 0 => {}
                ways => open.push(ways),
            }
        }
        if fits == Some(true) {
            // The largest first: they have the fewest places.
            order::by(&mut open, |one, other| least(other).cmp(&least(one)));
            let needed = open.iter().map(|ways| least(ways));
            fits = if needed.fold(0, u64::saturating_add) > sum(&left) {
                Some(false)
            } else {
                choose(&open, &mut left, &mut MAX_STEPS.clone())
            };
        }
        match fits {
            Some(true) => return Fits::Yes,
            None => return Fits::Unknown,
            Some(false) => {}
        }
        // For people, where it is too much in the way that has the most room: as no way
        // fits, there is such a place.
        let mut asked = vec![0_u64; there.len()];
        for ways in parts {
            let room = |row: &&Vec<u64>| {
                let taken = row.iter().zip(there).filter(|(more, _)| **more > 0);
                taken.map(|(_, there)| *there).max()
            };
            for (asked, more) in asked
                .iter_mut()
                .zip(ways.iter().max_by_key(room).into_iter().flatten())
            {
                *asked = asked.saturating_add(*more);
            }
        }
        let reasons = asked
            .iter()
            .zip(there)
            .zip(&self.columns)
            .filter(|((asked, there), _)| asked > there);
        Fits::No(
            reasons
                .map(|((asked, there), (dimension, sku))| {
                    let mut reason = Reason::new(kind).numbers(*dimension, *asked, *there);
                    reason.name = sku.map(str::to_owned);
                    reason
                })
                .collect(),
        )
    }
}

/// Whether something fits.
enum Fits {
    Yes,
    /// In no way, and why.
    No(Vec<Reason>),
    /// There are too many ways to try them all.
    Unknown,
}

/// The most places that are tried for parts which may have any SKU. Each may be a call within
/// the one before, so it is also how deep they go.
const MAX_STEPS: u32 = 2_000;

/// The fewest cells that a part takes, whichever way it goes.
fn least(ways: &[Vec<u64>]) -> u64 {
    ways.iter().map(|row| sum(row)).min().unwrap_or(0)
}

/// Takes a row from what is left, if that is enough.
fn take(left: &mut [u64], row: &[u64]) -> bool {
    let fits = row.iter().zip(&*left).all(|(more, left)| more <= left);
    if fits {
        for (left, more) in left.iter_mut().zip(row) {
            *left -= more;
        }
    }
    fits
}

/// Whether the parts fit into what is left, each in one of its ways; `None` when there are no
/// steps left to find out.
fn choose(parts: &[&[Vec<u64>]], left: &mut [u64], steps: &mut u32) -> Option<bool> {
    let Some((ways, rest)) = parts.split_first() else {
        return Some(true);
    };
    for row in *ways {
        *steps = steps.checked_sub(1)?;
        if !take(left, row) {
            continue;
        }
        let fits = choose(rest, left, steps);
        if fits != Some(false) {
            return fits;
        }
        for (left, more) in left.iter_mut().zip(row) {
            *left += more;
        }
    }
    Some(false)
}

/// Whether nodes have room now; what is free altogether may be spread over them, or
/// used by jobs that would have to go first.
fn on_nodes(demand: &Demand, taken: &[Taken], free: &[u64], certainty: Certainty) -> Found {
    // The GPUs in a task's cells are its own, asked for or not.
    let size = |(role, taken): (&RoleDemand, &Taken)| {
        let gpus = taken.cells.saturating_mul(taken.cell.gpu);
        (role.gpu.max(gpus), role.instances)
    };
    let tasks: Vec<(u64, u64)> = demand.roles.iter().zip(taken).map(size).collect();
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
    let each = tasks
        .iter()
        .map(|(size, count)| size.saturating_mul(*count));
    let (asked, have) = (each.fold(0, u64::saturating_add), sum(free));
    let reason = if asked > have && demand.gang {
        Reason::new(ReasonKind::MoreThanIsFree).numbers(Dimension::Gpu, asked, have)
    } else {
        let largest = tasks.iter().map(|(size, _)| *size).max().unwrap_or(0);
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
