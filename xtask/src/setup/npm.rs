//! npm packages, exactly as the lock files name them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::Result;

use crate::workspace::{Workspace, on_path};

/// The folder of the browser tests. Its packages hold what makes the plugin small as well.
pub(crate) const BROWSER_TESTS: &str = "tests/browser";

/// Installs the packages of `folder` unless they are there, as the lock file
/// says. `what` names them for a person.
pub(crate) fn install(workspace: &Workspace, folder: &str, what: &str) -> Result<()> {
    let place = workspace.root.join(folder);
    if is_installed(&place) {
        return Ok(());
    }
    println!("Fetching {what} with npm (first time only, under a minute)");
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&place);
    let log = format!("npm-{}", folder.replace('/', "-"));
    workspace.quietly(&log, &format!("fetching {what}"), &mut npm)
}

/// A program that makes the plugin smaller: the one `variable` names, else npm's, else none.
pub(crate) fn optimizer(
    workspace: &Workspace,
    variable: &str,
    program: &str,
) -> Result<Option<PathBuf>> {
    if let Some(named) = std::env::var_os(variable) {
        return Ok(Some(named.into()));
    }
    if on_path(&["npm"]).is_none() {
        println!("npm is not installed: the plugin is built without {program} and is larger.");
        return Ok(None);
    }
    install(workspace, BROWSER_TESTS, "what makes the plugin small")?;
    let programs = workspace.root.join(BROWSER_TESTS).join("node_modules/.bin");
    Ok(Some(programs.join(program)))
}

/// npm writes its own copy of the lock file when it has finished, so that an
/// interrupted installation has none.
fn is_installed(place: &Path) -> bool {
    let changed = |file: &str| -> Option<SystemTime> {
        std::fs::metadata(place.join(file)).ok()?.modified().ok()
    };
    match (
        changed("node_modules/.package-lock.json"),
        changed("package-lock.json"),
    ) {
        (Some(installed), Some(locked)) => installed >= locked,
        _ => false,
    }
}
