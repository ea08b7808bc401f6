//! `marketplace import`.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::ensure;
use clap::{Args, ValueEnum};

use super::archive::{Bundle, Rows};
use super::format::{AuditRow, Kind, Row, StorageRow, TemplateRow};
use super::keys::VerifyingKey;
use crate::config::{Database, DatabaseOptions, LogOptions, SecretKeyOptions};
use crate::official;
use crate::startup::{self, Templates};
use store::bundle::{
    ConflictRule, Conflicts, Count, Importer, OPERATOR, TemplateOutcome, import_template,
};
use store::secrets::Keyring;
use store::{DEFAULT_CONNECTIONS, Transaction, marks};

/// What to do with what is here already and different.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OnConflict {
    /// Change nothing at all and say what it is.
    #[default]
    Fail,
    /// Leave what is here as it is.
    Skip,
    /// Make it what the bundle says.
    Replace,
}

impl From<OnConflict> for ConflictRule {
    fn from(rule: OnConflict) -> Self {
        match rule {
            OnConflict::Fail => Self::Fail,
            OnConflict::Skip => Self::Skip,
            OnConflict::Replace => Self::Replace,
        }
    }
}

/// The settings of `marketplace import`.
#[derive(Args, Debug)]
pub struct ImportOptions {
    /// The bundle
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Report what would be done, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// What to do with items (by id, official templates by their name), tags and
    /// categories (by name) and storages (by id) that are here already and different
    #[arg(long, value_enum, value_name = "RULE", default_value_t)]
    pub on_conflict: OnConflict,
    /// Add the official templates of a bundle that holds nothing else, or bring them
    /// up to date
    #[arg(long, conflicts_with_all = ["with_audit", "with_secrets", "on_conflict"])]
    pub templates: bool,
    /// Also overwrite templates that were changed here, and bring back deleted ones
    #[arg(long, requires = "templates")]
    pub overwrite: bool,
    /// Import who did what when, too
    #[arg(long)]
    pub with_audit: bool,
    /// Import the storages too: SECRET_KEY or SECRET_KEY_OLD is the key that they were
    /// exported with
    #[arg(long)]
    pub with_secrets: bool,
    /// Refuse a bundle that this public key, an Ed25519 key in a PEM file, does not
    /// vouch for
    #[arg(long, value_name = "KEY")]
    pub verify_key: Option<PathBuf>,
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

/// What was imported, or would be.
#[derive(Clone, Debug)]
pub enum Report {
    /// Of a catalogue.
    Catalogue {
        /// What became of the rows, by kind.
        counts: Vec<(&'static str, Count)>,
        /// What was here and different.
        conflicts: Conflicts,
        /// What is in the bundle, was not asked for, and with which flag it is: rows.
        left_out: Vec<(&'static str, &'static str, u64)>,
        /// What was asked for and is not in the bundle.
        missing: Vec<&'static str>,
    },
    /// Of templates: what became of each.
    Templates(Vec<(String, TemplateOutcome)>),
}

/// Imports a bundle and prints what came of it. All of it happens in one transaction.
///
/// # Errors
/// When the bundle is invalid or not signed as it has to be, when something is here
/// already and different and that is not allowed, or when the database fails; nothing
/// has changed then.
pub async fn run(options: &ImportOptions, out: &mut dyn Write) -> anyhow::Result<()> {
    let key = options.verify_key.as_deref().map(VerifyingKey::read);
    let key = key.transpose()?;
    let bundle = Bundle::open(&options.file, key.as_ref())?;
    let keys = options.secrets.keys()?;
    let wanted = if options.templates {
        Kind::Templates
    } else {
        Kind::Catalogue
    };
    check_kind(&options.file, bundle.manifest.kind, wanted)?;
    let database = options.database.database()?;
    let import = Import {
        bundle,
        keys,
        rule: options.on_conflict.into(),
        audit: options.with_audit,
        secrets: options.with_secrets,
        overwrite: options.overwrite,
    };
    let report = if options.dry_run {
        rehearse(&database, &import).await?
    } else {
        really(&database, &import).await?
    };
    let manifest = &import.bundle.manifest;
    writeln!(
        out,
        "{}: {}, made by marketplace {} at {}, {}\n{database}",
        options.file.display(),
        manifest.kind,
        // Nobody has vouched for it.
        manifest.made_by.escape_debug(),
        manifest.created.format("%Y-%m-%d %H:%M:%S UTC"),
        match (import.bundle.is_signed, key.is_some()) {
            (true, true) => "signed by the key that was wanted",
            (true, false) => "signed by somebody (--verify-key says by whom it has to be)",
            (false, _) => "not signed",
        }
    )?;
    write!(out, "{report}")?;
    if options.dry_run {
        writeln!(out, "\nThis was a rehearsal: nothing has been changed.")?;
    }
    Ok(())
}

fn check_kind(file: &Path, found: Kind, wanted: Kind) -> anyhow::Result<()> {
    let hint = match wanted {
        Kind::Templates => "without --templates",
        Kind::Catalogue => "with --templates",
    };
    ensure!(
        found == wanted,
        "{} holds {found}: import it {hint}",
        file.display()
    );
    Ok(())
}

struct Import {
    bundle: Bundle,
    keys: Keyring,
    rule: ConflictRule,
    audit: bool,
    secrets: bool,
    overwrite: bool,
}

async fn really(database: &Database, import: &Import) -> anyhow::Result<Report> {
    let templates = match import.bundle.manifest.kind {
        Kind::Catalogue => Templates::Leave,
        Kind::Templates => Templates::Load,
    };
    let (store, _) = startup::open_with(database, DEFAULT_CONNECTIONS, templates).await?;
    let tx = store.begin().await?;
    // What failed is rolled back with the transaction.
    let report = import.into(&tx).await?;
    tx.commit().await?;
    if let Err(error) = store.analyze().await {
        tracing::debug!(%error, "the database looks at its tables later");
    }
    store.close().await?;
    Ok(report)
}

async fn rehearse(database: &Database, import: &Import) -> anyhow::Result<Report> {
    store::rehearse(database, async |tx| import.into(tx).await).await
}

impl Import {
    async fn into(&self, tx: &Transaction) -> anyhow::Result<Report> {
        match self.bundle.manifest.kind {
            Kind::Catalogue => Box::pin(self.catalogue(tx)).await,
            Kind::Templates => Box::pin(self.templates(tx)).await,
        }
    }

