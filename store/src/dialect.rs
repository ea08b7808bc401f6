//! What `PostgreSQL` and `SQLite` say differently: one module each, and here
//! the choice between them.

mod postgres;
mod sqlite;

use std::time::Duration;

use sea_orm::sea_query::{
    DeleteStatement, DynIden, Expr, ExprTrait, Func, InsertStatement, IntoIden, OnConflict, Query,
    SelectStatement, UpdateStatement,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Iterable, ModelTrait, TryGetable};
use serde::Serialize;
use serde_json::{Value, json};

use super::entity::items::{self, Column};
use super::scan_strategy::ScanStrategy;

/// Whether `column` is one of `values`, texts that travel as a single parameter: a
/// statement's text, and so its plan, is the same for any number of them.
pub(super) fn among<T: Serialize>(backend: DbBackend, column: &str, values: &[T]) -> Expr {
    let list = json!(values).to_string();
    match backend {
        DbBackend::Postgres => postgres::among(column, list),
        _ => sqlite::among(column, list),
    }
}

/// Whether the row of `items` has one of `codes`, asked of each row or of their
/// index.
pub(super) fn has_code(backend: DbBackend, strategy: Option<ScanStrategy>, codes: &[i64]) -> Expr {
    match (backend, strategy) {
        (DbBackend::Postgres, Some(ScanStrategy::OrderedScan)) => postgres::row_has_code(codes),
        (DbBackend::Postgres, _) => postgres::has_code(codes),
        (_, Some(ScanStrategy::OrderedScan)) => sqlite::row_has_code(codes),
        _ => sqlite::has_code(codes),
    }
}

/// Whether what the row of `items` asks for has one of `codes`, asked of each row or of
/// their index.
pub(super) fn has_demand(
    backend: DbBackend,
    strategy: Option<ScanStrategy>,
    codes: &[i64],
) -> Expr {
    let of_each_row = strategy == Some(ScanStrategy::OrderedScan);
    match backend {
        DbBackend::Postgres if of_each_row => postgres::row_has_demand(codes),
        DbBackend::Postgres => postgres::among_codes("items.demand_code", codes),
        _ if of_each_row => sqlite::among("+items.demand_code", json!(codes).to_string()),
        _ => sqlite::among("items.demand_code", json!(codes).to_string()),
    }
}

/// Selects codes of what jobs ask for, which travel as a single parameter, with what
/// they stand for.
pub(super) fn demands(backend: DbBackend, codes: &[i64]) -> SelectStatement {
    let mut select = Query::select();
    // A number in JSON is one of JSON on `PostgreSQL`.
    let code = match backend {
        DbBackend::Postgres => "CAST(CAST(value AS text) AS bigint)",
        _ => "value",
    };
    select.expr(Expr::cust(code)).expr(Expr::cust(format!(
        "(SELECT demand FROM items WHERE demand_code = {code} LIMIT 1)"
    )));
    from_list(backend, &mut select, json!(codes).to_string());
    select
}

/// The most values of one statement: SQLite takes 32,766, PostgreSQL twice as many.
const MAX_PARAMETERS: usize = 30_000;

/// Inserts new items' own rows, each with the codes that it is found by.
pub(super) async fn insert_items<C: ConnectionTrait>(
    db: &C,
    rows: &[(items::Model, Vec<i64>)],
) -> Result<(), DbErr> {
    let is_postgres = db.get_database_backend() == DbBackend::Postgres;
    let mut columns: Vec<DynIden> = Column::iter().map(IntoIden::into_iden).collect();
    // Where the entity's columns are those of both databases.
    columns.extend(is_postgres.then(|| "codes".into_iden()));
    for rows in rows.chunks(MAX_PARAMETERS / columns.len()) {
        let mut insert = Query::insert();
        insert.into_table(items::Entity).columns(columns.clone());
        for (row, codes) in rows {
            let values = Column::iter().map(|column| Expr::value(row.get(column)));
            insert.values_panic(values.chain(is_postgres.then(|| postgres::array(codes))));
        }
        db.execute(&insert).await?;
    }
    if !is_postgres {
        for (row, codes) in rows {
            db.execute(&sqlite::postings(&row.id, codes)).await?;
        }
    }
    Ok(())
}

