//! What `PostgreSQL` and `SQLite` say differently: one module each, and here
//! the choice between them.

mod postgres;
mod sqlite;

use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// What the search table holds of one item; see [`super::search`].
pub(super) struct SearchRow {
    pub(super) item_id: String,
    pub(super) name: String,
    pub(super) tags: String,
    pub(super) summary: String,
    pub(super) haystack: String,
    /// The item's pieces as numbers, without duplicates.
    pub(super) codes: Vec<i64>,
}

/// The statements that make what finds items by their pieces, over the table
/// `item_search`.
pub(crate) fn create_index(backend: DbBackend) -> &'static [&'static str] {
    match backend {
        DbBackend::Postgres => postgres::CREATE_INDEX,
        _ => sqlite::CREATE_INDEX,
    }
}

/// How a column is declared whose texts are compared byte by byte.
pub(crate) fn bytewise(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "COLLATE \"C\"",
        _ => "COLLATE BINARY",
    }
}

/// Whether `column` is one of `values`, which travel as a single parameter: a
/// statement's text, and so its plan, is the same for any number of them.
pub(super) fn among(backend: DbBackend, column: &str, values: &[&str]) -> Expr {
    let list = serde_json::Value::from(values).to_string();
    match backend {
        DbBackend::Postgres => postgres::among(column, list),
        _ => sqlite::among(column, list),
    }
}

/// Whether the row of `item_search` has a piece that is one of `codes`.
pub(super) fn has_code(backend: DbBackend, codes: &[i64]) -> Expr {
    match backend {
        DbBackend::Postgres => postgres::has_code(codes),
        _ => sqlite::has_code(codes),
    }
}

/// Puts rows into `item_search`, over those that are there.
pub(super) async fn put<C: ConnectionTrait>(db: &C, rows: Vec<SearchRow>) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::put(db, rows).await,
        _ => sqlite::put(db, rows).await,
    }
}

/// Looks at all tables anew, for the planner's sake.
pub(super) async fn tidy<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    db.execute_unprepared(match db.get_database_backend() {
        DbBackend::Postgres => postgres::TIDY,
        _ => sqlite::TIDY,
    })
    .await?;
    Ok(())
}
