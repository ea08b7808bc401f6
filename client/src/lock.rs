//! `marketplace.lock`: which item a folder is, and what it was when the folder last knew it.
//!
//! It stands in the folder and is committed with it. The id is not in the front matter,
//! because one folder may be pushed to several marketplaces, each of which has an id of its
//! own, and because people write front matter and programs do not. What the item was tells
//! a change of the folder's from one that somebody made in the marketplace.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::fields::Digests;
use crate::files;

/// The file's name.
pub(crate) const LOCK: &str = "marketplace.lock";

/// The most bytes of it: one marketplace takes one kilobyte.
const MAX_LOCK: usize = 64 * 1024;

/// What it says, by the addresses of marketplaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Lock(BTreeMap<String, Known>);

/// An item, as the folder last knew it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) fields: Digests,
}

impl Lock {
    /// Reads that of a folder; without one nothing is known.
    ///
    /// # Errors
    /// When it cannot be read, such as after a merge that left marks in it.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(LOCK);
        if !file.exists() {
            return Ok(Self::default());
        }
        let text = files::read_bounded(&file, MAX_LOCK)?;
        serde_json::from_str(&text).with_context(|| {
            format!(
                "{} is not what this program wrote: take it from the last commit that has it, or pull the item anew",
                file.display()
            )
        })
    }

    /// What is known of the item of the marketplace at this address.
    pub(crate) fn known(&self, url: &str) -> Option<&Known> {
        self.0.get(url)
    }

    /// Notes what is known, and writes the file if that is new.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn note(&mut self, folder: &Path, url: &str, known: Known) -> anyhow::Result<()> {
        if self.0.get(url) == Some(&known) {
            return Ok(());
        }
        self.0.insert(url.to_owned(), known);
        let file = folder.join(LOCK);
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_by_marketplace_and_written_when_it_is_new() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let known = |id: &str| Known {
            id: id.to_owned(),
            fields: Digests::from([("name".to_owned(), "sha256:1".to_owned())]),
        };
        let mut lock = Lock::read(folder).unwrap();
        lock.note(folder, "http://a", known("1")).unwrap();
        lock.note(folder, "http://b", known("2")).unwrap();
        let read = Lock::read(folder).unwrap();
        assert_eq!(read, lock);
        assert_eq!(read.known("http://a"), Some(&known("1")));
        assert_eq!(read.known("http://c"), None);
        fs::write(folder.join(LOCK), "<<<<<<< HEAD\n").unwrap();
        lock.note(folder, "http://b", known("2")).unwrap();
        let error = Lock::read(folder).unwrap_err().to_string();
        assert!(error.contains("not what this program wrote"), "{error}");
    }
}
