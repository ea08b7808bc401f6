//! Opening the database, waiting for it, and bringing its schema up to date.

use std::fs::File;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::future::BoxFuture;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{ConnectOptions as _, Connection};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr,
    TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tokio::sync::{Semaphore, watch as channel};
use tracing::log::LevelFilter;

use super::private_file;
use super::transaction::{Transaction, begin_repeatable};
use super::waiting::Waiting;
use super::{error, listing, sweep};
use crate::clock::{Clock, Ids};
use crate::database::Database;
use crate::migration::{self, Migrator};
use crate::store::data_version::DataVersions;
use crate::store::{Phase, Store};

/// Connections to `PostgreSQL` unless configured: a few more than cores, well
/// below the server's default of 100, so that several servers fit.
pub const DEFAULT_CONNECTIONS: u32 = 16;

/// Connections to a file of `SQLite`, besides the one that writes: enough to keep
/// the cores busy while a few long lists are read. Each takes a thread and its
/// share of memory.
const MAX_READERS: u32 = 4;

/// Pages that each connection to `SQLite` keeps, in KiB: all of a usual
/// catalogue's indexes. The system keeps the rest of the file.
const PAGES_KIB: &str = "-512";

/// Rows that `SQLite` reads ahead for one list. Its thread and the list's take turns after
/// so many: with 4, lists took half as long again. A row may have two thirds of a megabyte,
/// and three lists are read at a time: 30 MB at worst.
const ROWS_AHEAD: usize = 16;

/// How long a request waits for a connection before it is given up.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an idle connection is trusted to be still there; after that it is
/// tried before it is used. A busy server spares itself every second message to
/// the database, and after an outage whoever comes later than this notices none.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// How long a write waits for another one on `SQLite`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The key of `PostgreSQL`'s advisory lock around migrations; any number will
/// do that nobody else uses: these are the letters "paimarkt".
const MIGRATION_LOCK: i64 = 0x7061_696d_6172_6b74;

/// Begins to open the database: of `PostgreSQL` nothing is wanted yet, so that it may
/// start later; a file is opened. [`Store::prepare`] waits for it.
///
/// # Errors
/// When the file cannot be opened or made.
pub async fn begin_with(database: &Database, connections: u32) -> anyhow::Result<Store> {
    let (db, writer, data_versions) = match database {
        Database::Sqlite(file) => {
            private_file::make_folder(file)?;
            private_file::make_private(file)?;
            private_file::open_lock(file)?;
            (
                connect(database, MAX_READERS).await?,
                connect(database, 1).await?,
                Some(Arc::new(data_versions(database).await?)),
            )
        }
        Database::Postgres(_) => {
            // One holds the lock while another one prepares the schema.
            let mut options = options(database, connections.max(2));
            let db = open_pool(database, options.connect_lazy(true).clone()).await?;
            (db.clone(), db, None)
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let readers = match database {
        Database::Sqlite(_) => MAX_READERS,
        Database::Postgres(_) => connections,
    };
    let turns = usize::try_from(readers * 3 / 4).unwrap_or(1).max(1);
    let long_reads = Arc::new(Semaphore::new(turns));
    Ok(Store {
        sweeper: Arc::new(sweep::start(
            db.clone(),
            writer.clone(),
            Arc::clone(&long_reads),
        )),
        scans: Arc::new(Semaphore::new(listing::scan::turns(cores))),
        db,
        writer,
        whole_lists: Arc::new(Semaphore::new(cores.min(turns))),
        long_reads,
        keys: Arc::default(),
        clock: Clock::system(),
        ids: Ids::random(),
        counts: Arc::default(),
        official_names: Arc::default(),
        data_versions,
        phase: Arc::new(channel::Sender::new(Phase::Waiting)),
    })
}

impl Store {
    /// Waits until the database takes connections, `patience` at most, and then does
    /// `work`, during which no other process prepares the same database. It is done
    /// again from the start when the database goes away meanwhile, with what is left of
    /// the patience.
    ///
    /// # Errors
    /// When the database does not come, waiting does not help, or `work` fails; the
    /// message names no password.
    pub async fn prepare<T>(
        &self,
        database: &Database,
        patience: Duration,
        work: impl Fn() -> BoxFuture<'static, anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let mut waiting = Waiting::new(database, patience);
        loop {
            waiting.until_there().await?;
            self.phase.send_replace(Phase::Preparing);
            let error = match self.alone(database, &work).await {
                Ok(result) => return Ok(result),
                Err(error) => error.context(format!("cannot prepare the {database}")),
            };
            if matches!(database, Database::Sqlite(_)) || !may_pass(&error) {
                return Err(error);
            }
            self.phase.send_replace(Phase::Waiting);
            waiting.wait(error, Instant::now()).await?;
        }
    }

    async fn alone<T>(
        &self,
        database: &Database,
        work: impl Fn() -> BoxFuture<'static, anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let lock = Lock::take(database, &self.db).await?;
        let result = work().await?;
        lock.release().await?;
        // There may be something that the last server did not get to.
        self.sweeper.wake();
        Ok(result)
    }

    /// Makes the schema, or brings it up to date.
    ///
    /// # Errors
    /// When the database fails, or a newer version has made its schema.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        let state = migration::state(&self.db).await?;
        state.refuse_newer()?;
        if state == migration::State::Older {
            tracing::info!("the database's schema is brought up to date");
        }
        Ok(Migrator::up(&self.db, None).await?)
    }
}

/// Whether what failed may succeed when it is tried again.
fn may_pass(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref().is_some_and(error::may_pass))
}

