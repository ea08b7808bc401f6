//! `marketplace migrate`: the first marketplace's database carried over, or a rehearsal
//! of that, and what it left private made public.

use std::io::Write;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::Args;

use crate::config::{Database, DatabaseOptions, LogOptions};
use crate::startup::{self, Templates};
use legacy::make_public::{Selection, make_public};
use legacy::report::{Outcome, PrivateItem};
use legacy::{carry_over, private_since_upgrade};
use store::DEFAULT_CONNECTIONS;

/// The settings of `marketplace migrate`.
#[derive(Args, Debug)]
pub struct MigrateOptions {
    /// Report what would be done, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Items that everybody may read from now on
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub make_public: Vec<String>,
    /// The same for all private items created before this day (or time, UTC),
    /// such as 2021-03-01 or 2021-03-01T12:00:00Z, but for rejected ones
    #[arg(long, value_name = "DATE", value_parser = parse_time)]
    pub created_before: Option<DateTime<Utc>>,
    /// Where the catalogue lies.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// What to log.
    #[command(flatten)]
    pub log: LogOptions,
}

/// What was done, or would be.
struct Done {
    outcome: Outcome,
    made_public: Vec<PrivateItem>,
    still_private: Vec<PrivateItem>,
}

/// Brings the database up to date as `marketplace api` does on start, makes
/// the chosen items public, and prints what came of it.
///
/// # Errors
/// When the database cannot be opened or brought up to date, when an id does
/// not exist, or the output cannot be written.
pub async fn run(options: &MigrateOptions, out: &mut dyn Write) -> anyhow::Result<()> {
    let database = options.database.database()?;
    let selection = Selection {
        ids: options.make_public.clone(),
        created_before: options.created_before,
    };
    let done = if options.dry_run {
        rehearse(&database, &selection).await?
    } else {
        really(&database, &selection).await?
    };
    print(&database, &done, options.dry_run, out)?;
    Ok(())
}

async fn really(database: &Database, selection: &Selection) -> anyhow::Result<Done> {
    let (store, outcome) =
        startup::open_with(database, DEFAULT_CONNECTIONS, Templates::Load).await?;
    let tx = store.begin().await?;
    let made_public = make_public(&tx, selection).await?;
    let still_private = private_since_upgrade(&tx).await?;
    tx.commit().await?;
    store.close().await?;
    for item in &made_public {
        tracing::info!(id = item.id, author = item.author, "made public");
    }
    Ok(Done {
        outcome,
        made_public,
        still_private,
    })
}

async fn rehearse(database: &Database, selection: &Selection) -> anyhow::Result<Done> {
    store::rehearse(database, async |tx| {
        Ok(Done {
            outcome: carry_over(tx).await?,
            made_public: make_public(tx, selection).await?,
            still_private: private_since_upgrade(tx).await?,
        })
    })
    .await
}

fn print(
    database: &Database,
    done: &Done,
    dry_run: bool,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    writeln!(out, "{database}")?;
    match &done.outcome {
        Outcome::NothingThere => writeln!(out, "There are no tables of the first marketplace.")?,
        Outcome::DoneBefore => writeln!(
            out,
            "The first marketplace's tables were carried over before; that is not done again."
        )?,
        Outcome::Done(report) => write!(out, "{report}")?,
    }
    if !done.made_public.is_empty() {
        writeln!(out, "\nMade public ({}):", done.made_public.len())?;
        list(&done.made_public, out)?;
    }
    if !done.still_private.is_empty() {
        writeln!(
            out,
            "\nPrivate ({}): before the upgrade from v1.5 everybody saw the old ones among these. Ask their\n\
             authors; --make-public ID or --created-before DATE makes them public:",
            done.still_private.len()
        )?;
        list(&done.still_private, out)?;
    }
    if dry_run {
        writeln!(out, "\nThis was a rehearsal: nothing has been changed.")?;
    }
    Ok(())
}

fn list(items: &[PrivateItem], out: &mut dyn Write) -> std::io::Result<()> {
    items.iter().try_for_each(|item| writeln!(out, "  {item}"))
}

/// A day means its beginning.
fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
    let day = text.parse::<NaiveDate>();
    day.map(|day| day.and_time(NaiveTime::MIN).and_utc())
        .or_else(|_| DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()))
        .map_err(|_| "write a day like 2021-03-01 or a time like 2021-03-01T12:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_beginning_and_a_time_has_a_zone() {
        let day = parse_time("2021-03-01").unwrap();
        assert_eq!(day, parse_time("2021-03-01T02:00:00+02:00").unwrap());
        for wrong in ["", "2021-02-30", "yesterday", "2021-03-01T12:00:00"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }
}
