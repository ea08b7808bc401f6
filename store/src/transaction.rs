//! Transactions that write.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    IsolationLevel, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};

use crate::clock::{Clock, Ids};

/// A transaction that writes, and what it needs for new rows. Nothing of it has
/// happened unless it is committed.
pub struct Transaction {
    inner: DatabaseTransaction,
    clock: Clock,
    ids: Ids,
}

impl Transaction {
    pub(crate) fn new(inner: DatabaseTransaction, clock: Clock, ids: Ids) -> Self {
        Self { inner, clock, ids }
    }

    /// What time it is: see [`Clock::now`].
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// An id for a new row.
    pub fn new_id(&self) -> String {
        self.ids.next()
    }

    /// Makes it so.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await
    }

    /// Makes it never have been, as dropping it does, and waits for that.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }
}

pub(crate) async fn begin(writer: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    writer.begin_with_options(writing()).await
}

pub(crate) async fn begin_repeatable(
    writer: &DatabaseConnection,
) -> Result<DatabaseTransaction, DbErr> {
    let mut options = writing();
    // SQLite's transactions see one moment anyway.
    if writer.get_database_backend() == DbBackend::Postgres {
        options.isolation_level = Some(IsolationLevel::RepeatableRead);
    }
    writer.begin_with_options(options).await
}

fn writing() -> TransactionOptions {
    TransactionOptions {
        // Takes SQLite's write lock at once: one that is taken half-way
        // through fails, instead of waiting, when another writer was faster.
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}
