//! Snapshots that no test compares with anything any more, which would be kept
//! true by nobody.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::tally::Tally;
use crate::workspace::Workspace;

/// Folders without snapshots of ours, by their names.
const NOT_OURS: [&str; 4] = ["target", "node_modules", "dist", ".git"];

/// Where insta notes the snapshots that tests ask for.
pub(super) struct References(PathBuf);

impl References {
    /// The variable by which insta learns where to note them.
    pub(super) const VARIABLE: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";

    /// Begins an empty list.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn begin(workspace: &Workspace) -> Result<Self> {
        let list = workspace.log("snapshots");
        std::fs::write(&list, "")?;
        Ok(Self(list))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Compares the list with the clone's snapshots, as one test; all tests must
    /// have run before.
    ///
    /// # Errors
    /// When there are snapshots that no test asked for.
    pub(super) fn check(&self, workspace: &Workspace, tally: &mut Tally) -> Result<()> {
        let list = std::fs::read_to_string(&self.0)?;
        let asked_for = asked_for(&list, &workspace.root);
        let unused: Vec<_> = snapshots(&workspace.root)?
            .into_iter()
            .filter(|snapshot| !asked_for.contains(snapshot))
            .map(|snapshot| workspace.shown(&snapshot))
            .collect();
        tally.count(unused.is_empty());
        ensure!(
            unused.is_empty(),
            "no test asks for these snapshots; remove them:\n{}",
            unused.join("\n")
        );
        Ok(())
    }
}

/// Tests of several crates note their snapshots, each by an address of its own.
fn asked_for(list: &str, root: &Path) -> BTreeSet<PathBuf> {
    list.lines()
        .filter_map(|line| root.join(line).canonicalize().ok())
        .collect()
}

/// All snapshots below `root`, those included that wait for a person's word.
fn snapshots(root: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut open = vec![root.canonicalize()?];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if entry.file_type()?.is_dir() {
                if !NOT_OURS.contains(&&*name) {
                    open.push(entry.path());
                }
            } else if name.ends_with(".snap") || name.ends_with(".snap.new") {
                found.insert(entry.path());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{asked_for, snapshots};

    #[test]
    fn what_no_test_asked_for_is_left_over() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for path in ["a/snapshots", "a/node_modules", "target"] {
            std::fs::create_dir_all(root.join(path)).unwrap();
        }
        for path in [
            "a/snapshots/used.snap",
            "a/snapshots/unused.snap",
            "a/snapshots/pending.snap.new",
            "a/snapshots/else.txt",
            "a/node_modules/theirs.snap",
            "target/built.snap",
        ] {
            std::fs::write(root.join(path), "").unwrap();
        }
        let list = format!(
            "{}/a/../a/snapshots/used.snap\na/snapshots/missing.snap\n",
            root.display()
        );
        let asked_for = asked_for(&list, &root);
        let left: Vec<_> = snapshots(&root)
            .unwrap()
            .into_iter()
            .filter(|path| !asked_for.contains(path))
            .collect();
        let expected = ["pending.snap.new", "unused.snap"];
        assert_eq!(
            left,
            expected.map(|name| root.join("a/snapshots").join(name))
        );
    }
}
