use serde::{Deserialize, Serialize};

use super::{NewTag, mentioned};

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
    /// How many items that the caller may see have it, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_count: Option<u64>,
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

impl From<NewCategory> for NewTag {
    /// Categories are tags without colour, as far as this goes.
    fn from(category: NewCategory) -> Self {
        Self {
            name: category.name,
            color: None,
            description: category.description,
            extras: category.extras,
        }
    }
}
