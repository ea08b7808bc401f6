//! What the tasks need beyond Rust and a C compiler: found where it is
//! there, fetched where it is missing, never without a word.

mod npm;
mod pip;
mod promtool;
mod system;
mod tool;
mod wasm;

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::workspace::{Workspace, on_path};

pub(crate) use system::Program;

/// The tools that make the plugin.
pub(crate) struct PluginTools {
    /// trunk.
    pub(crate) trunk: PathBuf,
    /// The folder of `wasm-bindgen` and `wasm-bindgen-test-runner`.
    pub(crate) wasm_bindgen: PathBuf,
    /// wasm-opt, which makes the wasm smaller and is not strictly needed.
    pub(crate) wasm_opt: Option<PathBuf>,
    /// terser, which does the same for the script.
    pub(crate) terser: Option<PathBuf>,
}

impl PluginTools {
    /// `PATH` with these tools before all others.
    pub(crate) fn path(&self) -> Result<OsString> {
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let ours = [
            self.trunk.parent().map(PathBuf::from),
            Some(self.wasm_bindgen.clone()),
        ];
        std::env::join_paths(
            ours.into_iter()
                .flatten()
                .chain(std::env::split_paths(&rest)),
        )
        .context("a folder of PATH cannot be used")
    }
}

/// Everything for the plugin's build; what npm would bring is left out where
/// npm is missing.
pub(crate) fn for_plugin(workspace: &Workspace) -> Result<PluginTools> {
    wasm::target(workspace)?;
    Ok(PluginTools {
        wasm_bindgen: wasm::wasm_bindgen(workspace)?,
        trunk: wasm::trunk(workspace)?,
        wasm_opt: npm::optimizer(workspace, "WASM_OPT", "wasm-opt")?,
        terser: npm::optimizer(workspace, "TERSER", "terser")?,
    })
}

/// Makes sure that Rust can compile for the browser.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<()> {
    wasm::target(workspace)
}

/// The wasm target and the runner of wasm tests, as a folder for `PATH`.
pub(crate) fn for_wasm_tests(workspace: &Workspace) -> Result<PathBuf> {
    wasm::target(workspace)?;
    wasm::wasm_bindgen(workspace)
}

/// The styles of a real portal for the stand-in. Without npm it works the
/// same and looks plain.
pub(crate) fn portal_styles(workspace: &Workspace) -> Result<()> {
    if on_path(&["npm"]).is_none() {
        println!("npm is not installed: the stand-in portal will look plain.");
        return Ok(());
    }
    npm::install(workspace, "fake-openpai", "the stand-in portal's styles")
}

/// What the browser tests drive Chromium with.
pub(crate) fn browser_tests(workspace: &Workspace) -> Result<()> {
    npm::install(workspace, npm::BROWSER_TESTS, "the browser tests' driver")
}

/// The Azure Blob server that tests of storage talk to.
pub(crate) fn azurite(workspace: &Workspace) -> Result<PathBuf> {
    let folder = "api/tests/azurite";
    npm::install(workspace, folder, "the Azure Blob server of the tests")?;
    Ok(workspace
        .root
        .join(folder)
        .join("node_modules/.bin/azurite-blob"))
}

/// The program that checks the dependencies.
pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<PathBuf> {
    tool::cargo_deny(workspace)
}

/// The program that finds dependencies which no code uses.
pub(crate) fn cargo_machete(workspace: &Workspace) -> Result<PathBuf> {
    tool::cargo_machete(workspace)
}

/// Programs of Python's registry, in an environment `name` of their own: its folder
/// of programs.
pub(crate) fn python(workspace: &Workspace, name: &str, packages: &[String]) -> Result<PathBuf> {
    pip::install(workspace, name, packages)
}

/// The program that checks rules for Prometheus, where it is to be had.
pub(crate) fn promtool(workspace: &Workspace) -> Result<Option<PathBuf>> {
    promtool::provide(workspace)
}

/// Programs of the operating system, installed where that is possible.
pub(crate) fn programs(workspace: &Workspace, needed: &[Program]) -> Result<()> {
    system::install_missing(workspace, needed)
}

/// Everything that any test needs.
pub(crate) fn for_tests(workspace: &Workspace) -> Result<PluginTools> {
    programs(workspace, Program::ALL)?;
    portal_styles(workspace)?;
    browser_tests(workspace)?;
    azurite(workspace)?;
    cargo_deny(workspace)?;
    cargo_machete(workspace)?;
    for_plugin(workspace)
}
