//! The bodies that travel between clients and the REST API, as JSON.
//!
//! Field names, nullability and value sets are the contract with clients of
//! the first marketplace and must not change; additions are fine.

mod audit;
mod category;
mod evidence;
mod external;
mod facets;
mod item;
mod me;
mod news;
mod problem;
mod review;
mod storage;
mod tag;
mod usage;
mod version;
mod words;

pub use audit::{AuditAction, AuditEntry, AuditKind};
pub use category::{Category, CategoryRef, NewCategory};
pub use evidence::{
    Evidence, EvidenceSummary, ExitAnswer, ExitCode, Figures, NotCounted, OfVersion,
    OfVirtualCluster, Outcome, Quantiles, Stamp, Successes,
};
pub use external::{External, ExternalKind, ExternalState};
pub use facets::{FacetValue, Facets, RunsHere};
pub use item::{
    DataType, Deprecation, Item, ItemChanges, ItemFilter, ItemSource, ItemStatus, ItemType,
    NewItem, OFFICIAL_CATEGORY, Origin, Sharing, Visibility,
};
pub use me::Me;
pub use news::{News, NewsEntry, NewsKind, NewsRead};
pub use problem::Problem;
pub use review::{MAX_REASON, Rejection};
pub use storage::{NewStorage, Storage};
pub use tag::{LabelMerge, NewTag, Tag, TagRef};
pub use usage::JobProtocol;
pub use version::{Version, Withdrawal};

use serde::{Deserialize, Deserializer, Serialize};

/// The longest text, in characters, that the one-line fields take (`name`,
/// `summary`, `dataUrl`, a tag's `color`, …): the width of their columns.
pub const MAX_LINE: usize = 255;

/// The longest description, in bytes of UTF-8: room for a picture of 300 kB as a `data:`
/// address, which is a third longer than its bytes.
pub const MAX_DESCRIPTION: usize = 512 * 1024;

/// The longest protocol, in bytes of UTF-8. OpenPAI takes jobs of 100 kB; comments, which
/// do not travel with them, may make up the rest.
pub const MAX_PROTOCOL: usize = 128 * 1024;

/// The answer to a successful creation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Created {
    /// The new resource's id.
    pub id: String,
}

/// Tells "not mentioned" (`None`) from "set to null" (`Some(None)`) in a
/// partial update; use with `#[serde(default)]`.
fn mentioned<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Reads `null` as the type's default: old clients and old rows hold nulls
/// where today a list or a flag stands.
fn null_is_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
