//! Words that are no English, in code, comments and guides: `typos`, with the
//! exceptions in `_typos.toml`.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::setup;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Newer ones know more slips; then it is time to mend those and to raise this.
const VERSION: &str = "1.52.0";

/// Reads every file of the clone as one test.
///
/// # Errors
/// When the program cannot be installed, or found something.
pub(super) fn run(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let package = format!("typos=={VERSION}");
    let programs = setup::python(workspace, &format!("typos-{VERSION}"), &[package])?;
    let mut typos = Command::new(programs.join("typos"));
    typos
        .current_dir(&workspace.root)
        .args(["--format", "brief", "--color", "never"]);
    let status = workspace.watched("spelling", &mut typos, |_| {})?;
    tally.count(status.success());
    ensure!(
        status.success(),
        "mend these words, or excuse them in _typos.toml"
    );
    Ok(())
}
