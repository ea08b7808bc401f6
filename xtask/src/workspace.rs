//! Where things are: the clone, its build folder, the tools beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

/// The package of the REST server and the plugin's file server.
pub(crate) const SERVER_PACKAGE: &str = "marketplace-api";
/// The crate of what browser and server agree on.
pub(crate) const SHARED_PACKAGE: &str = "marketplace-shared";
/// The package of the stand-in portal.
pub(crate) const PORTAL_PACKAGE: &str = "fake-openpai";
/// The plugin's package, for the browser only.
pub(crate) const PLUGIN_PACKAGE: &str = "marketplace-plugin";

/// This clone, and how loudly to work in it.
pub(crate) struct Workspace {
    /// The folder of the workspace's Cargo.toml.
    pub(crate) root: PathBuf,
    /// Cargo's build folder.
    pub(crate) target: PathBuf,
    /// The cache of tools, shared by all clones of this user.
    pub(crate) tools: PathBuf,
    /// Whether the output of tools goes to the terminal.
    pub(crate) verbose: bool,
}

impl Workspace {
    /// # Errors
    /// When cargo cannot read the workspace, or there is no home folder.
    pub(crate) fn locate(verbose: bool) -> Result<Self> {
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir
            .parent()
            .context("xtask is not inside a workspace")?
            .to_path_buf();
        let target = target_folder(&root)?;
        std::fs::create_dir_all(target.join("xtask"))?;
        Ok(Self {
            root,
            target,
            tools: cache_folder()?.join("openpai-marketplace").join("tools"),
            verbose,
        })
    }

    /// A cargo command in the workspace.
    pub(crate) fn cargo<const N: usize>(&self, args: [&str; N]) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root).args(args);
        command
    }

    /// A program that the dev profile built.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// Where a step's output is kept for reading after a failure.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(format!("{name}.log"))
    }

    /// A path as a person in the clone would type it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }

    /// The version of a package that is in Cargo.lock once.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        version_in(&lock, package)
            .map(str::to_owned)
            .with_context(|| format!("`{package}` is not in Cargo.lock"))
    }
}

/// The cargo that runs this, so that one toolchain builds everything.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The first of `names` that is a program on `PATH`.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<_> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

fn target_folder(root: &Path) -> Result<PathBuf> {
    let output = cargo()
        .current_dir(root)
        .args(["metadata", "--no-deps", "--format-version=1"])
        .output()
        .context("cannot start cargo")?;
    anyhow::ensure!(
        output.status.success(),
        "cargo cannot read the workspace:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    metadata["target_directory"]
        .as_str()
        .map(PathBuf::from)
        .context("cargo names no target folder")
}

fn cache_folder() -> Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set: there is no place for tools")
}

fn version_in<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines
        .nth(1)?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::version_in;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn finds_the_version_of_exactly_that_package() {
        assert_eq!(version_in(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version_in(LOCK, "wasm"), None);
    }
}
