use serde::{Deserialize, Serialize};

/// What an item's protocol was from one change to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Version {
    /// Counted from 1. Of an item that has been changed very often the oldest are not kept.
    pub number: i32,
    /// `sha256:` and the SHA-256 of the protocol's text, in small hexadecimal digits.
    pub digest: String,
    /// Who made it; null in some rows of old databases.
    pub author: Option<String>,
    /// When it was made: ISO 8601 with milliseconds and `Z`. The first version of an item
    /// that was changed before there were versions is from when the item was made.
    pub created_at: String,
    /// What has changed, in its author's words.
    #[serde(default)]
    pub note: Option<String>,
    /// The version that it is again.
    #[serde(default)]
    pub restored_from: Option<i32>,
    /// Whether others than the item's author and admins can read it.
    #[serde(default)]
    pub shared: bool,
    /// Why it should not be used any more. Absent unless it is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<String>,
    /// The protocol as YAML text. Absent from lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
}

/// The body of `PUT /items/{id}/versions/{number}/withdrawal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Withdrawal {
    /// Why the version should not be used any more, for everybody who has: at least 1 and at
    /// most 255 characters.
    pub reason: String,
}
