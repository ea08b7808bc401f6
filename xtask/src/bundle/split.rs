//! The app in chunks: the parts that `plugin/src/chunks.rs` names are cut out of the
//! linked wasm, and plugin.js loads each when it is needed.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, ensure};

use super::{App, Optimizer, STEM, glue, traps, write};
use crate::workspace::{PLUGIN_PACKAGE, Workspace};

/// What stands before the code that loads chunks.
const CHUNKS: &str = include_str!("../../../plugin/chunks.js");

/// What the linked wasm imports for each function with a chunk of its own.
const PLACEHOLDER: &[u8] = b"__wasm_split_placeholder__";

/// Chunks of fewer bytes share a file: a request costs more than they do, and together
/// they compress better.
const SMALL: usize = 32 * 1024;

/// Parts that share a file with each other, and with the small chunks that they need and
/// those before them do not. The file has the name of the first part.
const FILES: [&[&str]; 2] = [&["list_tools"], &["detail", "several"]];

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
    let input = traps::without_messages(&input)
        .with_context(|| format!("making {} smaller", linked.display()))?;
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
    let names = write_chunks(chunks, &split.prefetch_map, staging)?;
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

/// Writes the chunks, and answers the address of each: a file, or a range of one. `needs`
/// are the chunks that parts cannot do without, by the part's name.
fn write_chunks(
    mut chunks: Vec<(String, Vec<u8>)>,
    needs: &HashMap<String, Vec<String>>,
    folder: &Path,
) -> Result<BTreeMap<String, String>> {
    chunks.sort();
    let own = |stem: &str| stem.trim_start_matches("split_").replace('_', "-");
    let mut files: BTreeMap<String, Vec<(String, Vec<u8>)>> = BTreeMap::new();
    for (stem, wasm) in chunks {
        let is_in = |file: &&&[&str]| {
            file.iter().any(|part| {
                let needed = || needs.get(*part).is_some_and(|needs| needs.contains(&stem));
                stem == format!("split_{part}") || wasm.len() < SMALL && needed()
            })
        };
        let file = match FILES.iter().find(is_in) {
            Some(file) => own(file[0]),
            None if wasm.len() < SMALL => "shared".to_owned(),
            None => own(&stem),
        };
        files.entry(file).or_default().push((stem, wasm));
    }
    let mut names = BTreeMap::new();
    for (file, parts) in files {
        let whole: Vec<u8> = parts.iter().flat_map(|(_, wasm)| wasm).copied().collect();
        let name = write(folder, &format!("{STEM}-{file}"), "wasm", &whole)?;
        let mut start = 0;
        for (stem, wasm) in parts {
            let end = start + wasm.len();
            let range = if wasm.len() == whole.len() {
                String::new()
            } else {
                format!("#{start}-{end}")
            };
            names.insert(stem, format!("{name}{range}"));
            start = end;
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
        let chunks = vec![
            chunk("b", 3),
            chunk("split_form", SMALL),
            chunk("a", 2),
            chunk("c", 4),
            chunk("split_detail", SMALL),
            chunk("d", SMALL),
            chunk("split_several", 5),
        ];
        let needs = [
            ("detail".to_owned(), vec!["c".to_owned(), "d".to_owned()]),
            ("form".to_owned(), vec!["a".to_owned(), "c".to_owned()]),
        ];
        let names = write_chunks(chunks, &needs.into(), folder.path()).unwrap();
        let (shared, part) = names["a"].split_once('#').unwrap();
        assert_eq!(part, "0-2");
        assert_eq!(names["b"], format!("{shared}#2-5"));
        assert!(names["split_form"].starts_with("marketplace-form-"));
        assert!(!names["split_form"].contains('#'), "a file of its own");
        let (detail, part) = names["c"].split_once('#').unwrap();
        assert!(detail.starts_with("marketplace-detail-"));
        assert_eq!(part, "0-4");
        assert_eq!(names["split_detail"], format!("{detail}#4-{}", SMALL + 4));
        assert!(names["split_several"].starts_with(detail));
        assert!(names["d"].starts_with("marketplace-d-"), "it is large");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    }

    #[test]
    fn a_build_in_chunks_is_told_by_what_it_imports() {
        assert!(is_wanted(b"\0asm __wasm_split_placeholder__ ..."));
        assert!(!is_wanted(b"\0asm"));
    }
}
