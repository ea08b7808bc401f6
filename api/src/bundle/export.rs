//! `marketplace export`.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;

use super::archive::Writer;
use super::format::{Kind, Manifest};
use super::keys::{self, SigningKey};
use crate::config::{Database, DatabaseOptions, LogOptions, SecretKeyOptions};
use crate::official;
use store::bundle::Snapshot;
use store::clock::Clock;
use store::secrets::Keyring;

/// Items that are read at a time: each takes a megabyte at most, and a few kilobytes
/// mostly.
const ITEMS: usize = 64;

/// Small rows that are read at a time.
const ROWS: usize = 1_000;

/// The settings of `marketplace export`.
#[derive(Args, Debug)]
pub struct ExportOptions {
    /// The file to make; there must be none of this name
    #[arg(value_name = "FILE", required_unless_present = "new_key")]
    pub file: Option<PathBuf>,
    /// Export the official templates that this program brings along, and nothing of a
    /// database
    #[arg(long, conflicts_with_all = ["with_audit", "with_secrets"])]
    pub templates: bool,
    /// Export who did what when, too
    #[arg(long)]
    pub with_audit: bool,
    /// Export the storages too, with their secrets encrypted with SECRET_KEY: who
    /// imports them needs the same key
    #[arg(long)]
    pub with_secrets: bool,
    /// Sign the bundle with this private key, an Ed25519 key in a PEM file
    #[arg(long, value_name = "KEY")]
    pub sign_key: Option<PathBuf>,
    /// Make a key pair instead: the private key in this file, and the public one beside
    /// it in a file whose name ends in .pub
    #[arg(long, value_name = "KEY", conflicts_with_all = ["file", "templates", "with_audit", "with_secrets", "sign_key"])]
    pub new_key: Option<PathBuf>,
    /// Where the catalogue lies.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// How secrets are kept.
    #[command(flatten)]
    pub secrets: SecretKeyOptions,
    /// What to log.
    #[command(flatten)]
    pub log: LogOptions,
}

/// What belongs into a bundle of a catalogue.
#[derive(Clone, Copy, Default)]
pub struct Contents<'a> {
    /// Who did what when.
    pub audit: bool,
    /// Storages, with secrets that these keys open, and whose first one encrypts them.
    pub secrets: Option<&'a Keyring>,
}

/// Makes a bundle, or a key pair, and prints what is in it.
///
/// # Errors
/// When the database cannot be read, or the file cannot be written; there is no file
/// then.
pub async fn run(options: &ExportOptions, out: &mut dyn Write) -> anyhow::Result<()> {
    if let Some(file) = &options.new_key {
        let public = keys::make(file)?;
        writeln!(
            out,
            "{}: the private key, for --sign-key; whoever has it can sign in your name\n\
             {}: the public key, for --verify-key",
            file.display(),
            public.display()
        )?;
        return Ok(());
    }
    let file = options.file.as_deref().context("FILE is missing")?;
    let key = options.sign_key.as_deref().map(SigningKey::read);
    let key = key.transpose()?;
    let clock = Clock::system();
    let manifest = if options.templates {
        templates(file, key.as_ref(), &clock).await?
    } else {
        let keys = options.secrets.keys()?;
        ensure!(
            !options.with_secrets || keys.seals(),
            "--with-secrets wants SECRET_KEY: secrets leave the database encrypted only"
        );
        let contents = Contents {
            audit: options.with_audit,
            secrets: options.with_secrets.then_some(&keys),
        };
        let database = options.database.database()?;
        catalogue(&database, file, contents, key.as_ref(), &clock).await?
    };
    print(file, &manifest, key.is_some(), out)?;
    Ok(())
}

/// Writes a whole catalogue, as it is at one moment, into `file`. The memory that this
/// takes grows by some hundred bytes an item, for the ids; rows are read in pages.
///
/// # Errors
/// As [`run`].
pub async fn catalogue(
    database: &Database,
    file: &Path,
    contents: Contents<'_>,
    key: Option<&SigningKey>,
    clock: &Clock,
) -> anyhow::Result<Manifest> {
    let snapshot = Snapshot::open(database).await?;
    let mut writer = Writer::create(file)?;

    writer.rows(snapshot.categories().await?).await?;
    let tags = snapshot.tag_ids().await?;
    writer
        .pages(&tags, ROWS, async |ids| snapshot.tags(ids).await)
        .await?;
    let items = snapshot.item_ids().await?;
    writer
        .pages(&items, ITEMS, async |ids| snapshot.items(ids).await)
        .await?;
    writer
        .pages(&items, ITEMS, async |ids| snapshot.stars(ids).await)
        .await?;
    let blocks = snapshot.version_blocks().await?;
    // Left out where there are none: programs of before there were versions read such a
    // bundle too.
    if !blocks.is_empty() {
        let versions = async |blocks: &[_]| snapshot.versions(&blocks[0]).await;
        writer.pages(&blocks, 1, versions).await?;
    }
    if contents.audit {
        let mut after = i64::MIN;
        writer
            .member(async || {
                let lines = snapshot.audit(&mut after, ROWS as u64).await?;
                Ok((!lines.is_empty()).then_some(lines))
            })
            .await?;
    }
    if let Some(keys) = contents.secrets {
        writer.rows(snapshot.storages(keys).await?).await?;
    }
    snapshot.close().await?;
    writer.finish(Kind::Catalogue, key, clock.now())
}

/// Writes the official templates of this program into `file`.
///
/// # Errors
/// When the file cannot be written.
pub async fn templates(
    file: &Path,
    key: Option<&SigningKey>,
    clock: &Clock,
) -> anyhow::Result<Manifest> {
    let templates = official::templates()?;
    let mut writer = Writer::create(file)?;
    writer.rows(templates).await?;
    writer.finish(Kind::Templates, key, clock.now())
}

fn print(
    file: &Path,
    manifest: &Manifest,
    signed: bool,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let signed = if signed { ", signed" } else { "" };
    writeln!(out, "{}: {}{signed}", file.display(), manifest.kind)?;
    for member in &manifest.members {
        let name = member.name.trim_end_matches(".jsonl");
        writeln!(out, "  {name:<12}{:>8}", member.rows)?;
    }
    Ok(())
}
