//! What OpenPAI's REST server checks at submission to a cluster with hived, exactly
//! (docs/contract.md#2-openpais-rest-server).

use std::collections::{BTreeMap, HashMap};

use super::cluster::Resources;
use super::{Demand, Dimension, Reason, ReasonKind, RoleDemand};

/// SKUs by name.
pub(super) type Skus = BTreeMap<String, Resources>;

/// What a job takes by the REST server's count.
pub(super) struct Admitted {
    /// The leaf cells of one task of each role: so many hived is asked for, of whatever kind
    /// they are where the role names no SKU.
    pub(super) leaf_cells: Vec<u64>,
}

/// What the REST server says to a job: `all` are the cluster's SKUs, `here` those of
/// the virtual cluster, and `quota` its cells, if they can be told.
///
/// # Errors
/// Every reason for which it would refuse the job.
pub(super) fn admit(
    demand: &Demand,
    all: &Skus,
    here: &Skus,
    quota: Option<u64>,
) -> Result<Admitted, Vec<Reason>> {
    let mut reasons = Vec::new();
    let is_opportunistic = demand.is_opportunistic();
    if let Some(class) = &demand.priority_class
        && !["prod", "test", "oppo"].contains(&class.as_str())
    {
        reasons.push(Reason::new(ReasonKind::BadPriorityClass).named(class));
    }
    check_groups(demand, &mut reasons);
    let (mut cells, mut sum) = (Vec::new(), 0_u64);
    for role in &demand.roles {
        let cell = match &role.sku_type {
            Some(_) if role.pinned_cell_id.is_some() => {
                reasons.push(Reason::new(ReasonKind::SkuAndPinnedCell).of_role(&role.name));
                continue;
            }
            Some(sku) => {
                let Some(cell) = all.get(sku) else {
                    reasons.push(
                        Reason::new(ReasonKind::UnknownSku)
                            .of_role(&role.name)
                            .named(sku),
                    );
                    continue;
                };
                if !here.contains_key(sku) && !is_opportunistic {
                    reasons.push(
                        Reason::new(ReasonKind::SkuElsewhere)
                            .of_role(&role.name)
                            .named(sku),
                    );
                    continue;
                }
                *cell
            }
            // Where there is no SKU at all, the server counts nothing and refuses nothing.
            None => {
                let skus = if is_opportunistic { all } else { here };
                let Some(cell) = least_of(skus) else {
                    // Of no SKU at all the server counts nothing, and refuses nothing.
                    cells.push(0);
                    continue;
                };
                cell
            }
        };
        let of_task = leaf_cells(role, cell, &mut reasons);
        cells.push(of_task);
        sum = sum.saturating_add(role.instances.saturating_mul(of_task));
    }
    if let Some(quota) = quota
        && reasons.is_empty()
        && demand.gang
        && !is_opportunistic
        && sum > quota
    {
        let reason = Reason::new(ReasonKind::QuotaExceeded);
        reasons.push(reason.numbers(Dimension::Cells, sum, quota));
    }
    if reasons.is_empty() {
        Ok(Admitted { leaf_cells: cells })
    } else {
        Err(reasons)
    }
}

/// What the server takes for a cell where a role names no SKU: of everything the
/// least that any SKU has.
fn least_of(skus: &Skus) -> Option<Resources> {
    skus.values().copied().reduce(|one, other| Resources {
        gpu: one.gpu.min(other.gpu),
        cpu: one.cpu.min(other.cpu),
        memory: one.memory.min(other.memory),
    })
}

/// How many cells a task takes; what the SKU has none of is a reason.
fn leaf_cells(role: &RoleDemand, cell: Resources, reasons: &mut Vec<Reason>) -> u64 {
    let mut most = 0;
    for (dimension, asked, has) in [
        (Dimension::Gpu, role.gpu, cell.gpu),
        (Dimension::Cpu, role.cpu, cell.cpu),
        (Dimension::Memory, role.memory_mb, cell.memory),
    ] {
        if asked == 0 {
            continue;
        }
        if has == 0 {
            let mut reason = Reason::new(ReasonKind::NotInSku).of_role(&role.name);
            reason.name.clone_from(&role.sku_type);
            reasons.push(reason.numbers(dimension, asked, 0));
        } else {
            most = most.max(asked.div_ceil(has));
        }
    }
    most
}

fn check_groups(demand: &Demand, reasons: &mut Vec<Reason>) {
    let mut groups: HashMap<&str, &RoleDemand> = HashMap::new();
    for role in &demand.roles {
        let Some(group) = &role.affinity_group else {
            continue;
        };
        let first = groups.entry(group).or_insert(role);
        if first.sku_type != role.sku_type || first.pinned_cell_id != role.pinned_cell_id {
            let reason = Reason::new(ReasonKind::AffinityGroupDisagrees);
            reasons.push(reason.of_role(&role.name).named(group));
        }
    }
}
