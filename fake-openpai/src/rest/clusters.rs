use poem::handler;
use poem::web::Json;
use serde_json::{Value, json};

use super::authn::Caller;

/// The share of the whole cluster that a virtual cluster has, in percent, and
/// how many of its GPUs are busy.
const VIRTUAL_CLUSTERS: [(&str, u64, u64); 3] =
    [("default", 50, 9), ("vision", 30, 8), ("nlp", 20, 2)];

// The whole cluster: eight machines with four GPUs each.
const CPUS: u64 = 256;
const GPUS: u64 = 32;
const MEMORY_MB: u64 = 8 * 262_144;

#[handler]
pub(super) fn list(_caller: Caller) -> Json<Value> {
    Json(
        VIRTUAL_CLUSTERS
            .iter()
            .map(|&(name, percent, busy_gpus)| (name.to_owned(), describe(percent, busy_gpus)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    )
}

pub(super) fn exists(name: &str) -> bool {
    VIRTUAL_CLUSTERS.iter().any(|(known, ..)| *known == name)
}

fn describe(percent: u64, busy_gpus: u64) -> Value {
    let total = resources(GPUS * percent / 100);
    json!({
        "capacity": percent,
        "maxCapacity": percent,
        "usedCapacity": 100 * busy_gpus / GPUS,
        "dedicated": false,
        "resourcesUsed": resources(busy_gpus),
        "resourcesGuaranteed": total,
        "resourcesTotal": total,
    })
}

/// That many GPUs with their share of the other resources.
fn resources(gpus: u64) -> Value {
    json!({ "cpu": gpus * CPUS / GPUS, "memory": gpus * MEMORY_MB / GPUS, "gpu": gpus })
}
