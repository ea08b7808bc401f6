//! What two protocols mean differently, and one that means what both do. Hardly anybody
//! ever needs it, so it is a chunk of its own.

use shared::diff::{self, Unmerged};

use crate::chunks::chunks;

/// The chunk, loaded.
#[derive(Clone, Copy)]
pub(crate) struct Changes {
    /// A sentence for each difference, in English as the validator's; none if one of both
    /// texts cannot be read.
    pub lines: fn(older: &str, newer: &str) -> Option<Vec<String>>,
    /// What both have made of the first; or where both have changed the same, which is
    /// empty if that cannot be said.
    pub merge: fn(base: &str, ours: &str, theirs: &str) -> Result<String, Vec<String>>,
}

chunks! {
    /// Comparing protocols.
    changes: Changes = Changes { lines, merge };
}

fn lines(older: &str, newer: &str) -> Option<Vec<String>> {
    let diff = diff::compare(older, newer).ok()?;
    let mut lines: Vec<String> = diff.changes.iter().map(ToString::to_string).collect();
    if diff.left_out > 0 {
        lines.push(format!("… +{}", diff.left_out));
    }
    Some(lines)
}

fn merge(base: &str, ours: &str, theirs: &str) -> Result<String, Vec<String>> {
    diff::merge(base, ours, theirs).map_err(|unmerged| match unmerged {
        Unmerged::Conflicts(conflicts) => conflicts.into_iter().map(|one| one.path).collect(),
        Unmerged::Unreadable | Unmerged::Texts => Vec::new(),
    })
}
