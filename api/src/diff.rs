//! `marketplace diff`: what two protocols mean differently.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use client::files;
use shared::diff;

/// What to compare and how to say what is different.
#[derive(Args, Debug)]
pub struct DiffOptions {
    /// The older protocol; `-` is standard input
    #[arg(value_name = "OLD")]
    pub older: PathBuf,
    /// The newer protocol
    #[arg(value_name = "NEW")]
    pub newer: PathBuf,
    /// Print one JSON object with all changes
    #[arg(long)]
    pub json: bool,
}

/// Compares both files and prints what they mean differently; answers whether
/// they mean the same.
///
/// # Errors
/// When a file cannot be read, or is no YAML mapping, or the output cannot be
/// written.
pub fn run(options: &DiffOptions, out: &mut dyn Write) -> anyhow::Result<bool> {
    let older = files::read_text(&options.older)?;
    let newer = files::read_text(&options.newer)?;
    let diff = diff::compare(&older, &newer)?;
    if options.json {
        serde_json::to_writer_pretty(&mut *out, &diff)?;
        writeln!(out)?;
    } else {
        write!(out, "{diff}")?;
    }
    Ok(diff.is_empty())
}
