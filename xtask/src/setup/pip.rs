//! Python programs, each set in an environment of its own beside the other tools.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::system::Program;
use crate::workspace::Workspace;

/// Installs `packages`, each with its version, with pip into the environment `name`,
/// which other versions do not share, and answers the folder of its programs.
pub(crate) fn install(workspace: &Workspace, name: &str, packages: &[String]) -> Result<PathBuf> {
    let place = workspace.tools.join(name);
    let programs = place.join("bin");
    // Written last, so that a half-made environment is made anew.
    let complete = place.join("complete");
    if complete.is_file() {
        return Ok(programs);
    }
    println!(
        "Fetching {} with pip (first time only, about a minute)",
        packages.join(", ")
    );
    let mut environment = Command::new(Program::Python.path()?);
    environment.args(["-m", "venv", "--clear"]).arg(&place);
    let doing = "making a Python environment";
    workspace.quietly(&format!("{name}-venv"), doing, &mut environment)?;
    let mut pip = Command::new(programs.join("python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ])
    .args(packages);
    workspace.quietly(&format!("{name}-pip"), "fetching Python programs", &mut pip)?;
    std::fs::write(complete, "")?;
    Ok(programs)
}
