//! The wasm target, trunk and wasm-bindgen, each at the version that this
//! clone needs, in a folder of its own: clones with other needs live beside.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::version_of;
use crate::workspace::{Workspace, cargo, on_path};

/// The newest trunk that this Rust builds: 0.22 wants rustc 1.96.
const TRUNK: &str = "0.21.14";
/// The target of the plugin.
const TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that Rust can compile for the browser.
pub(crate) fn target(workspace: &Workspace) -> Result<()> {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(&workspace.root)
        .output()
        .context("cannot start rustc")?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if output.status.success() && folder.is_dir() {
        return Ok(());
    }
    if on_path(&["rustup"]).is_none() {
        bail!(
            "this Rust cannot compile for the browser and there is no rustup to teach it: install \
             the target {TARGET} the way this Rust was installed, or install Rust with rustup"
        );
    }
    println!("Adding Rust's target {TARGET} (first time only, under a minute)");
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", TARGET])
        .current_dir(&workspace.root);
    workspace.quietly("rustup", "adding the wasm target", &mut rustup)
}

/// The program trunk, which drives the plugin's build.
pub(crate) fn trunk(workspace: &Workspace) -> Result<PathBuf> {
    Tool {
        program: "trunk",
        package: "trunk",
        version: TRUNK,
        locked: true,
        purpose: "which packs the plugin; about 5 minutes on 2 cores",
    }
    .provide(workspace)
}

/// The folder of the wasm-bindgen tools. They work only with the code that
/// exactly their version of the library generated.
pub(crate) fn wasm_bindgen(workspace: &Workspace) -> Result<PathBuf> {
    let program = Tool {
        program: "wasm-bindgen",
        package: "wasm-bindgen-cli",
        version: &workspace.locked_version("wasm-bindgen")?,
        // Its own lock file names versions that no longer resolve.
        locked: false,
        purpose: "which joins wasm and JavaScript; about 3 minutes on 2 cores",
    }
    .provide(workspace)?;
    let folder = program.parent().context("wasm-bindgen is in no folder")?;
    Ok(folder.to_path_buf())
}

/// A program that cargo installs from its sources.
struct Tool<'a> {
    program: &'a str,
    package: &'a str,
    version: &'a str,
    locked: bool,
    purpose: &'a str,
}

impl Tool<'_> {
    fn provide(&self, workspace: &Workspace) -> Result<PathBuf> {
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
        version_of(path).is_some_and(|said| said.split_whitespace().nth(1) == Some(self.version))
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
