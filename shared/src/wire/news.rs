use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::words::words;

words! {
    /// What is new.
    NewsKind {
        /// A followed item has another version.
        Version = "version",
        /// A version that was used, or one of a followed item, was withdrawn.
        Withdrawn = "withdrawn",
        /// An item that was used or is followed was deprecated.
        Deprecated = "deprecated",
        /// An item that was used or is followed was taken out of use by an admin.
        Quarantined = "quarantined",
    }
}

/// The answer to `GET /me/news`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct News {
    /// The newest first, 50 at most.
    pub entries: Vec<NewsEntry>,
    /// How many of them the caller has not read.
    pub unread: usize,
}

/// One thing that has happened to an item which the caller follows or has used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewsEntry {
    /// What has happened.
    pub kind: NewsKind,
    /// When: ISO 8601 with milliseconds and `Z`.
    pub at: String,
    /// The item's id.
    pub item_id: String,
    /// The item's name.
    pub item_name: Option<String>,
    /// Which version it is about. Absent where it is about the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
    /// The note of a version, or the reason of all else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether the caller has used just that.
    pub used: bool,
    /// Whether it has happened since the caller has read the news.
    pub unread: bool,
}

/// The body of `PUT /me/news/read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewsRead {
    /// All up to this time was read, what happened then included: the `at` of the newest entry
    /// that was shown, so that nothing is lost which has happened meanwhile.
    pub until: String,
}
