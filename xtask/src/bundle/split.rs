//! The app in chunks: the parts that `plugin/src/chunks.rs` names are cut out of the
//! linked wasm, and plugin.js loads each when it is needed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, ensure};

use super::{App, Optimizer, STEM, glue, write};
use crate::workspace::{PLUGIN_PACKAGE, Workspace};

/// What stands before the code that loads chunks.
const CHUNKS: &str = include_str!("../../../plugin/chunks.js");

/// What the linked wasm imports for each function with a chunk of its own.
const PLACEHOLDER: &[u8] = b"__wasm_split_placeholder__";

/// Chunks of fewer bytes share a file: a request costs more than they do, and together
/// they compress better.
const SMALL: usize = 32 * 1024;

/// Whether the app was built with the feature `split`: then it does not work before it
/// has been split.
pub(super) fn is_wanted(wasm: &[u8]) -> bool {
    wasm.windows(PLACEHOLDER.len())
        .any(|window| window == PLACEHOLDER)
}

/// Splits what cargo linked for trunk, and writes app and chunks to `staging`.
///
/// # Errors
/// When a tool fails, or writes what this does not expect.
pub(super) fn run(workspace: &Workspace, optimizer: &Optimizer, staging: &Path) -> Result<App> {
    let name = PLUGIN_PACKAGE.replace('-', "_");
    let linked = workspace
        .target
        .join(format!("wasm32-unknown-unknown/wasm-release/{name}.wasm"));
    let input = fs::read(&linked).with_context(|| format!("reading {}", linked.display()))?;
    let folder = tempfile::tempdir()?;
    let main = folder.path().join("app.wasm");
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = folder.path();
    options.main_out_path = &main;
    options.main_module = "./app.js";
    let split = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("splitting {}: {error:#}", linked.display()))?;

    let bound = folder.path().join("bound");
    let mut bindgen = Command::new("wasm-bindgen");
    bindgen
        // Chunks need the table that the linker exports.
        .args(["--target", "no-modules", "--no-typescript"])
        .args(["--keep-lld-exports", "--out-name", "app", "--out-dir"])
        .arg(&bound)
        .arg(&main);
    workspace.quietly("wasm-bindgen", "joining wasm and JavaScript", &mut bindgen)?;

    let mut chunks = Vec::new();
    for file in &split.split_modules {
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        let stem = stem.context("a chunk without a name")?.to_owned();
        chunks.push((stem, optimizer.optimized(&fs::read(file)?)?));
    }
    let names = write_chunks(chunks, staging)?;
    let links = fs::read_to_string(folder.path().join("__wasm_split.js"))?;
    let app = optimizer.optimized(&fs::read(bound.join("app_bg.wasm"))?)?;
    let glue = glue::without_streams(&fs::read_to_string(bound.join("app.js"))?)?;
    let (glue, app) = glue::numbered(&glue, &app);
    ensure!(
        glue.contains("require(\"./__wasm_split.js\")"),
        "wasm-bindgen's glue imports in another way now"
    );
    Ok(App {
        file: write(staging, STEM, "wasm", &app)?,
        preamble: format!(
            "const chunks = ((initSync) => {{\n{CHUNKS}{}}})((...given) => wasm_bindgen.initSync(...given));\n\
             const require = () => chunks;\n",
            statements(&links, &names)?
        ),
        glue,
    })
}

/// Writes the chunks, and answers the address of each: small ones are parts of one file.
fn write_chunks(
    mut chunks: Vec<(String, Vec<u8>)>,
    folder: &Path,
) -> Result<BTreeMap<String, String>> {
    chunks.sort();
    let (mut names, mut parts, mut shared) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (stem, wasm) in chunks {
        if wasm.len() < SMALL {
            let start = shared.len();
            shared.extend(wasm);
            parts.push((stem, start, shared.len()));
        } else {
            let name = stem.trim_start_matches("split_").replace('_', "-");
            let name = write(folder, &format!("{STEM}-{name}"), "wasm", &wasm)?;
            names.insert(stem, name);
        }
    }
    if !parts.is_empty() {
        let name = write(folder, &format!("{STEM}-shared"), "wasm", &shared)?;
        for (stem, start, end) in parts {
            names.insert(stem, format!("{name}#{start}-{end}"));
        }
    }
    Ok(names)
}

