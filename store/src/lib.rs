//! Everything that touches the database. Whoever calls it sees wire types and
//! [`StoreError`]s, never rows or SQL, and says how those are answered.

pub mod audit;
pub mod bundle;
pub mod clock;
mod connect;
mod create;
pub mod database;
mod demands;
pub(crate) mod dialect;
pub mod entity;
mod error;
mod follows;
pub mod idempotency;
mod item_to_create;
pub mod items;
pub mod labels;
mod links;
pub mod listing;
pub mod marks;
pub mod migration;
pub mod names;
pub mod news;
pub mod official;
mod official_names;
mod private_file;
mod recheck;
mod relations;
pub mod runs;
mod scan_strategy;
pub mod search;
pub mod secrets;
mod stars;
pub mod storages;
mod sweep;
mod transaction;
pub mod usage;
pub mod versions;
mod viewer;
mod waiting;
mod withdrawals;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{DatabaseConnection, DatabaseConnectionType, DatabaseTransaction, DbBackend, DbErr};
use tokio::sync::{Semaphore, watch as channel};

pub use connect::rehearse;
pub use connect::{ACQUIRE_TIMEOUT, DEFAULT_CONNECTIONS, begin_with};
pub use error::{CallbackError, Outage, StoreError};
pub use item_to_create::ItemToCreate;
pub use official_names::OfficialNames;
pub use transaction::Transaction;

use crate::clock::{Clock, Ids};
use crate::secrets::Keyring;
use crate::transaction::{begin, begin_repeatable};

/// The catalogue; cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: DatabaseConnection,
    /// Where changes are made: on `SQLite`, which takes one writer at a time, a
    /// single connection that writers get in the order in which they come.
    /// Left to themselves they would try again and again, some for seconds.
    writer: DatabaseConnection,
    keys: Arc<Keyring>,
    clock: Clock,
    ids: Ids,
    counts: Arc<listing::count_cache::CountCache>,
    /// What tells versions of `SQLite`'s data; `PostgreSQL` tells them itself.
    data_versions: Option<Arc<listing::data_version::DataVersions>>,
    official_names: Arc<official_names::Cache>,
    /// Turns at reading a whole catalogue. One takes megabytes of memory and all
    /// that a core can do, so more at a time would be no faster.
    whole_lists: Arc<Semaphore>,
    /// Turns at questions that read many texts.
    scans: Arc<Semaphore>,
    sweeper: Arc<sweep::Sweeper>,
    /// Turns at what may take the database long, lists and counts: fewer than
    /// connections, so that whoever wants one thing always finds a connection, and
    /// whoever wants a list waits here, as long as a request may take.
    long_reads: Arc<Semaphore>,
    phase: Arc<channel::Sender<Phase>>,
}

/// How far a catalogue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The database is not there yet.
    Waiting,
    /// Its schema is being brought up to date.
    Preparing,
    /// Requests can be answered.
    Ready,
}

/// Connections to the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pool {
    /// All that are open.
    pub connections: u32,
    /// Those that nobody uses.
    pub idle: usize,
}

impl Store {
    /// The same catalogue, with keys for the secrets in it.
    #[must_use]
    pub fn with_keys(self, keys: Keyring) -> Self {
        Self {
            keys: Arc::new(keys),
            ..self
        }
    }

    /// The same catalogue by another clock than the system's.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same catalogue with other ids for what is new than random ones.
    #[must_use]
    pub fn with_ids(self, ids: Ids) -> Self {
        Self { ids, ..self }
    }

    /// What time it is for this catalogue.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Where ids come from.
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// How far the catalogue is.
    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Waits until the catalogue is ready, for as long as that takes.
    pub async fn until_ready(&self) {
        let mut phase = self.phase.subscribe();
        // It ends otherwise only when nobody can set it any more.
        let _ = phase.wait_for(|phase| *phase == Phase::Ready).await;
    }

    /// Says that all is done that comes before the first request.
    pub fn set_ready(&self) {
        self.phase.send_replace(Phase::Ready);
    }

    /// Begins a transaction that writes.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        Ok(self.transaction(begin(&self.writer).await?))
    }

    /// Begins a transaction that writes, and sees one moment from the first statement to
    /// the last, whatever others write meanwhile.
    pub async fn begin_repeatable(&self) -> Result<Transaction, DbErr> {
        Ok(self.transaction(begin_repeatable(&self.writer).await?))
    }

    fn transaction(&self, inner: DatabaseTransaction) -> Transaction {
        Transaction::new(inner, self.clock.clone(), self.ids.clone())
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    /// Does what a step of the schema has asked for: finds all items anew.
    pub async fn reindex_if_marked(&self) -> Result<(), StoreError> {
        Ok(search::reindex_if_marked(&self.writer).await?)
    }

    /// How many connections there are.
    pub fn pool(&self) -> Pool {
        match &self.db.inner {
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                let pool = self.db.get_postgres_connection_pool();
                Pool {
                    connections: pool.size(),
                    idle: pool.num_idle(),
                }
            }
            DatabaseConnectionType::SqlxSqlitePoolConnection(_) => {
                let pool = self.db.get_sqlite_connection_pool();
                Pool {
                    connections: pool.size(),
                    idle: pool.num_idle(),
                }
            }
            DatabaseConnectionType::Disconnected => Pool::default(),
        }
    }

    /// Whether the database answers, within `timeout`.
    pub async fn is_reachable(&self, timeout: Duration) -> bool {
        matches!(
            tokio::time::timeout(timeout, self.db.ping()).await,
            Ok(Ok(()))
        )
    }

    /// Tells the database to look at its tables anew, after many rows have come
    /// in at once; it does so by itself within minutes.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        Ok(dialect::analyze(&self.db).await?)
    }

    /// Lets go of all connections, after what is under way has ended.
    pub async fn close(self) -> Result<(), StoreError> {
        self.sweeper.stop();
        if let Some(data_versions) = &self.data_versions {
            data_versions.close().await?;
        }
        self.writer.close().await?;
        Ok(self.db.close().await?)
    }
}

/// A time as the wire has it.
fn iso(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
