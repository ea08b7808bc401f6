//! Whether a job will run here: for each virtual cluster a verdict with its reasons,
//! and how certain it is.
//!
//! It is made of what every user may ask OpenPAI ([`cluster`] says which answers).
//! What OpenPAI's REST server would refuse at submission is told exactly, for hived
//! by the rules of its admission (docs/contract.md#2-openpais-rest-server). What it would take
//! and the scheduler never place is told as far as it is certain: more than there is
//! altogether, or larger than any node. Everything else waits, and "now" is never
//! more than likely: nobody but admins sees the cores and memory of a node, hived's
//! cells, pinned cells, taints, or the order of those who wait.

mod admission;
pub mod cluster;
mod demand;
mod packing;
mod solve;
mod verdict;

use serde::{Deserialize, Serialize};

use cluster::Waiting;

pub use demand::{Demand, RoleDemand};
pub use verdict::{runs, verdicts};

/// What becomes of a job in a virtual cluster, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Outcome {
    /// The user may not submit there.
    NotAllowed,
    /// OpenPAI refuses it, or takes it and can never place it.
    Never,
    /// There is enough, but a part of it is broken.
    WhenRepaired,
    /// There is enough, but others use it.
    WhenIdle,
    /// There is enough, and it is free.
    Now,
}

/// How certain a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Certainty {
    /// The numbers do not tell one kind of cell from another.
    Unknown,
    /// Something that cannot be seen may be against it.
    Likely,
    /// It is so.
    Exact,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Dimension {
    /// GPUs.
    Gpu,
    /// Processor cores.
    Cpu,
    /// Memory in MB.
    Memory,
    /// Leaf cells of hived.
    Cells,
}

/// Why a verdict is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ReasonKind {
    /// The user may not submit there.
    NotAllowed,
    /// There is no such virtual cluster; the default scheduler has one only.
    NoVirtualCluster,
    /// The storage of that name is none of the user's.
    NoStorage,
    /// hived knows no priority class of that name.
    BadPriorityClass,
    /// The cluster has no SKU of that name.
    UnknownSku,
    /// The virtual cluster has no SKU of that name.
    SkuElsewhere,
    /// A role names both a SKU and a pinned cell.
    SkuAndPinnedCell,
    /// The roles of an affinity group name different SKUs or pinned cells.
    AffinityGroupDisagrees,
    /// The SKU has none of what is asked.
    NotInSku,
    /// More cells than the virtual cluster has.
    QuotaExceeded,
    /// A task is larger than any node.
    LargerThanAnyNode,
    /// More than there is, whatever its state.
    MoreThanThereIs,
    /// More than there is in good state.
    MoreThanIsHealthy,
    /// More than is free.
    MoreThanIsFree,
    /// There is enough, but spread over nodes that each have too little.
    Fragmented,
}

impl ReasonKind {
    /// Whether OpenPAI refuses the job for this when it is submitted.
    pub fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::NotAllowed
                | Self::NoVirtualCluster
                | Self::NoStorage
                | Self::BadPriorityClass
                | Self::UnknownSku
                | Self::SkuElsewhere
                | Self::SkuAndPinnedCell
                | Self::AffinityGroupDisagrees
                | Self::NotInSku
                | Self::QuotaExceeded
        )
    }
}

/// A reason of a verdict, with what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reason {
    /// What it is.
    pub kind: ReasonKind,
    /// The task role, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The name of the SKU, storage, priority class or affinity group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the numbers count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<Dimension>,
    /// How much is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<u64>,
    /// How much is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub have: Option<u64>,
}

impl Reason {
    fn new(kind: ReasonKind) -> Self {
        Self {
            kind,
            role: None,
            name: None,
            dimension: None,
            asked: None,
            have: None,
        }
    }

    fn of_role(self, role: &str) -> Self {
        Self {
            role: Some(role.to_owned()),
            ..self
        }
    }

    fn named(self, name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..self
        }
    }

    fn numbers(self, dimension: Dimension, asked: u64, have: u64) -> Self {
        Self {
            dimension: Some(dimension),
            asked: Some(asked),
            have: Some(have),
            ..self
        }
    }
}

/// What becomes of a job in one virtual cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verdict {
    /// The virtual cluster's name.
    pub virtual_cluster: String,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why; empty if all is well.
    pub because: Vec<Reason>,
    /// How certain that is.
    pub certainty: Certainty,
    /// Who waits there already, where that is known and the job would wait too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Waiting>,
}

#[cfg(test)]
mod tests;
