//! `cargo deny check`: what is built in, against `deny.toml`; and `cargo machete`:
//! whether the code uses what it asks for.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::setup;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// The checks that need nothing but the lock file and the crates' sources.
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

/// A closed network may swallow a connection rather than refuse it.
const FETCH_LIMIT: Duration = Duration::from_mins(1);

/// Runs every check as a test of its own. That of advisories is skipped, and says
/// so, where their database can neither be fetched nor was fetched before.
pub(super) fn run(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let program = setup::cargo_deny(workspace)?;
    let deny = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command
            .current_dir(&workspace.root)
            .args(["--locked", "--color=never"])
            .args(arguments);
        command
    };
    let mut failed = Vec::new();
    for check in CHECKS {
        let status = workspace.watched(
            &format!("deny-{check}"),
            &mut deny(&["check", check]),
            |_| {},
        )?;
        count(check, status.success(), tally, &mut failed);
    }
    let mut machete = Command::new(setup::cargo_machete(workspace)?);
    machete
        .current_dir(&workspace.root)
        // Names of libraries come from the crates themselves, not from guesses.
        .args(["--with-metadata", "--skip-target-dir"]);
    let status = workspace.watched("machete", &mut machete, |_| {})?;
    count("unused", status.success(), tally, &mut failed);
    println!("Fetching the database of advisories");
    let fetched = workspace.quietly_within(
        FETCH_LIMIT,
        "deny-fetch",
        "fetching the advisories",
        &mut deny(&["fetch", "db"]),
    );
    if fetched.is_ok() || has_database(&databases()?) {
        let check = "advisories";
        let mut command = deny(&["check", "--disable-fetch", check]);
        let status = workspace.watched("deny-advisories", &mut command, |_| {})?;
        count(check, status.success(), tally, &mut failed);
    } else {
        crate::interrupt::check()?;
        println!("The advisories were not checked: their database cannot be fetched here.");
        tally.skip("advisories: no database of them");
    }
    ensure!(
        failed.is_empty(),
        "the dependencies do not pass: {}",
        failed.join(", ")
    );
    Ok(())
}

fn count<'a>(check: &'a str, passed: bool, tally: &mut Tally, failed: &mut Vec<&'a str>) {
    tally.count(passed);
    if !passed {
        failed.push(check);
    }
}

/// Where cargo-deny keeps what it has fetched.
fn databases() -> Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    set("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cargo")))
        .map(|home| home.join("advisory-dbs"))
        .context("neither CARGO_HOME nor HOME is set")
}

/// Whether one of the folders in `databases` holds advisories, rather than what an
/// interrupted fetch left.
fn has_database(databases: &Path) -> bool {
    std::fs::read_dir(databases)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .any(|entry| entry.path().join("crates").is_dir())
}

#[cfg(test)]
mod tests {
    use super::has_database;

    #[test]
    fn a_database_is_a_folder_with_crates() {
        let folder = tempfile::tempdir().unwrap();
        let databases = folder.path().join("advisory-dbs");
        assert!(!has_database(&databases));
        std::fs::create_dir_all(databases.join("advisory-db-1/.git")).unwrap();
        assert!(!has_database(&databases));
        std::fs::create_dir_all(databases.join("advisory-db-2/crates")).unwrap();
        assert!(has_database(&databases));
    }
}
