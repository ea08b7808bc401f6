//! The wasm target, trunk and wasm-bindgen, each at the version that this
//! clone needs, in a folder of its own: clones with other needs live beside.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::tool::Tool;
use crate::workspace::{Workspace, on_path};

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
