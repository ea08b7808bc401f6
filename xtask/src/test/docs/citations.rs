//! What comments of the sources cite of `docs/`: `docs/contract.md#who-may-do-what`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::markdown::{Link, Page};
use super::{Checks, follow, has_extension};

/// Where sources are.
const PLACES: [&str; 11] = [
    "api",
    "client",
    "deploy",
    "fake-openpai",
    "legacy",
    "plugin",
    "shared",
    "store",
    "testkit",
    "tests",
    "xtask",
];

/// What sources are called at their end.
const EXTENSIONS: [&str; 8] = [
    "rs", "js", "mjs", "css", "toml", "yaml", "service", "example",
];

/// Follows each citation, as if a page in the clone's folder had the link.
///
/// # Errors
/// When sources cannot be read, or somebody asked to stop.
pub(super) fn check(checks: &mut Checks<'_>, pages: &HashMap<PathBuf, Page>) -> Result<()> {
    let root = checks.workspace.root.clone();
    for path in super::files(&root, &PLACES)? {
        // The checks' own tests name pages that do not exist.
        if !has_extension(&path, &EXTENSIONS)
            || path.to_string_lossy().starts_with("xtask/src/test/docs")
        {
            continue;
        }
        let text = std::fs::read_to_string(root.join(&path))?;
        for (index, line) in text.lines().enumerate() {
            for target in cited(line) {
                let link = Link {
                    line: index + 1,
                    target: target.to_owned(),
                };
                let what = format!("{}:{} ({target})", path.display(), link.line);
                checks.count(&what, follow(&root, pages, Path::new("page.md"), &link))?;
            }
        }
    }
    Ok(())
}

/// The pages of `docs/` that a line of source names, with their anchors.
fn cited(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("docs/").filter_map(|(start, _)| {
        let is_address = |c: char| c.is_ascii_alphanumeric() || "/-_.#".contains(c);
        let before = line[..start].chars().next_back();
        let rest = &line[start..];
        let target = &rest[..rest.find(|c| !is_address(c)).unwrap_or(rest.len())];
        let target = target.trim_end_matches('.');
        let is_page = target
            .split('#')
            .next()
            .is_some_and(|page| has_extension(Path::new(page), &["md"]));
        (is_page && !before.is_some_and(is_address)).then_some(target)
    })
}

#[cfg(test)]
mod tests {
    use super::cited;

    #[test]
    fn pages_and_anchors_are_found() {
        let found = |line| cited(line).collect::<Vec<_>>();
        assert_eq!(
            found("//! (docs/contract.md#who-may-do-what)."),
            ["docs/contract.md#who-may-do-what"]
        );
        assert_eq!(
            found("// docs/a.md and docs/b/c.md."),
            ["docs/a.md", "docs/b/c.md"]
        );
        assert!(found("https://example.org/docs/a.md, docs/, docs/a.json").is_empty());
    }
}
