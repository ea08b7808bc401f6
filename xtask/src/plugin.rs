//! The plugin's build: trunk, which calls `cargo xtask bundle` at its end.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::setup::PluginTools;
use crate::workspace::Workspace;

/// Where trunk puts the plugin.
pub(crate) const DIST: &str = "dist";
/// What the plugin is made of.
const SOURCES: &[&str] = &[
    "plugin",
    "shared",
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    "xtask/src/bundle.rs",
    "xtask/src/bundle",
];

/// Builds the plugin for use, unless `dist` holds what these sources and
/// tools make. (Cargo knows that its part is fresh, but trunk would still
/// take wasm-bindgen and wasm-opt over it.)
pub(crate) fn build(workspace: &Workspace, tools: &PluginTools) -> Result<()> {
    let stamp = workspace.target.join("xtask/plugin.stamp");
    let dist = workspace.root.join(DIST);
    let optimizers = format!("{:?}{:?}", tools.wasm_opt, tools.terser);
    let sources = fingerprint(&workspace.root, SOURCES)? ^ of_text(&optimizers);
    let is_fresh = std::fs::read_to_string(&stamp).is_ok_and(|known| {
        fingerprint(&dist, &["."]).is_ok_and(|built| known == key(sources, built))
    });
    if is_fresh {
        return Ok(());
    }
    println!("Building the plugin (first time about 5 minutes on 2 cores, later one)");
    let mut trunk = Command::new(&tools.trunk);
    trunk
        .args(["build", "--release", "--features", "split"])
        .current_dir(&workspace.root)
        .env("PATH", tools.path()?)
        // trunk reads NO_COLOR as a flag and stops at the customary `1`.
        .env("NO_COLOR", "true")
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
        .env_remove("WASM_OPT")
        .env_remove("TERSER")
        .envs(tools.wasm_opt.as_ref().map(|path| ("WASM_OPT", path)))
        .envs(tools.terser.as_ref().map(|path| ("TERSER", path)));
    workspace.quietly("trunk", "building the plugin", &mut trunk)?;
    ensure!(
        dist.join("plugin.js").is_file(),
        "trunk built no {DIST}/plugin.js"
    );
    std::fs::write(&stamp, key(sources, fingerprint(&dist, &["."])?))?;
    Ok(())
}

fn key(sources: u64, built: u64) -> String {
    format!("{sources:016x} {built:016x}")
}

/// A number that changes with the name or content of any file in `places`.
fn fingerprint(root: &Path, places: &[&str]) -> Result<u64> {
    let mut files = Vec::new();
    for place in places {
        collect(&root.join(place), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        let content =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        file.strip_prefix(root)?.hash(&mut hasher);
        content.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn of_text(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !place.is_dir() {
        files.push(place.to_path_buf());
        return Ok(());
    }
    for entry in std::fs::read_dir(place)? {
        let entry = entry?;
        // A fuzz target builds beside its sources.
        if entry.file_name() != "target" && entry.file_name() != "corpus" {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn content_and_names_count() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
        write("a", "1")?;
        let first = fingerprint(folder.path(), &["."])?;
        assert_eq!(fingerprint(folder.path(), &["."])?, first);
        write("a", "2")?;
        let second = fingerprint(folder.path(), &["."])?;
        assert_ne!(second, first);
        write("b", "")?;
        assert_ne!(fingerprint(folder.path(), &["."])?, second);
        Ok(())
    }
}
