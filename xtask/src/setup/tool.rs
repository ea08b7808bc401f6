//! Programs that cargo builds, each version in a folder of its own beside the
//! clones, which may need different ones.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::process::version_of;
use crate::workspace::{Workspace, cargo, on_path};

/// The newest cargo-deny; it wants rustc 1.88.
const CARGO_DENY: &str = "0.20.2";
/// The newest cargo-machete.
const CARGO_MACHETE: &str = "0.9.2";

/// The program that checks what is built in against `deny.toml`.
pub(super) fn cargo_deny(workspace: &Workspace) -> Result<PathBuf> {
    Tool {
        program: "cargo-deny",
        package: "cargo-deny",
        version: CARGO_DENY,
        locked: true,
        purpose: "which checks the dependencies; about 4 minutes on 2 cores",
    }
    .provide(workspace)
}

/// The program that finds dependencies which no code uses.
pub(super) fn cargo_machete(workspace: &Workspace) -> Result<PathBuf> {
    Tool {
        program: "cargo-machete",
        package: "cargo-machete",
        version: CARGO_MACHETE,
        locked: true,
        purpose: "which finds unused dependencies; about 1 minute on 2 cores",
    }
    .provide(workspace)
}

/// A program that cargo installs from its sources.
pub(super) struct Tool<'a> {
    pub(super) program: &'a str,
    pub(super) package: &'a str,
    pub(super) version: &'a str,
    pub(super) locked: bool,
    pub(super) purpose: &'a str,
}

impl Tool<'_> {
    pub(super) fn provide(&self, workspace: &Workspace) -> Result<PathBuf> {
        let root = workspace
            .tools
            .join(format!("{}-{}", self.program, self.version));
        let ours = root.join("bin").join(self.program);
        let ready = |path: &PathBuf| self.is_at(path);
        if let Some(found) = [Some(ours.clone()), on_path(&[self.program])]
            .into_iter()
            .flatten()
            .find(ready)
        {
            return Ok(found);
        }
        let _lock = lock(&workspace.tools)?;
        // Somebody else may have built it while we waited.
        if !ready(&ours) {
            self.build(workspace, &root)?;
        }
        if !ready(&ours) {
            bail!(
                "{} was built, but does not say it is {}",
                ours.display(),
                self.version
            );
        }
        Ok(ours)
    }

    fn is_at(&self, path: &Path) -> bool {
        // Some say their name before it.
        version_of(path).is_some_and(|said| {
            let mut words = said.split_whitespace().take(2);
            words.any(|word| word == self.version)
        })
    }

    fn build(&self, workspace: &Workspace, root: &Path) -> Result<()> {
        println!(
            "Building {} {}, {} (first time only)",
            self.program, self.version, self.purpose
        );
        let scratch = workspace.tools.join("build");
        let mut command = cargo();
        command
            .args(["install", "--force", "--root"])
            .arg(root)
            .args(self.locked.then_some("--locked"))
            .arg(format!("{}@{}", self.package, self.version))
            .env("CARGO_TARGET_DIR", &scratch)
            // A tool that runs for seconds need not be optimised for minutes.
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            // Outside the workspace, so that its cargo settings do not apply.
            .current_dir(&workspace.tools);
        let log = format!("install-{}", self.program);
        workspace.quietly(&log, &format!("building {}", self.program), &mut command)?;
        // Gigabytes that nobody reads again; an interrupted build goes on
        // from what it left.
        std::fs::remove_dir_all(&scratch).context("cannot tidy up after the build")
    }
}

/// Keeps two of us from building into one folder, until dropped.
fn lock(tools: &Path) -> Result<File> {
    std::fs::create_dir_all(tools)?;
    let file = File::create(tools.join(".lock"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            println!("Waiting for another `cargo xtask` that is setting up tools");
            file.lock()?;
        }
        Err(TryLockError::Error(error)) => return Err(error).context("cannot lock the tools"),
    }
    Ok(file)
}
