//! What two protocols mean differently: not lines but meaning. Another image,
//! four GPUs in place of one, a command that is new, a task role that has
//! another name.
//!
//! [`compare`] answers a [`Diff`], which travels as JSON and reads the same in
//! browser and command line. Nothing is said of what means the same: comments,
//! quotes, the order of keys, aliases, merge keys, `0x10` for `16`.
//!
//! [`mod@merge`] puts two changes of one protocol together, by meaning too, and [`mod@lines`]
//! compares texts as they are.
//!
//! The other way round too: two protocols without a [`Change`] are the same
//! job. Prerequisites and deployments are known by their names, so their order
//! does not count.
//!
//! The work grows with the length of both texts, and what comes out is bounded
//! by [`MAX_CHANGES`] and [`MAX_SHOWN`].

mod describe;
mod fingerprint;
mod lines;
mod merge;
mod renames;
mod sequence;
mod shown;
mod subject;
mod walk;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::protocol::Diagnostic;
use crate::protocol::yaml;

pub use lines::{Line, lines};
pub use merge::{Conflict, Side, Unmerged, merge, merge_preferring};
pub use subject::Subject;

/// At most so many changes are told; [`Diff::left_out`] says how many more there
/// are. Far more than a person reads.
pub const MAX_CHANGES: usize = 500;

/// The longest value that a change shows, in characters; what is longer is cut,
/// and ends with `…`.
pub const MAX_SHOWN: usize = 1000;

/// What two protocols mean differently.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Diff {
    /// What has changed, what a job is called first, then in the order in which
    /// a protocol is usually written.
    pub changes: Vec<Change>,
    /// How many changes there are beyond [`MAX_CHANGES`].
    pub left_out: u32,
}

impl Diff {
    /// Whether both mean the same.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// What became of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Kind {
    /// Only the newer protocol has it.
    Added,
    /// Only the older one has it.
    Removed,
    /// Both have it, with different values.
    Changed,
    /// It has another name, and is otherwise plainly the same; what else is
    /// different about it is told by changes of their own.
    Renamed,
    /// It stands elsewhere in its list.
    Moved,
}

/// One thing that is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// What became of it.
    pub kind: Kind,
    /// What sort of thing it is.
    pub subject: Subject,
    /// The task role, prerequisite or deployment that it is part of, by the
    /// newer name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// What it is called itself: a parameter's, role's or port's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its number in a list of commands or addresses, from 1: in the newer
    /// protocol, or in the older one if it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Where in the newer protocol, or in the older one if it was removed: as
    /// [`Diagnostic::path`].
    pub path: String,
    /// What was there. Absent if nothing was, if it is a secret, and where the
    /// name says enough (a task role). At most [`MAX_SHOWN`] characters. Of
    /// texts with several lines only those that differ; of something that was
    /// renamed or moved its old name or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What is there now, in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The first line that differs, from 1, where only a part of a text with
    /// several lines is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// Which of two protocols cannot be compared, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// Whether it is the older one.
    pub is_older: bool,
    /// What keeps it from being read; empty if it is no mapping.
    pub diagnostics: Vec<Diagnostic>,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let which = if self.is_older { "older" } else { "newer" };
        match self.diagnostics.first() {
            Some(first) => write!(f, "the {which} protocol cannot be read: {first}"),
            None => write!(f, "the {which} protocol is no mapping"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Compares two protocols, valid or not.
///
/// # Errors
/// When one of them is no YAML, or no mapping.
pub fn compare(older: &str, newer: &str) -> Result<Diff, Unreadable> {
    let read = |text: &str, is_older: bool| {
        let unreadable = |diagnostics| Unreadable {
            is_older,
            diagnostics,
        };
        let document = yaml::parse_leniently(text).map_err(unreadable)?;
        if document.root().is_mapping() {
            Ok(document)
        } else {
            Err(unreadable(Vec::new()))
        }
    };
    Ok(walk::compare(&read(older, true)?, &read(newer, false)?))
}

#[cfg(test)]
mod tests;