/// The statement that adds pairs of a text and a code to a table of the vocabulary, but
/// for those that it has. They travel as a single parameter.
pub(super) fn insert_codes<P: Serialize>(
    backend: DbBackend,
    table: &'static str,
    columns: [&'static str; 2],
    pairs: &P,
) -> InsertStatement {
    insert_new(table, columns, select_pairs(backend, CODE, &json!(pairs)))
}

/// The statement that takes pairs of key and code from the vocabulary.
pub(super) fn delete_keys(backend: DbBackend, pairs: &[(String, i64)]) -> DeleteStatement {
    let pairs = select_pairs(backend, CODE, &json!(pairs));
    Query::delete()
        .from_table("search_keys")
        .and_where(Expr::tuple([Expr::col("key"), Expr::col("code")]).in_subquery(pairs))
        .to_owned()
}

/// The second one of a pair, as text and as a code.
const SECOND: &str = "value ->> 1";
const CODE: &str = "CAST(value ->> 1 AS bigint)";

/// Selects pairs, which travel as a single parameter.
fn select_pairs(backend: DbBackend, second: &'static str, pairs: &Value) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(Expr::cust("value ->> 0"))
        .expr(Expr::cust(second));
    from_list(backend, &mut select, pairs.to_string());
    select
}

/// Whether `column` is one of `codes`, which travel as a single parameter.
pub(super) fn among_codes(backend: DbBackend, column: &str, codes: &[i64]) -> Expr {
    match backend {
        DbBackend::Postgres => postgres::among_codes(column, codes),
        _ => sqlite::among(column, json!(codes).to_string()),
    }
}

/// Whether the row of `items` has the code of the row of `search_terms`, asked of the
/// index of codes.
pub(super) fn has_term(backend: DbBackend) -> Expr {
    Expr::cust(match backend {
        DbBackend::Postgres => postgres::HAS_TERM,
        _ => sqlite::HAS_TERM,
    })
}

/// Which of `codes`, which stand for terms, no item has.
pub(super) async fn unused_codes<C: ConnectionTrait>(
    db: &C,
    codes: &[i64],
) -> Result<Vec<i64>, DbErr> {
    let backend = db.get_database_backend();
    let used = match backend {
        DbBackend::Postgres => postgres::USED_TERM,
        _ => sqlite::USED_TERM,
    };
    let query = Query::select()
        .column("code")
        .from("search_terms")
        .and_where(among_codes(backend, "search_terms.code", codes))
        .and_where(Expr::cust(format!("NOT EXISTS ({used})")))
        .to_owned();
    first_column(db, &query).await
}

/// What a query with one column reads.
pub(super) async fn first_column<T: TryGetable, C: ConnectionTrait>(
    db: &C,
    query: &SelectStatement,
) -> Result<Vec<T>, DbErr> {
    let rows = db.query_all(query).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Keeps the vocabulary as it is until the transaction ends, but for what is added to
/// it: whoever relies on terms that are there takes this first. On `SQLite` a
/// transaction that writes has the whole file to itself.
pub(super) async fn hold_vocabulary<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    match tx.get_database_backend() {
        DbBackend::Postgres => postgres::hold_vocabulary(tx).await,
        _ => Ok(()),
    }
}

/// Keeps everybody from relying on the vocabulary until the transaction ends; fails
/// when somebody does, and still does a moment later.
pub(super) async fn lock_vocabulary<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    match tx.get_database_backend() {
        DbBackend::Postgres => postgres::lock_vocabulary(tx).await,
        _ => Ok(()),
    }
}

/// Where the text that an item is searched by holds a word, counted from 1, or 0 if it does
/// not: for [`of_text`] and [`from_text`].
pub(super) fn position(backend: DbBackend, word: &str) -> Expr {
    match backend {
        DbBackend::Postgres => Func::cust("strpos").arg(Expr::cust(postgres::TEXT)),
        _ => Func::cust("instr").arg(Expr::cust(sqlite::TEXT)),
    }
    .arg(Expr::value(word))
    .into()
}

/// What holds for positions in the text of a row of `items`.
pub(super) fn of_text(backend: DbBackend, holds: Expr) -> Expr {
    if backend != DbBackend::Postgres {
        return holds;
    }
    let mut query = Query::select();
    query.expr(holds);
    postgres::from_text(&mut query);
    query.into()
}

/// Makes the text of a row of `items` what positions are selected from.
pub(super) fn from_text(backend: DbBackend, query: &mut SelectStatement) {
    if backend == DbBackend::Postgres {
        postgres::from_text(query);
    }
}

/// Bytes that the search index takes, and of the texts that it is of; see
/// [`super::search::size`].
pub(super) fn index_size(backend: DbBackend) -> [&'static str; 2] {
    match backend {
        DbBackend::Postgres => postgres::INDEX_SIZE,
        _ => sqlite::INDEX_SIZE,
    }
}

/// Ends every statement of the transaction that takes longer than `limit`, which is
/// what a question may cost. `SQLite` has no such limit; there, what is read is counted
/// beforehand.
pub(super) async fn limit_time<C: ConnectionTrait>(tx: &C, limit: Duration) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let limit = format!("SET LOCAL statement_timeout = {}", limit.as_millis());
        tx.execute_unprepared(&limit).await?;
    }
    Ok(())
}

fn from_list(backend: DbBackend, query: &mut SelectStatement, list: String) {
    match backend {
        DbBackend::Postgres => postgres::from_list(query, list),
        _ => sqlite::from_list(query, list),
    }
}

/// The statement that inserts pairs, but for those that are there. They travel as a
/// single parameter.
pub(super) fn insert_pairs(
    backend: DbBackend,
    table: &'static str,
    columns: [&'static str; 2],
    pairs: &[[String; 2]],
) -> InsertStatement {
    insert_new(table, columns, select_pairs(backend, SECOND, &json!(pairs)))
}

/// The statement that inserts what `select` has, but for rows that are there.
pub(super) fn insert_new(
    table: &'static str,
    columns: [&'static str; 2],
    select: SelectStatement,
) -> InsertStatement {
    insert_select(table, columns, select)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .to_owned()
}

/// The statement that inserts what `select` has.
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

/// What tells the version of the data that a statement sees: as long as it stays the same, so does
/// all that statements see. Nothing where the database does not tell.
pub(super) fn data_version(backend: DbBackend) -> Expr {
    match backend {
        DbBackend::Postgres => Expr::cust(postgres::SNAPSHOT),
        _ => Expr::value(Option::<String>::None),
    }
}

/// Looks at all tables anew, for the planner's sake.
pub(super) async fn analyze<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    db.execute_unprepared(match db.get_database_backend() {
        DbBackend::Postgres => postgres::ANALYZE,
        _ => sqlite::ANALYZE,
    })
    .await?;
    Ok(())
}
