//! `marketplace diff`: what two protocols mean differently.

use std::io::Write;

use clap::Args;
use client::{Connection, Source};
use shared::diff;

/// What to compare and how to say what is different.
#[derive(Args, Debug)]
pub struct DiffOptions {
    /// The older protocol: a file, `-` for standard input, or item:ID for an item of the
    /// marketplace
    #[arg(value_name = "OLD")]
    pub older: Source,
    /// The newer protocol
    #[arg(value_name = "NEW")]
    pub newer: Source,
    /// Print one JSON object with all changes
    #[arg(long)]
    pub json: bool,
    /// Where items are.
    #[command(flatten)]
    pub connection: Connection,
}

/// Compares both protocols and prints what they mean differently; answers whether
/// they mean the same.
///
/// # Errors
/// When one cannot be read, or is no YAML mapping, or the output cannot be written.
pub async fn run(options: &DiffOptions, out: &mut dyn Write) -> anyhow::Result<bool> {
    let older = options.older.read(&options.connection).await?;
    let newer = options.newer.read(&options.connection).await?;
    let diff = diff::compare(&older, &newer)?;
    if options.json {
        serde_json::to_writer_pretty(&mut *out, &diff)?;
        writeln!(out)?;
    } else {
        write!(out, "{diff}")?;
    }
    Ok(diff.is_empty())
}
