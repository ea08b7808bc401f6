use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::words::words;

/// What `POST /items/{id}/use` writes into a job as `extras.marketplace`, so that the job can
/// be told from others when it runs. OpenPAI and the portal's submit page keep it
/// (docs/contract.md#1-the-portal-and-pluginjs).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stamp {
    /// The item's id.
    pub item: String,
    /// The number of its version.
    pub version: i32,
    /// `sha256:` and the digest of what runs: a job that was changed after it was used has
    /// another one.
    pub digest: String,
    /// The id of this use.
    #[serde(rename = "use")]
    pub use_id: String,
}

words! {
    /// How a run ended, as far as it says something about what was run.
    Outcome {
        /// It did what it should.
        Succeeded = "succeeded",
        /// What was run failed.
        Failed = "failed",
        /// The cluster failed it.
        Platform = "platform",
        /// Somebody stopped it.
        Stopped = "stopped",
        /// Nobody can tell whose fault it was.
        Unknown = "unknown",
    }
}

/// What the runs of an item on this cluster come to, in lists: absent while there are too few.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceSummary {
    /// Runs that count.
    pub runs: i32,
    /// The part of all such runs that succeeds is at least this, in percent: the lower bound of
    /// Wilson's interval at 95 %.
    pub success_at_least: i32,
}

/// The answer to `GET /items/{id}/evidence`: what the runs of an item on this cluster have
/// shown since a time. Nobody's name is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// Runs that ended since then count: ISO 8601 with milliseconds and `Z`.
    pub since: String,
    /// Nothing under three runs that count, by two people.
    #[serde(default)]
    pub figures: Option<Figures>,
}

/// What enough runs have shown. Those that succeeded and those that failed by themselves
/// count, unless the job had been changed after it was used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figures {
    /// All of them.
    #[serde(flatten)]
    pub all: Successes,
    /// From submission to the first task that ran, in milliseconds; null if no run tells.
    pub queue_time: Option<Quantiles>,
    /// From there to the end, retries included, in milliseconds, of those that succeeded.
    pub run_time: Option<Quantiles>,
    /// GPUs times hours of all that count.
    pub gpu_hours: f64,
    /// With what runs ended that failed by themselves or for unknown reasons, most frequent
    /// first, at most ten.
    pub exit_codes: Vec<ExitCode>,
    /// By virtual cluster, most runs first: those with enough runs of their own.
    pub virtual_clusters: Vec<OfVirtualCluster>,
    /// By version, newest first: those with enough runs of their own.
    pub versions: Vec<OfVersion>,
    /// What does not count.
    pub not_counted: NotCounted,
}

/// How many of some runs succeeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Successes {
    /// Runs that count.
    pub runs: i32,
    /// Those that succeeded.
    pub succeeded: i32,
    /// The lower bound of Wilson's interval at 95 %, in percent.
    pub success_at_least: i32,
}

/// Two quantiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quantiles {
    /// Half take no longer.
    pub median: i64,
    /// Nine of ten take no longer.
    pub p90: i64,
}

/// An exit code of failed runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExitCode {
    /// As OpenPAI has it (docs/contract.md#2-openpais-rest-server); null where it has none.
    pub code: Option<i32>,
    /// Runs that ended with it.
    pub runs: i32,
    /// What the item's author says about it. Absent where that is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// The runs in one virtual cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfVirtualCluster {
    /// Its name.
    pub name: String,
    /// How they went.
    #[serde(flatten)]
    pub successes: Successes,
}

/// The runs of one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfVersion {
    /// Its number.
    pub version: i32,
    /// How they went.
    #[serde(flatten)]
    pub successes: Successes,
}

/// Runs that say nothing about an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotCounted {
    /// The cluster failed them.
    pub platform: i32,
    /// Somebody stopped them.
    pub stopped: i32,
    /// Nobody can tell whose fault it was.
    pub unknown: i32,
    /// The job had been changed after it was used.
    pub edited: i32,
}

/// The body of `PUT /items/{id}/evidence/exit-codes/{code}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExitAnswer {
    /// What whoever meets this exit code should know: plain text, at least 1 and at most 1000
    /// characters.
    pub answer: String,
}
