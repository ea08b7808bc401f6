//! The catalogue: its connections, and what a server keeps beside them. What can be done
//! with it is said by the rooms above, each in an `impl Store` of its own.

pub(crate) mod count_cache;
pub(crate) mod data_version;
pub(crate) mod official_names;
pub(crate) mod sweeper;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::{DatabaseConnection, DatabaseConnectionType, DatabaseTransaction, DbBackend, DbErr};
use tokio::sync::{Semaphore, watch as channel};

use count_cache::CountCache;
use data_version::DataVersions;
use sweeper::Sweeper;

use crate::clock::{Clock, Ids};
use crate::dialect;
use crate::error::StoreError;
use crate::secrets::Keyring;
use crate::transaction::{Transaction, begin, begin_repeatable};

/// The catalogue; cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) db: DatabaseConnection,
    /// Where changes are made: on `SQLite`, which takes one writer at a time, a
    /// single connection that writers get in the order in which they come.
    /// Left to themselves they would try again and again, some for seconds.
    pub(crate) writer: DatabaseConnection,
    pub(crate) keys: Arc<Keyring>,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) counts: Arc<CountCache>,
    /// What tells versions of `SQLite`'s data; `PostgreSQL` tells them itself.
    pub(crate) data_versions: Option<Arc<DataVersions>>,
    pub(crate) official_names: Arc<official_names::Cache>,
    /// Turns at reading a whole catalogue. One takes megabytes of memory and all
    /// that a core can do, so more at a time would be no faster.
    pub(crate) whole_lists: Arc<Semaphore>,
    /// Turns at questions that read many texts.
    pub(crate) scans: Arc<Semaphore>,
    pub(crate) sweeper: Arc<Sweeper>,
    /// Turns at what may take the database long, lists and counts: fewer than
    /// connections, so that whoever wants one thing always finds a connection, and
    /// whoever wants a list waits here, as long as a request may take.
    pub(crate) long_reads: Arc<Semaphore>,
    pub(crate) phase: Arc<channel::Sender<Phase>>,
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

/// Locks a mutex whose value is whole at any time, so that a panic while it was held
/// matters to nobody else.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
