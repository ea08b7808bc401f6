use serde::{Deserialize, Serialize};

use super::mentioned;

/// A tag as items carry it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TagRef {
    /// Free text: mostly UUIDs.
    pub id: String,
    /// Unique among tags.
    pub name: String,
    /// A CSS colour.
    pub color: Option<String>,
}

/// A tag of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tag {
    /// Free text: mostly UUIDs.
    pub id: String,
    /// Unique among tags.
    pub name: String,
    /// A CSS colour.
    pub color: Option<String>,
    /// What the tag means.
    pub description: Option<String>,
    /// Free text for clients.
    pub extras: Option<String>,
    /// ISO 8601 with milliseconds and `Z`.
    pub created_at: String,
    /// ISO 8601 with milliseconds and `Z`.
    pub updated_at: String,
    /// How many items that the caller may see have it, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_count: Option<u64>,
}

/// The body of `POST /tags` and of `PUT /tags/{id}`: there, what is not
/// mentioned stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewTag {
    /// Required on create; at least 1 and at most 255 characters; unique.
    pub name: Option<String>,
    /// A CSS colour, at most 255 characters.
    #[serde(
        deserialize_with = "mentioned",
        skip_serializing_if = "Option::is_none"
    )]
    pub color: Option<Option<String>>,
    /// What the tag means, at most 255 characters.
    #[serde(
        deserialize_with = "mentioned",
        skip_serializing_if = "Option::is_none"
    )]
    pub description: Option<Option<String>>,
    /// Free text for clients.
    #[serde(
        deserialize_with = "mentioned",
        skip_serializing_if = "Option::is_none"
    )]
    pub extras: Option<Option<String>>,
}

/// The body of `POST /tags/{id}/merge` and of `POST /categories/{id}/merge`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LabelMerge {
    /// The id of the one that takes its place.
    pub into: String,
}
