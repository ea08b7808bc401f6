//! Lines of the audit that are older than they are to be kept go away.

use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::Store;
use crate::entity::audit::{Column, Entity};
use crate::transaction::begin;

/// Lines that one transaction removes: some ten milliseconds, during which writers to
/// SQLite wait.
const BATCH: u64 = 500;

/// Between two rounds: lines are kept for days.
const PAUSE: Duration = Duration::from_hours(1);

/// The same after a round that failed, because the database was away or busy.
const RETRY: Duration = Duration::from_mins(1);

/// How much longer than its work a batch rests: a tenth of the database at most.
const REST: u32 = 9;

/// The longest rest between two batches.
const MAX_REST: Duration = Duration::from_millis(500);

/// The task that removes old lines; it ends when this is dropped.
#[must_use = "the task ends when this is dropped"]
pub struct Retention(JoinHandle<()>);

impl Drop for Retention {
    /// A batch happens wholly or not at all.
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Store {
    /// Deletes lines of the audit that are older than so many days, in the background: a batch
    /// at a time, each of which waits for its turn at what may take the database long,
    /// so that whoever wants one thing always finds a connection. Any number of servers
    /// may do so on one database.
    pub fn start_audit_retention(&self, days: NonZero<u32>) -> Retention {
        let clock = self.clock.clone();
        let (writer, turns) = (self.writer.clone(), Arc::clone(&self.long_reads));
        let age = TimeDelta::days(i64::from(days.get()));
        Retention(tokio::spawn(async move {
            loop {
                let pause = match round(&writer, &turns, clock.now() - age).await {
                    Ok(0) => PAUSE,
                    Ok(count) => {
                        tracing::info!(count, days, "old lines of the audit were removed");
                        PAUSE
                    }
                    Err(error) => {
                        tracing::debug!(%error, "old lines of the audit were not removed");
                        RETRY
                    }
                };
                tokio::time::sleep(pause).await;
            }
        }))
    }
}

/// Removes all lines from before a time, and answers how many.
async fn round(
    writer: &DatabaseConnection,
    turns: &Semaphore,
    before: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let mut count = 0;
    loop {
        let turn = turns.acquire().await.ok();
        let started = Instant::now();
        let removed = remove(writer, before).await?;
        drop(turn);
        count += removed;
        if removed < BATCH {
            return Ok(count);
        }
        tokio::time::sleep((started.elapsed() * REST).min(MAX_REST)).await;
    }
}

/// Removes the oldest of these lines.
async fn remove(writer: &DatabaseConnection, before: DateTime<Utc>) -> Result<u64, DbErr> {
    let oldest = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::At.lt(before))
        .order_by(Column::At, Order::Asc)
        .limit(BATCH)
        .to_owned();
    let delete = Query::delete()
        .from_table(Entity)
        .and_where(Column::Id.in_subquery(oldest))
        .to_owned();
    let tx = begin(writer).await?;
    let removed = tx.execute(&delete).await?.rows_affected();
    tx.commit().await?;
    Ok(removed)
}
