//! Carrying the database of the first marketplace over into this one's schema
//! (docs/contract.md#4-databases-of-the-first-marketplace).
//!
//! Its tables lie beside ours under other names; they are read and never
//! written, so going back to it stays possible. Everything happens once and in
//! one transaction: [`carry_over_once`] does it when the database is opened.
//! `marketplace migrate` rehearses it, and makes items public again ([`make_public`]). Only `PostgreSQL` ever held such tables, so the SQL in here is
//! `PostgreSQL`'s.
//!
//! - `tables` finds out what is there, `rows` reads it.
//! - `names` merges tags and categories, `items` turns an old item into a
//!   row of ours, `write` writes those, and `carry` puts all of it together.
//! - [`report`] is what an admin gets to read.

mod accounts;
mod carry;
mod items;
pub mod make_public;
mod names;
pub mod report;
mod rows;
mod tables;
mod write;

use anyhow::Context;
use sea_orm::DbBackend;

use report::{Outcome, PrivateItem};
use store::official;
use store::{Store, Transaction, marks};

/// The name under which the catalogue remembers that it was done.
const MARK: &str = "first marketplace carried over";

/// Carries the first marketplace's tables over, if they are there and that was
/// not done before, and says in the log what came of it. The caller sees to it
/// that no other process does the same at a time.
///
/// # Errors
/// When the database fails, a row cannot be read, or the counts do not add up;
/// nothing has changed then.
pub async fn carry_over_once(store: &Store) -> anyhow::Result<Outcome> {
    if store.backend() != DbBackend::Postgres {
        return Ok(Outcome::NothingThere);
    }
    // An old server may still write to its tables meanwhile.
    let tx = store.begin_repeatable().await?;
    let outcome = carry_over(&tx)
        .await
        .context("cannot carry the first marketplace's tables over, so nothing was changed")?;
    let private = private_since_upgrade(&tx).await?;
    tx.commit().await?;
    if let Outcome::Done(report) = &outcome {
        report.log();
        if !private.is_empty() {
            tracing::warn!(
                count = private.len(),
                "items are private, as the upgrade from v1.5 left them; `marketplace migrate --dry-run` lists them"
            );
        }
    }
    Ok(outcome)
}

/// The same within a transaction, which the caller ends.
pub async fn carry_over(tx: &Transaction) -> anyhow::Result<Outcome> {
    let Some(legacy) = tables::find(tx).await? else {
        return Ok(Outcome::NothingThere);
    };
    if !marks::set(tx, MARK).await? {
        return Ok(Outcome::DoneBefore);
    }
    let report = carry::run(tx, &legacy).await?;
    // An admin who emptied the old catalogue does not want ours either.
    marks::set(tx, official::MARK).await?;
    Ok(Outcome::Done(report))
}

/// The items that became private when v1.5 was upgraded to v1.6 and are still:
/// their authors may never have wanted that.
pub async fn private_since_upgrade(tx: &Transaction) -> anyhow::Result<Vec<PrivateItem>> {
    match tables::find(tx).await? {
        Some(legacy) if legacy.generation == report::Generation::UpgradedFromV15 => {
            Ok(rows::private_items(tx).await?)
        }
        _ => Ok(Vec::new()),
    }
}
