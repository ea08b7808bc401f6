//! Which jobs OpenPAI takes when hived schedules (docs/contract.md#2-openpais-rest-server).

use super::submission::{Role, Submission};
use crate::hardware::{Resources, Sku, VirtualCluster};

/// A way to get at one of the dimensions, and what people call it.
type Dimension = (&'static str, fn(&Resources) -> u64, fn(&Role) -> u64);

const DIMENSIONS: [Dimension; 3] = [
    ("GPU", |cell| cell.gpu, |role| role.gpu),
    ("CPU", |cell| cell.cpu, |role| role.cpu),
    ("memory", |cell| cell.memory_mb, |role| role.memory_mb),
];

/// Why the job is not taken, if so.
pub(crate) fn check(job: &Submission) -> Result<(), String> {
    if let Some(class) = &job.priority
        && !["prod", "test", "oppo"].contains(&class.as_str())
    {
        return Err(format!("There is no jobPriorityClass {class}."));
    }
    let is_opportunistic = job.priority.as_deref() == Some("oppo");
    let virtual_cluster = VirtualCluster::find(&job.virtual_cluster);
    let own: Vec<_> = virtual_cluster
        .into_iter()
        .flat_map(VirtualCluster::skus)
        .collect();
    let mut cells = 0;
    for role in &job.roles {
        cells += role.instances * leaf_cells(role, job, is_opportunistic, &own)?;
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
    is_opportunistic: bool,
    own: &[&'static Sku],
) -> Result<u64, String> {
    let Role { name, .. } = role;
    if role.sku.is_some() && role.pinned_cell.is_some() {
        return Err(format!(
            "Task role {name} has both skuType and pinnedCellId."
        ));
    }
    let named = role.sku.as_deref().map(|sku| {
        let known = Sku::all().find(|known| known.name == sku);
        let known = known.ok_or_else(|| format!("Task role {name} has the unknown skuType {sku}."))?;
        if !is_opportunistic && !own.iter().any(|own| own.name == sku) {
            return Err(format!(
                "Task role {name} has the skuType {sku}, which the virtual cluster {} does not have.",
                job.virtual_cluster
            ));
        }
        Ok(known)
    });
    let skus: Vec<_> = match named.transpose()? {
        Some(sku) => vec![sku],
        None if is_opportunistic => Sku::all().collect(),
        None => own.to_vec(),
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
