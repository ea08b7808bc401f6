//! Everything that touches the database. Handlers see wire types and
//! [`Refusal`](crate::problem::Refusal)s, never rows or SQL.

pub mod categories;
mod connect;
pub mod entity;
pub mod items;
mod marks;
mod relations;
mod search;
pub mod tags;

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use sea_orm::{
    DatabaseConnection, DatabaseConnectionType, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

pub use connect::open;

/// The catalogue; cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: DatabaseConnection,
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
    /// Begins a transaction that writes.
    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.db
            .begin_with_options(TransactionOptions {
                // Takes SQLite's write lock at once: one that is taken half-way
                // through fails, instead of waiting, when another writer was
                // faster.
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await
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

    /// Lets go of all connections, after what is under way has ended.
    pub async fn close(self) -> Result<(), DbErr> {
        self.db.close().await
    }
}

/// The present, to the millisecond: that is what the wire carries, and what is
/// written must be what was answered.
fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}

/// A time as the wire has it.
fn iso(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// An id for something new.
fn new_id() -> String {
    Uuid::new_v4().to_string()
}
