//! The words by which an admin finds a section of the troubleshooting page are
//! those of the programs: they stand in the first column of its tables.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::Checks;

const PAGE: &str = "docs/admin/troubleshooting.md";

/// What says something to an admin.
const SOURCES: [&str; 4] = ["api/src", "plugin/src", "plugin/loader.js", "shared/src"];

/// # Errors
/// When the page or a source cannot be read.
pub(super) fn check(checks: &mut Checks<'_>) -> Result<()> {
    let root = checks.workspace.root.clone();
    let page = std::fs::read_to_string(root.join(PAGE)).context(PAGE)?;
    let words: Vec<_> = words(&page).collect();
    ensure!(!words.is_empty(), "{PAGE} has no words");
    let mut said = String::new();
    for source in SOURCES {
        read(&root.join(source), &mut said)?;
    }
    for words in words {
        let outcome = if said.contains(words) {
            Ok(())
        } else {
            Err(anyhow!("no program says so"))
        };
        checks.count(&format!("{PAGE} ({words})"), outcome)?;
    }
    Ok(())
}

/// What rows of tables begin with in code.
fn words(page: &str) -> impl Iterator<Item = &str> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
}

/// Adds a file, or all files of a folder, as one text; what goes on in the next
/// line of a string literal is joined.
fn read(place: &Path, said: &mut String) -> Result<()> {
    if !place.is_dir() {
        let text = std::fs::read_to_string(place)
            .with_context(|| format!("cannot read {}", place.display()))?;
        said.push_str(&joined(&text));
        return Ok(());
    }
    let entries: Vec<PathBuf> = std::fs::read_dir(place)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    entries.iter().try_for_each(|entry| read(entry, said))
}

fn joined(text: &str) -> String {
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |text, line| text + line.trim_start())
}

#[cfg(test)]
mod tests {
    use super::{joined, words};

    #[test]
    fn words_are_those_in_code_at_the_beginning_of_rows() {
        let page = "| words | do |\n|---|---|\n| `a b` | `c` |\n| x | `y` |\n";
        assert_eq!(words(page).collect::<Vec<_>>(), ["a b"]);
    }

    #[test]
    fn literals_of_several_lines_are_joined() {
        assert_eq!(joined("\"a \\\n     b\"\n  c"), "\"a b\"\n  c");
    }
}
