//! `marketplace lint`: secrets that somebody left in a file.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use client::files;
use serde::Serialize;
use shared::protocol::{self, Code, Diagnostic, yaml};

/// What to look at and how to say what is found.
#[derive(Args, Debug)]
pub struct LintOptions {
    /// Protocols, descriptions, scripts; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print one JSON array with an object a file
    #[arg(long)]
    pub json: bool,
}

/// What was found in one file.
#[derive(Serialize)]
struct FileReport {
    file: String,
    diagnostics: Vec<Diagnostic>,
}

/// Looks for secrets in the files and prints where they are; answers whether there
/// are none.
///
/// # Errors
/// When a file cannot be read or the output cannot be written.
pub fn run(options: &LintOptions, out: &mut dyn Write) -> anyhow::Result<bool> {
    let mut reports = Vec::new();
    for path in &options.files {
        let file = path.display().to_string();
        let text = files::read_text(path)?;
        let diagnostics = secrets_in(&text);
        if !options.json {
            let shown = protocol::masked(&text, &diagnostics);
            for diagnostic in &diagnostics {
                writeln!(out, "{}", diagnostic.render(&file, &shown))?;
            }
        }
        reports.push(FileReport { file, diagnostics });
    }
    let count: usize = reports.iter().map(|report| report.diagnostics.len()).sum();
    if options.json {
        serde_json::to_writer_pretty(&mut *out, &reports)?;
        writeln!(out)?;
    } else {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let files = reports.len();
        writeln!(
            out,
            "{files} file{} checked: {count} secret{}",
            plural(files),
            plural(count)
        )?;
    }
    Ok(count == 0)
}

/// Of a protocol what the validator says of its secrets; everything else is text.
fn secrets_in(text: &str) -> Vec<Diagnostic> {
    let is_protocol = yaml::parse_leniently(text)
        .is_ok_and(|document| document.root().get("taskRoles").is_some());
    if !is_protocol {
        return protocol::find_secrets(text);
    }
    let is_about_secrets = |found: &Diagnostic| {
        found.code.starts_with("secret-") || found.code == Code::ExposedSecrets.as_str()
    };
    let mut found = protocol::validate(text).diagnostics;
    found.retain(is_about_secrets);
    found
}
