//! Opening the database and bringing its schema up to date.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, TransactionTrait};
use sea_orm_migration::MigratorTrait;

use super::Store;
use crate::config::Database;
use crate::migration::Migrator;
use crate::official;

/// Connections to `PostgreSQL`: a few more than cores, well below the server's
/// default of 100, so that several servers fit.
const MAX_CONNECTIONS: u32 = 16;

/// How long a request waits for a connection before it is told 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a write waits for another one on `SQLite`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The key of `PostgreSQL`'s advisory lock around migrations; any number will
/// do that nobody else uses: these are the letters "paimarkt".
const MIGRATION_LOCK: i64 = 0x7061_696d_6172_6b74;

/// Opens the database, makes or updates its schema, and loads the official
/// templates into a catalogue that never had any. Servers that start at the
/// same time do this one after the other.
///
/// # Errors
/// When the database cannot be opened or its schema cannot be brought up to
/// date; the message names no password.
pub async fn open(database: &Database) -> anyhow::Result<Store> {
    let store = Store {
        db: connect(database)
            .await
            .with_context(|| format!("cannot open the {database}"))?,
        keys: Arc::default(),
    };
    let prepared = match database {
        Database::Sqlite(file) => {
            let _lock = lock_file(file).await?;
            prepare(&store, &store.db).await
        }
        Database::Postgres(_) => prepare_locked(&store).await,
    };
    prepared.with_context(|| format!("cannot prepare the {database}"))?;
    Ok(store)
}

async fn connect(database: &Database) -> anyhow::Result<DatabaseConnection> {
    let mut options = match database {
        Database::Sqlite(file) => {
            if let Some(folder) = file
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
            {
                fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make the folder {}", folder.display()))?;
            }
            ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()))
        }
        Database::Postgres(url) => ConnectOptions::new(url),
    };
    options
        .max_connections(MAX_CONNECTIONS)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging_level(tracing::log::LevelFilter::Trace)
        .map_sqlx_sqlite_opts(|options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                // What was answered 2xx survives a power cut too.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(BUSY_TIMEOUT)
                .foreign_keys(true)
        });
    Ok(sea_orm::Database::connect(options).await?)
}

/// Waits until no other process prepares this file.
async fn lock_file(database: &Path) -> anyhow::Result<File> {
    let mut path = PathBuf::from(database).into_os_string();
    path.push(".lock");
    let lock = File::create(&path)
        .with_context(|| format!("cannot make the lock file {}", path.display()))?;
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await??;
    Ok(lock)
}

/// The lock belongs to a transaction of its own, so that it goes with the
/// connection whatever happens.
async fn prepare_locked(store: &Store) -> anyhow::Result<()> {
    let guard = store.db.begin().await?;
    guard
        .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        .await?;
    prepare(store, &store.db).await?;
    guard.commit().await?;
    Ok(())
}

async fn prepare(store: &Store, db: &DatabaseConnection) -> anyhow::Result<()> {
    Migrator::up(db, None).await?;
    official::load_once(store).await
}
