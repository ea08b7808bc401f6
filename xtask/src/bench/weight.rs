//! What the browser loads of the plugin.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use brotli::enc::BrotliEncoderParams;

/// The most that somebody waits for until the list shows, and the most of all pages
/// together, in bytes; `tests/browser/size.test.mjs` holds what there is.
const FIRST: usize = 150_000;
const ALL: usize = 420_000;

/// A section of the page of benchmarks: the files of a built plugin as a server sends
/// them that compresses with brotli, as well as that can.
///
/// # Errors
/// When the plugin is not built.
pub(super) fn section(dist: &Path) -> Result<String> {
    let (mut files, mut texts) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(dist).with_context(|| format!("reading {}", dist.display()))? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let kind = match file.extension().and_then(|extension| extension.to_str()) {
            Some("js" | "wasm") => &mut files,
            Some("json") => &mut texts,
            _ => continue,
        };
        kind.push((stem(&name), compressed(&fs::read(&file)?)?));
    }
    files.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let total = |wanted: &dyn Fn(&str) -> bool| {
        let sizes = files.iter().filter(|(name, _)| wanted(name));
        sizes.map(|(_, size)| size).sum::<usize>()
    };
    let is_first = |name: &str| ["plugin.js", "glue", "app"].contains(&name);
    let mut lines = String::new();
    let first = total(&is_first);
    let mut sums = vec![("until the list shows".to_owned(), first, FIRST)];
    for (language, size) in texts {
        sums.push((format!("the same in {language}"), first + size, FIRST));
    }
    sums.push(("all pages together".to_owned(), total(&|_| true), ALL));
    for (what, size, budget) in sums {
        let kept = if size <= budget { "yes" } else { "no" };
        let [size, budget] = [size, budget].map(kilobytes);
        let _ = writeln!(lines, "| **{what}** | {size} | ≤ {budget} | {kept} |");
    }
    for (name, size) in &files {
        let _ = writeln!(lines, "| {name} | {} | | |", kilobytes(*size));
    }
    Ok(format!(
        "\n## What the browser loads\n\n\
         The plugin's files, compressed with brotli 11, as a web server sends files that were compressed before. \
         `plugin.js`, its glue and the app come first, with the texts of another language than English; the others when their pages are opened, or when the list \
         has shown ([decision 0005](decisions/0005-wasm-chunks.md)).\n\n\
         | what | measured | budget | kept |\n| --- | --- | --- | --- |\n{lines}"
    ))
}

/// The name of a file without what changes with its content.
fn stem(name: &str) -> String {
    let stem = name.strip_prefix("marketplace-");
    let stem = stem
        .and_then(|rest| rest.split_once('.'))
        .map(|(stem, _)| stem);
    match stem.map(|stem| stem.rsplit_once('-').map_or("app", |(part, _)| part)) {
        Some(part) => part.to_owned(),
        None => name.to_owned(),
    }
}

fn compressed(content: &[u8]) -> Result<usize> {
    let mut output = Vec::new();
    let best = BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &*content, &mut output, &best)?;
    Ok(output.len())
}

fn kilobytes(bytes: usize) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_what_they_are() {
        assert_eq!(stem("plugin.js"), "plugin.js");
        assert_eq!(stem("marketplace-0123456789abcdef.wasm"), "app");
        assert_eq!(stem("marketplace-glue-0123456789abcdef.js"), "glue");
        assert_eq!(
            stem("marketplace-list-tools-0123456789abcdef.wasm"),
            "list-tools"
        );
    }

    #[test]
    fn the_section_adds_up() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let noise = |seed: u32, length: u32| -> Vec<u8> {
            let next = |index: u32| (seed ^ index).wrapping_mul(2_654_435_761).to_le_bytes()[3];
            (0..length).map(next).collect()
        };
        fs::write(folder.path().join("plugin.js"), noise(1, 100))?;
        fs::write(
            folder.path().join("marketplace-0123456789abcdef.wasm"),
            noise(2, 200),
        )?;
        fs::write(
            folder.path().join("marketplace-form-0123456789abcdef.wasm"),
            vec![0; 600_000],
        )?;
        fs::write(folder.path().join("index.html"), noise(3, 900))?;
        fs::write(
            folder
                .path()
                .join("marketplace-zh-CN-0123456789abcdef.json"),
            noise(4, 300),
        )?;
        let section = section(folder.path())?;
        assert!(
            section.contains("| **until the list shows** | 0.3 kB | ≤ 150.0 kB | yes |"),
            "{section}"
        );
        assert!(
            section.contains("| **the same in zh-CN** | 0.5 kB | ≤ 150.0 kB | yes |"),
            "{section}"
        );
        assert!(section.contains("| form | 0.0 kB | | |"), "{section}");
        assert!(!section.contains("index.html"), "{section}");
        Ok(())
    }
}
