//! From a database to a catalogue that requests can be answered from, step by step.

use std::time::Duration;

use futures_util::FutureExt as _;

use crate::config::Database;
use crate::official;
use legacy::report::Outcome;
use store::{ACQUIRE_TIMEOUT, DEFAULT_CONNECTIONS, Store};

/// What to do about the official templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Templates {
    /// Load them into a catalogue that never had any.
    Load,
    /// Leave it without: a bundle brings its own.
    Leave,
}

/// Opens the database, makes or updates its schema, carries the first
/// marketplace's tables over, and loads the official templates into a
/// catalogue that never had any. Servers that start at the same time do this
/// one after the other.
///
/// # Errors
/// When the database cannot be opened or brought up to date; the message names
/// no password.
pub async fn open(database: &Database) -> anyhow::Result<Store> {
    let opened = open_with(database, DEFAULT_CONNECTIONS, Templates::Load);
    Ok(opened.await?.0)
}

/// The same with so many connections to `PostgreSQL`, at least two; tells what became of
/// the first marketplace's tables.
///
/// # Errors
/// As [`open`].
pub async fn open_with(
    database: &Database,
    connections: u32,
    templates: Templates,
) -> anyhow::Result<(Store, Outcome)> {
    let store = store::begin_with(database, connections).await?;
    let outcome = prepare(&store, database, ACQUIRE_TIMEOUT, templates).await?;
    store.set_ready();
    Ok((store, outcome))
}

/// Waits until the database takes connections, `patience` at most, and brings it
/// up to date as [`open`] does, however long that takes. When the database goes
/// away meanwhile, what is left of the patience counts. Whoever calls it says when the
/// catalogue is ready ([`Store::set_ready`]).
///
/// # Errors
/// When it does not come, waiting does not help, or it cannot be brought up to
/// date; the message names no password.
pub async fn prepare(
    store: &Store,
    database: &Database,
    patience: Duration,
    templates: Templates,
) -> anyhow::Result<Outcome> {
    let steps = || {
        let store = store.clone();
        async move {
            store.migrate().await?;
            store.reindex_if_marked().await?;
            let outcome = legacy::carry_over_once(&store).await?;
            store.fill_demands().await?;
            if templates == Templates::Load {
                official::load_once(&store).await?;
            }
            Ok(outcome)
        }
        .boxed()
    };
    store.prepare(database, patience, steps).await
}
