//! Programs that pip brings, each set of them in an environment of its own
//! beside the other tools.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::Program;
use crate::workspace::Workspace;

/// Installs `packages`, each written `NAME==VERSION`, into the environment
/// `name` unless they are there, and answers the folder of their programs.
///
/// # Errors
/// When Python or pip fail.
pub(crate) fn environment(
    workspace: &Workspace,
    name: &str,
    packages: &[&str],
) -> Result<PathBuf> {
    let place = workspace.tools.join(name);
    // Written last, so that a half-made environment is made anew, and so is
    // one of other versions.
    let complete = place.join("complete");
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&complete).is_ok_and(|there| there == wanted) {
        return Ok(place.join("bin"));
    }
    println!(
        "Fetching {} with pip (first time only, about a minute)",
        packages.join(", ")
    );
    let mut venv = Command::new(Program::Python.path()?);
    venv.args(["-m", "venv", "--clear"]).arg(&place);
    let doing = "making a Python environment";
    workspace.quietly(&format!("{name}-venv"), doing, &mut venv)?;
    let mut pip = Command::new(place.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet"])
        .arg("--disable-pip-version-check")
        .args(packages);
    workspace.quietly(&format!("{name}-pip"), "fetching Python packages", &mut pip)?;
    std::fs::write(complete, wanted)?;
    Ok(place.join("bin"))
}
