use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::words::words;

words! {
    /// What an item leads to outside the marketplace.
    ExternalKind {
        /// The image of a task role.
        Image = "image",
        /// The data of a data item.
        Data = "data",
    }
}

words! {
    /// Whether it is there.
    ExternalState {
        /// It is.
        Found = "found",
        /// Its host says that there is no such thing.
        Missing = "missing",
        /// Its host does not tell strangers, so not the marketplace: it is private, or not there.
        Hidden = "hidden",
        /// Its host did not say.
        Unknown = "unknown",
    }
}

/// An image or data that an item leads to, on a host that the server may ask
/// (`CHECKED_HOSTS`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct External {
    /// What it is.
    pub kind: ExternalKind,
    /// As the item has it.
    pub address: String,
    /// Whether it is there.
    pub state: ExternalState,
    /// What an image's tag stands for: `sha256:` and 64 digits. Absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// When its host was asked: ISO 8601 with milliseconds and `Z`. Absent if that has not been
    /// yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<String>,
}
