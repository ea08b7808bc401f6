//! Makes the one classic script that the portal loads from what trunk built:
//! trunk's `post_build` hook calls it, see `Trunk.toml`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::workspace::{PLUGIN_PACKAGE, READER_PACKAGE};

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

/// A module of wasm, which trunk built together with its glue.
struct Module {
    /// What `loader.js` calls it.
    constant: &'static str,
    /// The package it is made of.
    package: &'static str,
    /// How the name of its file begins.
    stem: &'static str,
}

const MODULES: [Module; 2] = [
    Module {
        constant: "APP",
        package: PLUGIN_PACKAGE,
        stem: "marketplace",
    },
    Module {
        constant: "READER",
        package: READER_PACKAGE,
        stem: "marketplace-reader",
    },
];

/// Turns the glue and the wasm files in `TRUNK_STAGING_DIR` into `plugin.js`,
/// `marketplace-<hash>.wasm` and `marketplace-reader-<hash>.wasm`. A release
/// build (`TRUNK_PROFILE`) is made smaller by the wasm-opt that `WASM_OPT`
/// names, if it names one.
///
/// # Errors
/// When it is not called by trunk, or trunk's output is not what it expects.
pub(crate) fn run() -> Result<()> {
    let variable = |name| env::var(name).with_context(|| format!("trunk sets {name}"));
    let staging = PathBuf::from(variable("TRUNK_STAGING_DIR")?);
    let release = variable("TRUNK_PROFILE")? == "release";

    let mut declarations = String::new();
    for module in MODULES {
        declarations.push_str(&module.declare(&staging, release)?);
    }
    fs::write(staging.join("plugin.js"), script(&declarations)?)?;
    Ok(())
}

impl Module {
    /// Gives the wasm its name and takes in the glue: what `loader.js` needs
    /// to know of the module, as JavaScript.
    fn declare(&self, staging: &Path, release: bool) -> Result<String> {
        let built = staging.join(format!("{}_bg.wasm", self.package));
        if release {
            optimize(&built)?;
        }
        let wasm = fs::read(&built).with_context(|| format!("reading {}", built.display()))?;
        let hash = u64::from_be_bytes(Sha256::digest(&wasm)[..8].try_into()?);
        let file = format!("{}-{hash:016x}.wasm", self.stem);
        let glue_file = staging.join(format!("{}.js", self.package));
        let glue = fs::read_to_string(&glue_file)
            .with_context(|| format!("reading {}", glue_file.display()))?;

        fs::rename(&built, staging.join(&file))?;
        fs::remove_file(&glue_file)?;
        let constant = self.constant;
        // Both glues declare the same name.
        Ok(format!(
            "const {constant} = {{ file: \"{file}\", glue: (() => {{\n{glue}\nreturn wasm_bindgen;\n}})() }};\n"
        ))
    }
}

/// The script: a function around all of it, because the portal's page must
/// not get to see its names.
fn script(declarations: &str) -> Result<String> {
    let script = format!("(() => {{\n\"use strict\";\n{declarations}{LOADER}}})();\n");
    let literals = script.matches(API_URL_LITERAL).count();
    ensure!(
        literals == 1,
        "plugin.js holds {API_URL_LITERAL} {literals} times instead of once"
    );
    Ok(script)
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
        let whole = script("const APP = {};\n").unwrap();
        assert!(whole.starts_with("(() => {") && whole.ends_with("})();\n"));
        assert!(whole.contains("\nconst APP = {};\n"));
        assert!(script(API_URL_LITERAL).is_err());
    }

    #[test]
    fn a_module_gets_a_name_that_changes_with_its_content() {
        let staging = tempfile::tempdir().unwrap();
        let [_, reader] = MODULES;
        let mut declared = Vec::new();
        for content in ["one", "another"] {
            let name = |end| staging.path().join(format!("{READER_PACKAGE}{end}"));
            fs::write(name("_bg.wasm"), content).unwrap();
            fs::write(name(".js"), "let wasm_bindgen = 1;").unwrap();
            declared.push(reader.declare(staging.path(), false).unwrap());
            assert!(!name("_bg.wasm").exists() && !name(".js").exists());
        }
        assert_ne!(declared[0], declared[1]);
        let (_, rest) = declared[0].split_once("file: \"").unwrap();
        let (file, rest) = rest.split_once('"').unwrap();
        assert!(file.starts_with("marketplace-reader-"), "{file}");
        assert_eq!(
            fs::read_to_string(staging.path().join(file)).unwrap(),
            "one"
        );
        assert!(rest.contains("let wasm_bindgen = 1;"));
        assert!(reader.declare(staging.path(), false).is_err());
    }
}
