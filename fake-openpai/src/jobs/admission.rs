//! Which jobs OpenPAI takes (docs/contract.md#2-openpais-rest-server). These are its rules once
//! more, apart from those of `shared::fit`: a test compares the two.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::submission::{Role, Submission};
use crate::hardware::{Hardware, Resources, Scheduler, Sku, VirtualCluster};
use crate::people::User;

/// Why a job is not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It breaks a rule of hived's.
    Invalid(String),
    /// It names a virtual cluster that the user may not use.
    VirtualCluster,
    /// It names a storage that is none of the user's.
    Storage(String),
}

/// A way to get at one of the dimensions, and what people call it.
type Dimension = (&'static str, fn(&Resources) -> u64, fn(&Role) -> u64);

const DIMENSIONS: [Dimension; 3] = [
    ("GPU", |cell| cell.gpu, |role| role.gpu),
    ("CPU", |cell| cell.cpu, |role| role.cpu),
    ("memory", |cell| cell.memory_mb, |role| role.memory_mb),
];

/// What is against a user's job.
///
/// # Errors
/// The first of what is.
pub(crate) fn check(job: &Submission, user: &User, hardware: &Hardware) -> Result<(), Refusal> {
    if hardware.scheduler == Scheduler::Hived {
        check_cells(job, hardware).map_err(Refusal::Invalid)?;
    }
    let exists = hardware.has_virtual_cluster(&job.virtual_cluster);
    if !exists || !user.may_use(&job.virtual_cluster) {
        return Err(Refusal::VirtualCluster);
    }
    let missing = job.storages.iter().find(|name| !user.has_storage(name));
    missing.map_or(Ok(()), |name| Err(Refusal::Storage(name.clone())))
}

/// What hived's rules are against.
fn check_cells(job: &Submission, hardware: &Hardware) -> Result<(), String> {
    if let Some(class) = &job.priority
        && !["prod", "test", "oppo"].contains(&class.as_str())
    {
        return Err(format!("There is no jobPriorityClass {class}."));
    }
    let is_opportunistic = job.priority.as_deref() == Some("oppo");
    let virtual_cluster = hardware.virtual_cluster(&job.virtual_cluster);
    let own: Vec<_> = virtual_cluster
        .into_iter()
        .flat_map(VirtualCluster::skus)
        .collect();
    let all: Vec<_> = hardware.skus.iter().collect();
    let mut cells = 0;
    for role in &job.roles {
        let allowed = if is_opportunistic { &all } else { &own };
        cells += role.instances * leaf_cells(role, job, &all, allowed)?;
    }
    let mut groups: HashMap<&str, [Option<&str>; 2]> = HashMap::new();
    for role in &job.roles {
        let place = [role.sku.as_deref(), role.pinned_cell.as_deref()];
        if let Some(group) = &role.affinity_group
            && *groups.entry(group).or_insert(place) != place
        {
            return Err(format!("The roles of the affinity group {group} disagree."));
        }
    }
    // Of a virtual cluster that hived does not know, nothing is known.
    let quota = virtual_cluster.map_or(u64::MAX, VirtualCluster::quota);
    if cells > quota && job.gang && !is_opportunistic {
        return Err(format!(
            "The job asks for {cells} SKUs, the virtual cluster {} has {quota}.",
            job.virtual_cluster
        ));
    }
    Ok(())
}

/// How many leaf cells each task of a role takes.
fn leaf_cells(
    role: &Role,
    job: &Submission,
    all: &[&Sku],
    allowed: &[&Sku],
) -> Result<u64, String> {
    let Role { name, .. } = role;
    if role.sku.is_some() && role.pinned_cell.is_some() {
        return Err(format!(
            "Task role {name} has both skuType and pinnedCellId."
        ));
    }
    let skus = match role.sku.as_deref() {
        None => allowed.to_vec(),
        Some(sku) => {
            let known = all.iter().find(|known| known.name == sku);
            let known =
                known.ok_or_else(|| format!("Task role {name} has the unknown skuType {sku}."))?;
            if !allowed.iter().any(|allowed| allowed.name == sku) {
                return Err(format!(
                    "Task role {name} has the skuType {sku}, which the virtual cluster {} does not have.",
                    job.virtual_cluster
                ));
            }
            vec![*known]
        }
    };
    let mut most = 0;
    for (what, of_cell, of_role) in DIMENSIONS {
        let asked = of_role(role);
        // The least of each dimension, be it of different SKUs.
        let Some(cell) = skus.iter().map(|sku| of_cell(&sku.cell)).min() else {
            continue;
        };
        if asked == 0 {
            continue;
        }
        if cell == 0 {
            return Err(format!(
                "Task role {name} asks for {what}, but its SKU has none."
            ));
        }
        most = most.max(asked.div_ceil(cell));
    }
    Ok(most)
}
