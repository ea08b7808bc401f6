use serde::{Deserialize, Serialize};

/// How many of the items that a query finds, and that the caller may see,
/// there are of each kind. A facet leaves its own filter out: the number beside
/// a value is how many there would be if it were chosen instead.
/// Each list begins with the most frequent value and holds 100 at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Facets {
    /// By type.
    #[serde(rename = "type")]
    pub kind: Vec<FacetValue>,
    /// By category; an item in several counts for each.
    pub category: Vec<FacetValue>,
    /// By tag; an item with several counts for each.
    pub tag: Vec<FacetValue>,
    /// By author.
    pub author: Vec<FacetValue>,
    /// By visibility: `public`, `groups` or `private`.
    pub visibility: Vec<FacetValue>,
    /// By state in review; items that were never in it are not counted.
    pub status: Vec<FacetValue>,
    /// How many of the items that pass all filters run where the caller may submit: only
    /// if that was asked for, and what the cluster has is known.
    #[serde(rename = "runsHere", default, skip_serializing_if = "Option::is_none")]
    pub runs_here: Option<RunsHere>,
}

/// How many items run in a virtual cluster of the caller's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunsHere {
    /// How many.
    pub count: u64,
    /// When OpenPAI said what the cluster has. More than a minute ago only while it does
    /// not answer.
    pub as_of: String,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FacetValue {
    /// The value, as the filter of this name takes it.
    pub value: String,
    /// How many items have it; never 0.
    pub count: u64,
}
