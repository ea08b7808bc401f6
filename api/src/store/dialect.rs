//! What `PostgreSQL` and `SQLite` say differently: one module each, and here
//! the choice between them.

mod postgres;
mod sqlite;

use sea_orm::sea_query::{Expr, InsertStatement, Query, SelectStatement};
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

/// Inserts pairs, which travel as a single parameter.
pub(super) fn insert_pairs(
    backend: DbBackend,
    table: &'static str,
    columns: [&'static str; 2],
    pairs: &[[&str; 2]],
) -> InsertStatement {
    let list = serde_json::Value::from_iter(pairs.iter().map(|pair| pair.to_vec())).to_string();
    let mut select = Query::select();
    select
        .expr(Expr::cust("value ->> 0"))
        .expr(Expr::cust("value ->> 1"));
    match backend {
        DbBackend::Postgres => postgres::from_list(&mut select, list),
        _ => sqlite::from_list(&mut select, list),
    }
    insert_select(table, columns, select)
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

/// Inserts rows of several tables, a table once at most; what others refer to
/// comes first.
pub(super) async fn insert_all<C: ConnectionTrait>(
    db: &C,
    statements: Vec<InsertStatement>,
) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        return postgres::insert_all(db, statements).await;
    }
    for statement in &statements {
        db.execute(statement).await?;
    }
    Ok(())
}

/// The statements that put rows into `item_search` that are not there yet.
pub(super) fn insert_search(backend: DbBackend, rows: Vec<SearchRow>) -> Vec<InsertStatement> {
    match backend {
        DbBackend::Postgres => vec![postgres::insert_search(rows)],
        _ => sqlite::insert_search(rows),
    }
}

/// Puts rows into `item_search`, over those that are there.
pub(super) async fn put<C: ConnectionTrait>(db: &C, rows: Vec<SearchRow>) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::put(db, rows).await,
        _ => sqlite::put(db, rows).await,
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
