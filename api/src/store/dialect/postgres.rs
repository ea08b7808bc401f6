//! SQL of `PostgreSQL`, 12 or later, without extensions.

mod create;

use std::fmt::Write;

use sea_orm::sea_query::{Expr, Func, SelectStatement, UpdateStatement};
use sea_orm::{ConnectionTrait, DbErr};

use super::NewRows;

/// An item's codes are an array with an inverted index of its own. What is
/// new waits in a short list that every search reads: 256 KiB are some
/// hundred items, so that neither a search nor the write that sorts the list
/// in takes long. And rows stay whole up to a page of 8 KiB: an item with its
/// protocol is then one thing to read.
pub(super) const CREATE_INDEX: &[&str] = &[
    "ALTER TABLE items ADD COLUMN codes bigint[]",
    "CREATE INDEX idx_items_codes ON items USING gin (codes) WITH (gin_pending_list_limit = 256)",
    "ALTER TABLE items SET (toast_tuple_target = 8160)",
];

pub(super) const TIDY: &str = "VACUUM ANALYZE";

/// The transactions whose work the statement sees (its snapshot).
pub(super) const MOMENT: &str = "CAST(txid_current_snapshot() AS text)";

pub(super) fn among(column: &str, list: String) -> Expr {
    Expr::cust_with_values(
        format!("{column} IN (SELECT json_array_elements_text(CAST($1 AS json)))"),
        [list],
    )
}

pub(super) fn has_code(codes: &[i64]) -> Expr {
    Expr::cust_with_exprs("items.codes && $1", [array(codes)])
}

/// Said so that no index is asked.
pub(super) fn row_has_code(codes: &[i64]) -> Expr {
    Expr::cust_with_exprs("(items.codes && $1) IS TRUE", [array(codes)])
}

/// Makes the elements of a JSON list the rows to select from, as `value`.
pub(super) fn from_list(query: &mut SelectStatement, list: String) {
    let list = Expr::cust_with_values("CAST($1 AS json)", [list]);
    query.from_function(Func::cust("json_array_elements").arg(list), "value");
}

/// Inserts all in one statement.
pub(super) async fn insert_items<C: ConnectionTrait>(db: &C, rows: &NewRows) -> Result<(), DbErr> {
    if rows.items.is_empty() {
        return Ok(());
    }
    db.execute_raw(create::statement(rows)?).await.map(drop)
}

pub(super) async fn index<C: ConnectionTrait>(
    db: &C,
    mut update: UpdateStatement,
    codes: &[i64],
) -> Result<(), DbErr> {
    update.value("codes", array(codes));
    db.execute(&update).await.map(drop)
}

fn array(codes: &[i64]) -> Expr {
    Expr::cust_with_values("CAST(CAST($1 AS text) AS bigint[])", [array_text(codes)])
}

/// An array as `PostgreSQL` reads it from text.
fn array_text(codes: &[i64]) -> String {
    let mut text = String::with_capacity(codes.len() * 21 + 2);
    text.push('{');
    for (index, code) in codes.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}{code}");
    }
    text.push('}');
    text
}