    async fn catalogue(&self, tx: &Transaction) -> anyhow::Result<Report> {
        let bundle = &self.bundle;
        let mut importer = Importer::new(tx, self.rule);
        if self.audit {
            // The bundle's lines are older than those of this import.
            self.each(async |rows| importer.audit(rows).await).await?;
        }
        self.each(async |rows| importer.categories(rows).await)
            .await?;
        self.each(async |rows| importer.tags(rows).await).await?;
        self.each(async |rows: Vec<_>| importer.templates(&rows).await)
            .await?;
        self.each(async |rows| Box::pin(importer.items(rows)).await)
            .await?;
        self.each(async |rows| importer.stars(rows).await).await?;
        self.each(async |rows| importer.versions(rows).await)
            .await?;
        if self.secrets {
            self.each(async |rows| importer.storages(rows, &self.keys).await)
                .await?;
        }
        // The bundle has those that its catalogue had.
        marks::set(tx, store::official::MARK).await?;
        let (mut left_out, mut missing) = (Vec::new(), Vec::new());
        for (asked_for, name, flag, member) in [
            (self.audit, "audit", "--with-audit", AuditRow::MEMBER),
            (
                self.secrets,
                "storages",
                "--with-secrets",
                StorageRow::MEMBER,
            ),
        ] {
            let count = bundle.count(member);
            match (asked_for, count) {
                (true, 0) => missing.push(name),
                (false, 1..) => left_out.push((name, flag, count)),
                _ => {}
            }
        }
        let mut counts = vec![
            ("categories", importer.categories),
            ("tags", importer.tags),
            ("items", importer.items),
            ("stars", importer.stars),
            ("versions", importer.versions),
        ];
        if self.audit {
            counts.push(("audit", importer.audit));
        }
        if self.secrets {
            counts.push(("storages", importer.storages));
        }
        Ok(Report::Catalogue {
            counts,
            conflicts: importer.conflicts,
            left_out,
            missing,
        })
    }

