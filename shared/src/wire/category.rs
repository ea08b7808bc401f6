use serde::{Deserialize, Serialize};

use super::mentioned;

/// A category as items carry it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CategoryRef {
    /// Free text: mostly UUIDs.
    pub id: String,
    /// Unique among categories.
    pub name: String,
}

/// A category of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Category {
    /// Free text: mostly UUIDs.
    pub id: String,
    /// Unique among categories.
    pub name: String,
    /// What belongs into it.
    pub description: Option<String>,
    /// Free text for clients.
    pub extras: Option<String>,
    /// ISO 8601 with milliseconds and `Z`.
    pub created_at: String,
    /// ISO 8601 with milliseconds and `Z`.
    pub updated_at: String,
}

/// The body of `POST /categories` and of `PUT /categories/{id}`: there, what
/// is not mentioned stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewCategory {
    /// Required on create; at least 1 and at most 255 characters; unique.
    pub name: Option<String>,
    /// What belongs into it, at most 255 characters.
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
