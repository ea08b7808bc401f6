//! The words by which an admin finds a section of the troubleshooting page are
//! those of the programs, and every warning and error of the server's log is among
//! them: they stand in the first column of its tables.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::Checks;

const PAGE: &str = "docs/admin/troubleshooting.md";

/// What says something to an admin.
const SOURCES: [&str; 7] = [
    "api/src",
    "client/src",
    "legacy/src",
    "plugin/src",
    "plugin/loader.js",
    "shared/src",
    "store/src",
];

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
    for message in warnings(&said) {
        let outcome = if words.iter().any(|words| message.contains(words)) {
            Ok(())
        } else {
            Err(anyhow!("{PAGE} has no row for it"))
        };
        checks.count(&format!("log line `{message}`"), outcome)?;
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

/// The messages of what is logged as a warning or an error.
fn warnings(source: &str) -> Vec<&str> {
    ["tracing::warn!(", "tracing::error!("]
        .into_iter()
        .flat_map(|begin| source.match_indices(begin))
        .filter_map(|(start, begin)| last_literal(&source[start + begin.len()..]))
        .collect()
}

/// The last string in the arguments that a text begins with, up to the parenthesis
/// that ends them.
fn last_literal(arguments: &str) -> Option<&str> {
    let (mut open, mut literal, mut last) = (1, None, None);
    let mut characters = arguments.char_indices();
    while let Some((index, character)) = characters.next() {
        match (character, literal) {
            ('\\', Some(_)) => drop(characters.next()),
            ('"', None) => literal = Some(index + 1),
            ('"', Some(start)) => {
                last = Some(&arguments[start..index]);
                literal = None;
            }
            ('(', None) => open += 1,
            (')', None) => open -= 1,
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    last
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
    use super::{joined, warnings, words};

    #[test]
    fn words_are_those_in_code_at_the_beginning_of_rows() {
        let page = "| words | do |\n|---|---|\n| `a b` | `c` |\n| x | `y` |\n";
        assert_eq!(words(page).collect::<Vec<_>>(), ["a b"]);
    }

    #[test]
    fn messages_are_the_last_text_of_what_is_logged() {
        let source = r#"
            tracing::warn!(file = format!("{x:o}"), %error, "a \"b\" (c)");
            tracing::info!("not this");
            tracing::error!(cause, "d"); let e = "f";
            tracing::warn!(error);
        "#;
        assert_eq!(warnings(source), [r#"a \"b\" (c)"#, "d"]);
    }

    #[test]
    fn literals_of_several_lines_are_joined() {
        assert_eq!(joined("\"a \\\n     b\"\n  c"), "\"a b\"\n  c");
    }
}