/// Does `work` on a database whose schema is up to date, in a transaction that
/// is rolled back: all of that has never been.
///
/// # Errors
/// When the database is not there, cannot be opened or its schema brought up to date, and
/// what `work` fails with.
pub async fn rehearse<T>(
    database: &Database,
    work: impl AsyncFnOnce(&Transaction) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    ensure!(
        !is_missing(database),
        "there is no {database}, and a rehearsal does not make one"
    );
    // One connection holds the lock, the other one works.
    let db = connect(database, 2).await?;
    let lock = Lock::take(database, &db).await?;
    let tx = begin_repeatable(&db).await?;
    migration::state(&tx)
        .await?
        .refuse_newer()
        .with_context(|| format!("cannot prepare the {database}"))?;
    Migrator::up(&tx, None).await?;
    let tx = Transaction::new(tx, Clock::system(), Ids::random());
    let result = work(&tx).await;
    tx.rollback().await?;
    lock.release().await?;
    db.close().await?;
    result
}

/// Whether it is a file that is not there.
pub(super) fn is_missing(database: &Database) -> bool {
    matches!(database, Database::Sqlite(file) if !file.exists())
}

pub(super) async fn connect(
    database: &Database,
    connections: u32,
) -> anyhow::Result<DatabaseConnection> {
    open_pool(database, options(database, connections)).await
}

/// Opens a connection that notices changes; it stays open, because a new one would
/// not know what the old one has seen.
async fn data_versions(database: &Database) -> anyhow::Result<DataVersions> {
    let opened = Arc::new(AtomicU64::new(0));
    let mut options = options(database, 1);
    let counter = Arc::clone(&opened);
    options
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |_| {
            counter.fetch_add(1, Ordering::Release);
            Box::pin(async { Ok(()) })
        });
    let connection = open_pool(database, options).await?;
    Ok(DataVersions::new(connection, opened))
}

async fn open_pool(
    database: &Database,
    options: ConnectOptions,
) -> anyhow::Result<DatabaseConnection> {
    let opened = sea_orm::Database::connect(options).await;
    opened
        .map_err(|error| {
            let is_no_database = is_no_database(&error);
            let error = anyhow::Error::from(error);
            if is_no_database {
                error.context(
                    "it holds something else, or is encrypted or damaged: move it away, or name another file by \
                     DATABASE_URL=sqlite://FILE",
                )
            } else {
                error
            }
        })
        .with_context(|| format!("cannot open the {database}"))
}

/// Whether `SQLite` finds that the file is none of its own (SQLITE_NOTADB), or cannot
/// make sense of it (SQLITE_CORRUPT).
fn is_no_database(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    error
        .as_database_error()
        .is_some_and(|error| matches!(error.code().as_deref(), Some("26" | "11")))
}

/// A connection whose transaction could not be rolled back is closed before it is
/// used again. On a full disk `SQLite` rolls back by itself, so that the ROLLBACK
/// after it fails, and to sqlx the transaction goes on: what comes next would be a
/// part of it, answered 201 and never committed.
fn options(database: &Database, connections: u32) -> ConnectOptions {
    let mut options = match database {
        Database::Sqlite(file) => {
            ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()))
        }
        // Everything but the kind comes from `map_sqlx_postgres_opts` below.
        Database::Postgres(_) => ConnectOptions::new("postgres://"),
    };
    if let Database::Postgres(address) = database {
        let address = address.options().log_statements(LevelFilter::Trace);
        options.map_sqlx_postgres_opts(move |_| address.clone());
    }
    options
        .max_connections(connections)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire_if_idle_for(TRUSTED_FOR)
        .sqlx_logging_level(LevelFilter::Trace)
        .map_sqlx_sqlite_before_acquire(|connection, _| {
            let is_idle = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_idle) })
        })
        .map_sqlx_sqlite_opts(|options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                // What was answered 2xx survives a power cut too.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(BUSY_TIMEOUT)
                .pragma("cache_size", PAGES_KIB)
                .row_buffer_size(ROWS_AHEAD)
                .foreign_keys(true)
        });
    options
}

/// Keeps other processes from preparing the same database at a time.
enum Lock {
    /// The file's lock goes with the process.
    File(#[expect(dead_code, reason = "it is held, not read")] File),
    /// The lock belongs to a transaction of its own, so that it goes with the
    /// connection whatever happens.
    Advisory(DatabaseTransaction),
}

impl Lock {
    /// Waits until no other process holds it.
    async fn take(database: &Database, db: &DatabaseConnection) -> anyhow::Result<Self> {
        match database {
            Database::Sqlite(file) => Ok(Self::File(lock_file(file).await?)),
            Database::Postgres(_) => {
                let guard = db.begin().await?;
                guard
                    .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
                    .await?;
                Ok(Self::Advisory(guard))
            }
        }
    }

    async fn release(self) -> anyhow::Result<()> {
        if let Self::Advisory(guard) = self {
            guard.commit().await?;
        }
        Ok(())
    }
}

/// Waits until no other process prepares this file.
async fn lock_file(database: &Path) -> anyhow::Result<File> {
    let lock = private_file::open_lock(database)?;
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await??;
    Ok(lock)
}