/// The module that loads chunks as statements of a function that knows `initSync` and
/// `script`, and that answers what the module exports.
fn statements(module: &str, names: &BTreeMap<String, String>) -> Result<String> {
    let mut text = once(module, "import { initSync } from \"./app.js\";\n", "")?;
    // A chunk that does not come is told where it is missing, or tried again later.
    text = once(&text, "console.error(e);", "")?;
    let exports: Vec<&str> = module
        .lines()
        .filter_map(|line| line.strip_prefix("export const "))
        .filter_map(|rest| rest.split_once(" =").map(|(name, _)| name))
        .collect();
    text = text.replace("\nexport const ", "\nconst ");
    for (stem, name) in names {
        text = once(&text, &format!("\"./{stem}.wasm\""), &format!("\"{name}\""))?;
    }
    text = text.replace("import.meta.url", "script");
    let rest = text.lines().find(|line| {
        line.starts_with("import ") || line.starts_with("export ") || line.contains("\"./")
    });
    ensure!(
        rest.is_none() && !text.contains("import.meta") && !exports.is_empty(),
        "chunks are loaded by JavaScript of another form now: {}",
        rest.unwrap_or_default()
    );
    Ok(format!("{text}\nreturn {{ {} }};\n", exports.join(", ")))
}

fn once(text: &str, from: &str, to: &str) -> Result<String> {
    let number = text.matches(from).count();
    ensure!(
        number == 1,
        "chunks are loaded by JavaScript that holds `{from}` {number} times instead of once"
    );
    Ok(text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = "import { initSync } from \"./app.js\";\n\
        const call = async () => { try { await load(); } catch (e) { console.error(e); } };\n\
        const chunk = makeLoad(() => fetch(new URL(\"./chunk_1.wasm\", import.meta.url)), []);\n\
        export const __load_form = wrap(new URL(\"./split_form.wasm\", import.meta.url), [chunk]);\n";

    fn names() -> BTreeMap<String, String> {
        let names = [("chunk_1", "shared.wasm#0-9"), ("split_form", "form.wasm")];
        names.map(|(stem, name)| (stem.into(), name.into())).into()
    }

    #[test]
    fn the_module_becomes_statements() {
        assert_eq!(
            statements(MODULE, &names()).unwrap(),
            "const call = async () => { try { await load(); } catch (e) {  } };\n\
             const chunk = makeLoad(() => fetch(new URL(\"shared.wasm#0-9\", script)), []);\n\
             const __load_form = wrap(new URL(\"form.wasm\", script), [chunk]);\n\n\
             return { __load_form };\n"
        );
    }

    #[test]
    fn another_form_is_noticed() {
        let known = |module: &str| statements(module, &names()).is_ok();
        assert!(known(MODULE));
        assert!(!known(&MODULE.replace("import {", "import{")));
        assert!(!known(&MODULE.replace("export const", "export let")));
        assert!(!known(&MODULE.replace("./chunk_1", "./chunk_2")));
        assert!(!known(
            &MODULE.replace("import.meta.url", "import.meta.href")
        ));
    }

    #[test]
    fn small_chunks_share_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let chunk = |name: &str, length| (name.to_owned(), vec![1; length]);
        let chunks = vec![chunk("b", 3), chunk("split_form", SMALL), chunk("a", 2)];
        let names = write_chunks(chunks, folder.path()).unwrap();
        let (shared, part) = names["a"].split_once('#').unwrap();
        assert_eq!(part, "0-2");
        assert_eq!(names["b"], format!("{shared}#2-5"));
        assert!(names["split_form"].starts_with("marketplace-form-"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_build_in_chunks_is_told_by_what_it_imports() {
        assert!(is_wanted(b"\0asm __wasm_split_placeholder__ ..."));
        assert!(!is_wanted(b"\0asm"));
    }
}
