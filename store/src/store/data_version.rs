//! When an `SQLite` database changes, as one connection sees it.
//!
//! `PostgreSQL` tells with each row which transactions the statement sees.
//! `SQLite` has no such thing, but a number that tells one connection that others
//! have changed the file, whichever process they belong to
//! (`PRAGMA data_version`). So there is one connection that does nothing but ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};

/// Tells versions of the data of a database apart.
pub(crate) struct DataVersions {
    connection: DatabaseConnection,
    /// How many connections there have been. The numbers of one say nothing about
    /// those of another.
    opened: Arc<AtomicU64>,
}

impl DataVersions {
    /// Asks a pool of one connection, each new one of which is counted in
    /// `opened`.
    pub(crate) fn new(connection: DatabaseConnection, opened: Arc<AtomicU64>) -> Self {
        Self { connection, opened }
    }

    /// The version that is now: another one after each change by anybody.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn read(&self) -> Result<String, DbErr> {
        let backend = self.connection.get_database_backend();
        let statement = Statement::from_string(backend, "PRAGMA data_version");
        let version: i64 = match self.connection.query_one_raw(statement).await? {
            Some(row) => row.try_get_by_index(0)?,
            None => return Err(DbErr::Custom("SQLite has no data version".to_owned())),
        };
        Ok(format!("{}/{version}", self.opened.load(Ordering::Acquire)))
    }

    /// Lets go of the connection.
    ///
    /// # Errors
    /// When the database does not.
    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        self.connection.close_by_ref().await
    }
}
