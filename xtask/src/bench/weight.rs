//! What the browser loads of the plugin.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use brotli::enc::BrotliEncoderParams;

use super::REAL_SIZE;
use super::first_card::FirstCard;

/// The most that somebody waits for until the list shows, and the most of all pages
/// together, in bytes; `tests/browser/size.test.mjs` holds what there is.
const FIRST: usize = 150_000;
const ALL: usize = 420_000;

/// The most milliseconds until a visitor sees the first card: a new one, and one who comes
/// again.
const COLD: u128 = 350;
const WARM: u128 = 200;

/// How the name of a file ends that has texts of chunks.
const LATER_TEXTS: &str = "-more";

/// A section of the page of benchmarks: how soon the plugin shows something, and its files as
/// a server sends them that compresses with brotli, as well as that can.
///
/// # Errors
/// When the plugin is not built.
pub(super) fn section(dist: &Path, first_card: &FirstCard) -> Result<String> {
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
    for (what, measured, budget) in [
        ("the first card, on a first visit", first_card.cold, COLD),
        ("the first card, on the next", first_card.warm, WARM),
    ] {
        let measured = measured.as_millis();
        let kept = if measured <= budget { "yes" } else { "no" };
        let _ = writeln!(
            lines,
            "| **{what}** | {measured} ms | ≤ {budget} ms | {kept} |"
        );
    }
    let first = total(&is_first);
    let mut sums = vec![("until the list shows".to_owned(), first, FIRST)];
    let first_texts = texts
        .iter()
        .filter(|(name, _)| !name.ends_with(LATER_TEXTS));
    for (language, size) in first_texts {
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
         has shown ([decision 0005](decisions/0005-wasm-chunks.md)). The first card shows a page of {REAL_SIZE} items; the time is the median of nine visits in Chromium on the machine of the servers, from the start of the navigation.\n\n\
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
    use std::time::Duration;

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
        fs::write(
            folder
                .path()
                .join("marketplace-zh-CN-more-0123456789abcdef.json"),
            noise(5, 900),
        )?;
        let first_card = FirstCard {
            cold: Duration::from_micros(349_900),
            warm: Duration::from_millis(201),
        };
        let section = section(folder.path(), &first_card)?;
        assert!(
            section.contains("| **the first card, on a first visit** | 349 ms | ≤ 350 ms | yes |")
                && section.contains("| **the first card, on the next** | 201 ms | ≤ 200 ms | no |"),
            "{section}"
        );
        assert!(
            section.contains("| **until the list shows** | 0.3 kB | ≤ 150.0 kB | yes |"),
            "{section}"
        );
        assert!(
            section.contains("| **the same in zh-CN** | 0.5 kB | ≤ 150.0 kB | yes |"),
            "{section}"
        );
        assert!(!section.contains("zh-CN-more"), "{section}");
        assert!(section.contains("| form | 0.0 kB | | |"), "{section}");
        assert!(!section.contains("index.html"), "{section}");
        Ok(())
    }
}
