//! A cluster as OpenPAI's answers describe it. They are read leniently: what is
//! missing or of a wrong type counts as 0 or nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// Everything about a cluster that decides who runs where. None of it depends on who
/// asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Cluster {
    /// Of `GET /api/v2/cluster/sku-types`: all SKUs of hived, per leaf cell. Empty
    /// with the default scheduler.
    pub sku_types: BTreeMap<String, Resources>,
    /// Of `GET /api/v2/virtual-clusters`.
    pub virtual_clusters: BTreeMap<String, VirtualCluster>,
    /// Of `GET /api/v2/virtual-clusters?nodes`; empty if not known.
    pub nodes: BTreeMap<String, NodeGpus>,
}

impl Cluster {
    /// What it is made of, whatever is broken or used of it: all that decides whether a
    /// job ever runs, and it seldom changes.
    #[must_use]
    pub fn without_use(mut self) -> Self {
        for here in self.virtual_clusters.values_mut() {
            here.resources_guaranteed = Resources::default();
            here.resources_used = Resources::default();
            here.waiting = None;
        }
        for node in self.nodes.values_mut() {
            node.gpu_available = 0;
        }
        self
    }
}

/// Of `GET /api/v2/virtual-clusters`, and what others say of the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VirtualCluster {
    /// All cells, broken ones too; with the default scheduler all nodes.
    pub resources_total: Resources,
    /// Those that are healthy.
    pub resources_guaranteed: Resources,
    /// Those that are healthy and used; opportunistic jobs do not count.
    pub resources_used: Resources,
    /// Of `GET /api/v2/cluster/sku-types?vc=…` (OpenPAI 1.3 and later): the SKUs that
    /// it has. `None` if not known.
    pub sku_types: Option<BTreeMap<String, Resources>>,
    /// Of `GET /api/v2/jobs?vc=…&state=WAITING`; `None` if not known.
    pub waiting: Option<Waiting>,
}

/// So much of everything; a SKU's are those of one leaf cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resources {
    /// GPUs.
    #[serde(deserialize_with = "count")]
    pub gpu: u64,
    /// Processor cores.
    #[serde(deserialize_with = "count")]
    pub cpu: u64,
    /// Memory in MB (OpenPAI counts 2^20 bytes as one).
    #[serde(deserialize_with = "count")]
    pub memory: u64,
}

/// The GPUs of a node, of the whole cluster and not of one virtual cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeGpus {
    /// Those that it has.
    #[serde(deserialize_with = "count")]
    pub gpu_total: u64,
    /// Those that nobody uses.
    #[serde(deserialize_with = "count")]
    pub gpu_available: u64,
}

/// Who waits in a virtual cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Waiting {
    /// How many jobs.
    #[serde(deserialize_with = "count")]
    pub jobs: u64,
    /// How many GPUs they ask for together.
    #[serde(deserialize_with = "count")]
    pub gpus: u64,
}

/// What decides it of the user who asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct User {
    /// Of `GET /api/v2/users/{name}`: where the user may submit.
    #[serde(rename = "virtualCluster")]
    pub virtual_clusters: Vec<String>,
    /// The names of `GET /api/v2/storages`; `None` if not known.
    pub storages: Option<Vec<String>>,
}

/// A count, however it is written.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let number = match &value {
        serde_json::Value::Number(number) => number.as_f64(),
        serde_json::Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what is exact"
    )]
    Ok(number.map_or(0, |number: f64| number.clamp(0.0, 9e15) as u64))
}
