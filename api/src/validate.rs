//! `marketplace validate`: the validator of browser and server, for files.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use client::files;
use serde::Serialize;
use shared::protocol::{self, Diagnostic, Severity};

/// What to check and how to say what is wrong.
#[derive(Args, Debug)]
pub struct ValidateOptions {
    /// Protocol files; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

/// How to print what is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Like a compiler: what, where, and the line itself
    #[default]
    Text,
    /// One JSON array with an object a file
    Json,
}

/// What was found in one file.
#[derive(Serialize)]
struct FileReport {
    file: String,
    valid: bool,
    diagnostics: Vec<Diagnostic>,
}

/// Checks the files and prints what is wrong with them; answers whether
/// OpenPAI would take them all, which not every error keeps it from.
///
/// # Errors
/// When a file cannot be read or the output cannot be written.
pub fn run(options: &ValidateOptions, out: &mut dyn Write) -> anyhow::Result<bool> {
    let format = if options.json {
        OutputFormat::Json
    } else {
        options.format
    };
    let mut reports = Vec::new();
    for path in &options.files {
        let name = path.display().to_string();
        let text = files::read_text(path)?;
        let diagnostics = protocol::validate(&text).diagnostics;
        if format == OutputFormat::Text {
            let shown = protocol::masked(&text, &diagnostics);
            for diagnostic in &diagnostics {
                writeln!(out, "{}", diagnostic.render(&name, &shown))?;
            }
        }
        reports.push(FileReport {
            file: name,
            valid: !diagnostics.iter().any(Diagnostic::is_refusal),
            diagnostics,
        });
    }
    match format {
        OutputFormat::Text => summarize(&reports, out)?,
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &reports)?;
            writeln!(out)?;
        }
    }
    Ok(reports.iter().all(|report| report.valid))
}

fn summarize(reports: &[FileReport], out: &mut dyn Write) -> io::Result<()> {
    let count = |severity| {
        reports
            .iter()
            .flat_map(|report| &report.diagnostics)
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    let plural =
        |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    writeln!(
        out,
        "{} checked: {}, {}",
        plural(reports.len(), "file"),
        plural(count(Severity::Error), "error"),
        plural(count(Severity::Warning), "warning")
    )
}
