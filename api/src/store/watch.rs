//! Whether a file of `SQLite` has changed, by whatever process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

/// A connection that never writes, so that every change is one of others.
pub(super) struct Watcher {
    connection: DatabaseConnection,
    /// How often it was opened: what it says is told apart by that.
    opened: Arc<AtomicU64>,
}

impl Watcher {
    /// Watches through `connection`, a single one, which adds to `opened` when
    /// it is opened.
    pub(super) fn new(connection: DatabaseConnection, opened: Arc<AtomicU64>) -> Self {
        Self { connection, opened }
    }

    /// What is the same for as long as nothing changes.
    pub(super) async fn moment(&self) -> Result<String, DbErr> {
        let statement = "PRAGMA data_version";
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, statement);
        let row = self.connection.query_one_raw(statement).await?;
        let version: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        let opened = self.opened.load(Ordering::Acquire);
        Ok(format!("{opened}/{version}"))
    }

    /// Lets go of the connection.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        self.connection.clone().close().await
    }
}