    /// Hands over all rows of a member, as many as are written at a time.
    async fn each<R: Row>(
        &self,
        mut take: impl AsyncFnMut(Vec<R>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut rows = self.bundle.rows()?;
        loop {
            let batch = rows.batch()?;
            if batch.is_empty() {
                return Ok(());
            }
            take(batch).await?;
        }
    }

    async fn templates(&self, tx: &Transaction) -> anyhow::Result<Report> {
        let shipped: HashMap<String, String> = official::templates()?
            .into_iter()
            .map(|row| {
                (
                    row.template.clone(),
                    store::official::digest(&row.into_item_to_create()),
                )
            })
            .collect();
        let mut rows: Rows<TemplateRow> = self.bundle.rows()?;
        let mut outcomes = Vec::new();
        while let Some(row) = rows.next()? {
            let name = row.template.clone();
            let shipped = shipped.get(&name).map(String::as_str);
            let outcome = import_template(tx, OPERATOR, row, shipped, self.overwrite).await?;
            outcomes.push((name, outcome));
        }
        Ok(Report::Templates(outcomes))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalogue {
                counts,
                conflicts,
                left_out,
                missing,
            } => {
                let [created, replaced, same, kept] = ["created", "replaced", "same", "kept"];
                writeln!(f, "  {:<12}{created:>9}{replaced:>9}{same:>9}{kept:>9}", "")?;
                for (name, count) in counts {
                    writeln!(
                        f,
                        "  {name:<12}{:>9}{:>9}{:>9}{:>9}",
                        count.created, count.replaced, count.same, count.kept
                    )?;
                }
                if conflicts.count > 0 {
                    writeln!(f, "\nHere already, and different ({}):", conflicts.count)?;
                    for what in &conflicts.named {
                        writeln!(f, "  {what}")?;
                    }
                    if conflicts.count > conflicts.named.len() as u64 {
                        writeln!(f, "  …")?;
                    }
                }
                for (name, flag, count) in left_out {
                    writeln!(f, "\nNot imported: {count} {name} of the bundle ({flag})")?;
                }
                for name in missing {
                    writeln!(f, "\nThe bundle holds no {name}.")?;
                }
                Ok(())
            }
            Self::Templates(outcomes) => {
                for (name, outcome) in outcomes {
                    writeln!(f, "  {name:<32}{}", said(*outcome))?;
                }
                let changed = |(_, outcome): &&(_, _)| {
                    matches!(outcome, TemplateOutcome::Changed | TemplateOutcome::Deleted)
                };
                let kept = outcomes.iter().filter(changed).count();
                if kept > 0 {
                    writeln!(
                        f,
                        "\n{kept} left as they are here; --overwrite takes what the bundle says."
                    )?;
                }
                Ok(())
            }
        }
    }
}

fn said(outcome: TemplateOutcome) -> &'static str {
    match outcome {
        TemplateOutcome::Added => "added",
        TemplateOutcome::Updated => "brought up to date",
        TemplateOutcome::Overwritten => "changed here, overwritten",
        TemplateOutcome::Same => "the same",
        TemplateOutcome::Changed => "changed here, left so",
        TemplateOutcome::Deleted => "deleted here, left so",
    }
}
