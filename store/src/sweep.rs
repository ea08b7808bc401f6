//! Terms and tags that no item has any more go away.
//!
//! A writer cannot tell whether it was the last one that used a term: another one may
//! be about to, unseen. So a task goes through the vocabulary, a batch at a time, after
//! items have changed. Whoever writes an item holds the vocabulary until the item is
//! there ([`dialect::hold_vocabulary`]); the task removes a term only while nobody does,
//! and after it has asked again. Any number of servers may do so on one database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use tokio::sync::{Notify, Semaphore};

use super::labels::by_name;
use super::search::vocabulary;
use super::{Store, StoreError, dialect};
use crate::store::sweeper::Sweeper;
use crate::transaction::begin;

/// Terms of one batch: a few milliseconds, during which writers may have to wait.
const BATCH: u64 = 256;

/// Between two rounds: what is not used any more takes some room, and nothing else.
const PAUSE: Duration = Duration::from_mins(1);

/// How much longer than its work a batch, or a round, rests: a twentieth of a core at
/// most for the rounds of a large catalogue that changes all the time.
const REST: u32 = 19;

/// The longest rest between two batches.
const MAX_REST: Duration = Duration::from_millis(100);

/// Starts the task that sweeps, which waits until it is woken. It takes `turns` at what may
/// take the database long.
pub(crate) fn start(
    db: DatabaseConnection,
    writer: DatabaseConnection,
    turns: Arc<Semaphore>,
) -> Sweeper {
    Sweeper::start(|changed| run(db, writer, turns, changed))
}

async fn run(
    db: DatabaseConnection,
    writer: DatabaseConnection,
    turns: Arc<Semaphore>,
    changed: Arc<Notify>,
) {
    loop {
        changed.notified().await;
        let started = Instant::now();
        if let Err(error) = round(&db, &writer, &turns).await {
            // The database is out of reach, or somebody held the vocabulary: later.
            tracing::debug!(%error, "unused terms were not removed");
            changed.notify_one();
        }
        tokio::time::sleep(PAUSE.max(started.elapsed() * REST)).await;
    }
}

impl Store {
    /// Removes the terms and tags that no item has any more, which happens by itself
    /// about a minute after items have changed.
    pub async fn remove_unused(&self) -> Result<(), StoreError> {
        Ok(round(&self.db, &self.writer, &self.long_reads).await?)
    }
}

/// Goes through all terms once.
async fn round(
    db: &DatabaseConnection,
    writer: &DatabaseConnection,
    turns: &Semaphore,
) -> Result<(), DbErr> {
    let mut after = i64::MIN;
    loop {
        let turn = turns.acquire().await.ok();
        let started = Instant::now();
        let query = Query::select()
            .column("code")
            .from("search_terms")
            .and_where(Expr::col("code").gt(after))
            .order_by("code", Order::Asc)
            .limit(BATCH)
            .to_owned();
        let codes: Vec<i64> = dialect::first_column(db, &query).await?;
        let Some(last) = codes.last() else { break };
        after = *last;
        let unused = dialect::unused_codes(db, &codes).await?;
        if !unused.is_empty() {
            remove(writer, &unused).await?;
        }
        drop(turn);
        tokio::time::sleep((started.elapsed() * REST).min(MAX_REST)).await;
    }
    let tx = begin(writer).await?;
    by_name::remove_unused_tags(&tx, None).await?;
    tx.commit().await
}

/// Removes those of the terms that are still used by nobody.
async fn remove(writer: &DatabaseConnection, codes: &[i64]) -> Result<(), DbErr> {
    let tx = begin(writer).await?;
    dialect::lock_vocabulary(&tx).await?;
    let backend = tx.get_database_backend();
    let unused = dialect::unused_codes(&tx, codes).await?;
    let terms = vocabulary::known(&tx, &unused).await?;
    let keys: Vec<(String, i64)> = terms
        .iter()
        .flat_map(|(code, term)| vocabulary::keys(term).into_iter().map(|key| (key, *code)))
        .collect();
    tx.execute(&dialect::delete_keys(backend, &keys)).await?;
    let delete = Query::delete()
        .from_table("search_terms")
        .and_where(dialect::among_codes(backend, "search_terms.code", &unused))
        .to_owned();
    tx.execute(&delete).await?;
    tx.commit().await
}
