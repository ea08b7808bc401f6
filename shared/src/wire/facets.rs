use serde::{Deserialize, Serialize};

/// How many of the items that a query finds, and that the caller may see,
/// there are of each kind. Every filter of the query counts, a facet's own
/// too: the number beside a value is what choosing it besides would leave.
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
    /// By visibility: `public`, `private`, or `protected`, which is neither.
    pub visibility: Vec<FacetValue>,
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
