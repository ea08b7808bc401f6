//! YAML and JSON, in files of `deploy/` and in blocks of the guides, can be read.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::markdown::Page;
use super::{Checks, has_extension};

const PROGRAM: &str = include_str!("parse.py");

/// Checks them all, and answers the documents of the files, by their paths.
pub(super) fn check(
    checks: &mut Checks<'_>,
    checkers: &Path,
    files: &[PathBuf],
    pages: &HashMap<PathBuf, Page>,
) -> Result<HashMap<PathBuf, Vec<Value>>> {
    let scratch = tempfile::tempdir()?;
    let root = &checks.workspace.root;
    let mut names = Vec::new();
    for path in files {
        if path.starts_with("deploy") && has_extension(path, &["yaml", "yml", "json"]) {
            names.push((path.display().to_string(), root.join(path)));
        }
        for block in pages.get(path).map_or(&[][..], |page| &page.blocks) {
            let extension = match block.language() {
                "yaml" => "yaml",
                "json" => "json",
                _ => continue,
            };
            let copy = scratch.path().join(format!("{}.{extension}", names.len()));
            std::fs::write(&copy, filled_in(&block.text))?;
            names.push((format!("{}:{}", path.display(), block.line), copy));
        }
    }
    let mut answers = parse(checkers, names.iter().map(|(_, path)| path.as_path()))?;
    let mut documents = HashMap::new();
    for (name, path) in names {
        let outcome = match answers.remove(&*path.to_string_lossy()) {
            Some(Value::Array(found)) => {
                documents.insert(PathBuf::from(&name), found);
                Ok(())
            }
            Some(Value::String(wrong)) => Err(anyhow::anyhow!(wrong)),
            _ => bail!("{name} was not read"),
        };
        checks.count(&name, outcome)?;
    }
    Ok(documents)
}

/// The text with something in place of what OpenPAI's templates fill in.
fn filled_in(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut filled: String = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_once("}}").map_or(part, |(_, rest)| rest);
        filled.push('x');
        filled.push_str(rest);
    }
    filled
}

/// Lists of documents, or texts that say what is wrong, by the files' paths.
pub(super) fn parse<'a>(
    checkers: &Path,
    files: impl Iterator<Item = &'a Path>,
) -> Result<serde_json::Map<String, Value>> {
    let mut python = Command::new(checkers.join("python"))
        .args(["-c", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start Python")?;
    let mut input = python.stdin.take().context("no standard input")?;
    for file in files {
        writeln!(input, "{}", file.display())?;
    }
    drop(input);
    let output = python.wait_with_output()?;
    ensure!(output.status.success(), "the parser failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::filled_in;

    #[test]
    fn templates_are_filled_in() {
        assert_eq!(filled_in("a: {{ b['c'] }}\nd: '{{e}}'\n"), "a: x\nd: 'x'\n");
        assert_eq!(filled_in("a: {b: c}"), "a: {b: c}");
    }
}
