use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::words::words;

words! {
    /// What somebody did.
    AuditAction {
        /// Made it.
        Create = "create",
        /// Changed it; the details name the fields.
        Update = "update",
        /// Deleted it.
        Delete = "delete",
        /// Put another tag or category in its place, which the details name.
        Merge = "merge",
        /// Let the public see an item.
        Approve = "approve",
        /// Kept an item from the public.
        Reject = "reject",
        /// Took an item out of use.
        Quarantine = "quarantine",
        /// Said that a version, whose number is in the details, should not be used any more.
        Withdraw = "withdraw",
        /// Took that back.
        Reinstate = "reinstate",
        /// Gave an item a tag, which the details name.
        AddTag = "add-tag",
        /// Took a tag from an item.
        RemoveTag = "remove-tag",
        /// Put an item into a category, which the details name.
        AddCategory = "add-category",
        /// Took an item out of a category.
        RemoveCategory = "remove-category",
    }
}

words! {
    /// What it was done to.
    AuditKind {
        /// A template or data set.
        Item = "item",
        /// A tag of its own.
        Tag = "tag",
        /// A category of its own.
        Category = "category",
        /// A storage of the cluster.
        Storage = "storage",
    }
}

/// One line of `GET /audit`: who did what to which thing when. It never holds
/// what was written, only which fields were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntry {
    /// Grows with time.
    pub id: i64,
    /// When; ISO 8601 with milliseconds and `Z`.
    pub at: String,
    /// Who.
    pub user: String,
    /// Did what.
    pub action: AuditAction,
    /// To what kind of thing.
    pub kind: AuditKind,
    /// The thing's id, which may lead nowhere by now.
    pub target_id: String,
    /// The thing's name at that time.
    pub target_name: Option<String>,
    /// The changed fields, or the name of the tag or category.
    pub details: Vec<String>,
}
