//! Makes the one classic script that the portal loads from what trunk built:
//! trunk's `post_build` hook calls it, see `Trunk.toml`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

const LOADER: &str = include_str!("../../plugin/loader.js");

/// What the web portal server replaces by the API's address.
const API_URL_LITERAL: &str = "\"__MARKETPLACE_API_URL__\"";

/// What the compiler uses by default. wasm-opt must be told, and not more than
/// this: with every feature on it writes modules that browsers refuse.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-sign-ext",
    "--enable-mutable-globals",
];

/// Turns the glue and the wasm file in `TRUNK_STAGING_DIR` into `plugin.js`
/// and `marketplace-<hash>.wasm`. A release build (`TRUNK_PROFILE`) is made
/// smaller by the wasm-opt that `WASM_OPT` names, if it names one.
///
/// # Errors
/// When it is not called by trunk, or trunk's output is not what it expects.
pub(crate) fn run() -> Result<()> {
    let variable = |name| env::var(name).with_context(|| format!("trunk sets {name}"));
    let staging = PathBuf::from(variable("TRUNK_STAGING_DIR")?);
    let release = variable("TRUNK_PROFILE")? == "release";

    let built = only_wasm(&staging)?;
    if release {
        optimize(&built)?;
    }
    let wasm = fs::read(&built).with_context(|| format!("reading {}", built.display()))?;
    let digest: [u8; 32] = Sha256::digest(&wasm).into();
    let hash = u64::from_be_bytes(*digest.first_chunk().unwrap_or(&[0; 8]));
    let name = format!("marketplace-{hash:016x}.wasm");
    let glue_file = glue_of(&built)?;
    let glue = fs::read_to_string(&glue_file)
        .with_context(|| format!("reading {}", glue_file.display()))?;

    fs::rename(&built, staging.join(&name))?;
    fs::remove_file(&glue_file)?;
    fs::write(staging.join("plugin.js"), script(&glue, &name)?)?;
    Ok(())
}

/// The script: a function around glue and loader, because the glue declares
/// a name at its top that the portal's page must not get to see.
fn script(glue: &str, wasm_name: &str) -> Result<String> {
    let script = format!(
        "(() => {{\n\"use strict\";\nconst WASM_FILE = \"{wasm_name}\";\n{glue}\n{LOADER}}})();\n"
    );
    let literals = script.matches(API_URL_LITERAL).count();
    ensure!(
        literals == 1,
        "plugin.js holds {API_URL_LITERAL} {literals} times instead of once"
    );
    Ok(script)
}

fn only_wasm(staging: &Path) -> Result<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(staging).with_context(|| format!("reading {}", staging.display()))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with("_bg.wasm") {
            found.push(path);
        }
    }
    match found.as_slice() {
        [wasm] => Ok(wasm.clone()),
        _ => bail!(
            "{} holds {} wasm files of trunk's instead of one",
            staging.display(),
            found.len()
        ),
    }
}

/// The glue lies beside its wasm: `x.js` and `x_bg.wasm`.
fn glue_of(wasm: &Path) -> Result<PathBuf> {
    let name = wasm
        .file_name()
        .and_then(|name| name.to_str())
        .context("a wasm file has a name")?;
    Ok(wasm.with_file_name(name.replace("_bg.wasm", ".js")))
}

fn optimize(wasm: &Path) -> Result<()> {
    let Some(tool) = env::var_os("WASM_OPT").filter(|path| !path.is_empty()) else {
        eprintln!("plugin: WASM_OPT names no wasm-opt, so the wasm stays about a fifth larger");
        return Ok(());
    };
    let status = Command::new(&tool)
        .arg("-Oz")
        .args(WASM_FEATURES)
        .arg(wasm)
        .arg("-o")
        .arg(wasm)
        .status()
        .with_context(|| format!("starting {}", tool.display()))?;
    ensure!(status.success(), "{} failed: {status}", tool.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_one_function_with_one_literal_to_replace() {
        let script = script(
            "let wasm_bindgen = {};",
            "marketplace-0123456789abcdef.wasm",
        )
        .unwrap();
        assert!(script.starts_with("(() => {") && script.ends_with("})();\n"));
        assert!(script.contains("const WASM_FILE = \"marketplace-0123456789abcdef.wasm\";"));
        assert!(super::script(API_URL_LITERAL, "x").is_err());
    }

    #[test]
    fn only_what_trunk_left_is_taken() {
        let staging = tempfile::tempdir().unwrap();
        assert!(only_wasm(staging.path()).is_err());
        let wasm = staging.path().join("plugin_bg.wasm");
        fs::write(&wasm, "").unwrap();
        fs::write(staging.path().join("marketplace-00.wasm"), "").unwrap();
        assert_eq!(only_wasm(staging.path()).unwrap(), wasm);
        assert_eq!(glue_of(&wasm).unwrap(), staging.path().join("plugin.js"));
    }
}
