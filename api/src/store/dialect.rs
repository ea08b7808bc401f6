//! What `PostgreSQL` and `SQLite` say differently: one module each, and here
//! the choice between them.

mod postgres;
mod sqlite;

use sea_orm::sea_query::{
    Expr, InsertStatement, OnConflict, Query, SelectStatement, UpdateStatement,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use serde::Serialize;
use serde_json::json;

use super::audit::Line;
use super::entity::items;
use super::way::Way;

/// The statements that make what finds items by their codes.
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

/// Whether the row of `items` has one of `codes`, asked of each row or of their
/// index.
pub(super) fn has_code(backend: DbBackend, way: Option<Way>, codes: &[i64]) -> Expr {
    match (backend, way) {
        (DbBackend::Postgres, Some(Way::Walk)) => postgres::row_has_code(codes),
        (DbBackend::Postgres, _) => postgres::has_code(codes),
        (_, Some(Way::Walk)) => sqlite::row_has_code(codes),
        _ => sqlite::has_code(codes),
    }
}

/// A new item's row.
#[derive(Serialize)]
pub(super) struct ItemRow {
    #[serde(flatten)]
    pub(super) row: items::Model,
    /// What it is found by; see [`super::search`].
    pub(super) codes: Vec<i64>,
}

/// The rows that are inserted for new items, by their tables.
#[derive(Default)]
pub(super) struct NewRows {
    pub(super) items: Vec<ItemRow>,
    /// Pairs of an item's id and a tag's.
    pub(super) item_tags: Vec<[String; 2]>,
    /// Pairs of an item's id and a category's.
    pub(super) item_categories: Vec<[String; 2]>,
    /// Pairs of an item's id and a group's name.
    pub(super) item_groups: Vec<[String; 2]>,
    /// Pairs of key and term for the vocabulary; those that are there stay.
    pub(super) search_keys: Vec<[String; 2]>,
    pub(super) audit: Vec<Line>,
}

/// Inserts all of it; nothing for no items. The tags and categories must be locked.
pub(super) async fn insert_items<C: ConnectionTrait>(db: &C, rows: NewRows) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::insert_items(db, &rows).await,
        _ => sqlite::insert_items(db, rows).await,
    }
}

/// The statement that adds pairs of key and term to the vocabulary, but for those
/// that it has; none for no pairs.
pub(super) fn insert_keys(backend: DbBackend, pairs: &[[String; 2]]) -> Option<InsertStatement> {
    let known = OnConflict::columns(["key", "term"]).do_nothing().to_owned();
    insert_pairs(backend, "search_keys", ["key", "term"], pairs)
        .map(|mut insert| insert.on_conflict(known).to_owned())
}

/// The statement that inserts pairs, which travel as a single parameter; none
/// for no pairs.
fn insert_pairs(
    backend: DbBackend,
    table: &'static str,
    columns: [&'static str; 2],
    pairs: &[[String; 2]],
) -> Option<InsertStatement> {
    if pairs.is_empty() {
        return None;
    }
    let mut select = Query::select();
    select
        .expr(Expr::cust("value ->> 0"))
        .expr(Expr::cust("value ->> 1"));
    let list = json!(pairs).to_string();
    match backend {
        DbBackend::Postgres => postgres::from_list(&mut select, list),
        _ => sqlite::from_list(&mut select, list),
    }
    Some(insert_select(table, columns, select))
}

fn insert_select<const N: usize>(
    table: &'static str,
    columns: [&'static str; N],
    select: SelectStatement,
) -> InsertStatement {
    let mut insert = Query::insert();
    insert.into_table(table).columns(columns);
    // It fails when there are more or fewer columns than values.
    let counted = insert.select_from(select);
    debug_assert!(counted.is_ok(), "as many values as columns of {table}");
    insert
}

/// Does `update`, which is one of the item's own row, and makes `codes` all that
/// the item is found by.
pub(super) async fn index<C: ConnectionTrait>(
    db: &C,
    item_id: &str,
    update: UpdateStatement,
    codes: &[i64],
) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::index(db, update, codes).await,
        _ => sqlite::index(db, item_id, &update, codes).await,
    }
}

/// What tells the moment of a statement: as long as it stays the same, so does
/// all that statements see. Nothing where the database does not tell.
pub(super) fn moment(backend: DbBackend) -> Expr {
    match backend {
        DbBackend::Postgres => Expr::cust(postgres::MOMENT),
        _ => Expr::value(Option::<String>::None),
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
