//! The guides and what they hand out, held to be true: links lead somewhere,
//! commands can be read by a shell and, where they are marked, are run; files
//! for deployments fit the published schemas and the checks of the programs
//! that will read them.
//!
//! A block of commands is run when its first line says so:
//!
//! ```text
//! ```sh run
//! ```sh run needs=podman,jq until=http://127.0.0.1:9292/readyz
//! ```
//!
//! [`commands`] says how.

mod citations;
mod commands;
mod deploy;
mod markdown;
mod monitoring;
mod words;
mod yaml;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use percent_encoding::percent_decode_str;

use crate::setup;
use crate::tally::Tally;
use crate::workspace::Workspace;
use markdown::{Link, Page};

/// Newer ones know newer versions of Kubernetes. It brings a parser of YAML.
const KUBERNETES_VALIDATE: &str = "kubernetes-validate==1.37.0";
/// Changes with the version above.
const ENVIRONMENT: &str = "kubernetes-validate-1.37.0";

/// What is read: files, and folders with all that is in them.
const PLACES: [&str; 5] = ["README.md", "CHANGELOG.md", "docs", "deploy", "examples"];

/// Counts checks, and says what became of those that failed or were skipped.
struct Checks<'a> {
    workspace: &'a Workspace,
    tally: &'a mut Tally,
}

impl Checks<'_> {
    /// Counts one check; a failure is told at once.
    ///
    /// # Errors
    /// When somebody asked to stop meanwhile.
    fn count(&mut self, what: &str, outcome: Result<()>) -> Result<()> {
        crate::interrupt::check()?;
        match outcome {
            Ok(()) => self.tally.passed += 1,
            Err(error) => {
                self.tally.failed += 1;
                println!("failed: {what}: {error:#}");
            }
        }
        Ok(())
    }

    /// Counts one check that cannot be made here.
    fn skip(&mut self, what: &str, why: &'static str) {
        println!("skipped: {what}: {why}");
        self.tally.skip(why);
    }
}

/// Runs all checks over the programs that the dev profile built.
///
/// # Errors
/// When something did not pass, or the checkers cannot be had.
pub(super) fn run(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let checkers = setup::python(workspace, ENVIRONMENT, &[KUBERNETES_VALIDATE.to_owned()])?;
    let mut checks = Checks { workspace, tally };
    let files = files(&workspace.root, &PLACES)?;
    let mut pages = HashMap::new();
    for path in files.iter().filter(|path| has_extension(path, &["md"])) {
        let text = std::fs::read_to_string(workspace.root.join(path))
            .with_context(|| format!("cannot read {}", path.display()))?;
        pages.insert(path.clone(), Page::read(&text));
    }

    println!("Links");
    for path in files.iter().filter(|path| pages.contains_key(*path)) {
        for link in &pages[path].links {
            let what = format!("{}:{} ({})", path.display(), link.line, link.target);
            checks.count(&what, follow(&workspace.root, &pages, path, link))?;
        }
    }
    println!("Citations in the sources");
    citations::check(&mut checks, &pages)?;
    println!("Words of errors");
    words::check(&mut checks)?;
    println!("Blocks of YAML and JSON, and files of deploy/");
    let parsed = yaml::check(&mut checks, &checkers, &files, &pages)?;
    println!("Blocks of commands");
    for path in files.iter().filter(|path| pages.contains_key(*path)) {
        for block in &pages[path].blocks {
            if block.is_shell() {
                let what = format!("{}:{}", path.display(), block.line);
                checks.count(&what, commands::can_be_read(&block.text))?;
            }
        }
    }
    deploy::check(&mut checks, &checkers, &files)?;
    monitoring::check(&mut checks, &files, &parsed, &pages)?;
    commands::run(&mut checks, &files, &pages)?;
    ensure!(checks.tally.failed == 0, "see the lines with `failed:`");
    Ok(())
}

/// All files in these places, relative to the root and sorted; none of tools' folders.
fn files(root: &Path, places: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = places.iter().map(PathBuf::from).collect();
    while let Some(place) = open.pop() {
        let whole = root.join(&place);
        if whole.is_dir() {
            for entry in std::fs::read_dir(whole)? {
                let name = entry?.file_name();
                if name != "node_modules" && name != "target" {
                    open.push(place.join(name));
                }
            }
        } else if whole.is_file() {
            found.push(place);
        }
    }
    found.sort();
    Ok(found)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| extensions.contains(&extension))
}

/// Whether a link leads to a file or folder of the clone, and to a heading
/// there if it names one. Of other machines only the address is looked at.
fn follow(root: &Path, pages: &HashMap<PathBuf, Page>, from: &Path, link: &Link) -> Result<()> {
    let target = link.target.as_str();
    if let Some((scheme, rest)) = target.split_once("://") {
        ensure!(matches!(scheme, "http" | "https"), "neither http nor https");
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        ensure!(
            host.contains('.') && !target.contains(char::is_whitespace),
            "no address that a browser could open"
        );
        return Ok(());
    }
    ensure!(!target.starts_with('/'), "write it relative to this page");
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = percent_decode_str(path).decode_utf8()?;
    let path = if path.is_empty() {
        from.to_path_buf()
    } else {
        plain(&from.parent().unwrap_or(Path::new("")).join(&*path))?
    };
    ensure!(root.join(&path).exists(), "there is no {}", path.display());
    if !anchor.is_empty() {
        let page = pages
            .get(&path)
            .context("only Markdown pages have headings")?;
        ensure!(
            page.anchors.contains(anchor),
            "{} has no heading #{anchor}",
            path.display()
        );
    }
    Ok(())
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> Result<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => ensure!(plain.pop(), "it leaves the clone"),
            part => plain.push(part),
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::path::{Path, PathBuf};

    use super::{Link, Page, follow};

    #[test]
    fn links_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("docs/admin")).unwrap();
        let text = "# One page\n\n## Twice\n\n## Twice\n\n## `code` & more_words\n";
        for page in ["docs/a.md", "docs/admin/b.md"] {
            std::fs::write(folder.path().join(page), text).unwrap();
        }
        let pages: HashMap<PathBuf, Page> = ["docs/a.md", "docs/admin/b.md"]
            .map(|path| (path.into(), Page::read(text)))
            .into();
        let leads = |target: &str| {
            let link = Link {
                line: 1,
                target: target.to_owned(),
            };
            follow(folder.path(), &pages, Path::new("docs/admin/b.md"), &link).is_ok()
        };
        for good in [
            "b.md",
            "../a.md#one-page",
            "#twice-1",
            "../a.md#code--more_words",
            "../",
            "../%61.md",
            "https://example.org/x?y#z",
        ] {
            assert!(leads(good), "{good}");
        }
        for bad in [
            "a.md",
            "../a.md#two",
            "#twice-2",
            "/docs/a.md",
            "../../../etc/passwd",
            "../#x",
            "https://",
            "https://nowhere",
            "ftp://example.org/",
        ] {
            assert!(!leads(bad), "{bad}");
        }
    }
}
