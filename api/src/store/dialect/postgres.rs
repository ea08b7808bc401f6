//! SQL of `PostgreSQL`, 12 or later, without extensions.

mod create;

use std::fmt::Write;

use sea_orm::sea_query::{Expr, Func, OnConflict, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};

use super::{New, SearchRow};

/// An item's pieces are an array with an inverted index of its own. What is
/// new waits in a short list that every search reads: 256 KiB are some
/// hundred items, so that neither a search nor the write that sorts the list
/// in takes long.
pub(super) const CREATE_INDEX: &[&str] = &[
    "ALTER TABLE item_search ADD COLUMN codes bigint[] NOT NULL",
    "CREATE INDEX idx_item_search_codes ON item_search USING gin (codes) WITH (gin_pending_list_limit = 256)",
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
    Expr::cust_with_values(
        "item_search.codes && CAST(CAST($1 AS text) AS bigint[])",
        [array(codes)],
    )
}

/// Makes the elements of a JSON list the rows to select from, as `value`.
pub(super) fn from_list(query: &mut SelectStatement, list: String) {
    let list = Expr::cust_with_values("CAST($1 AS json)", [list]);
    query.from_function(Func::cust("json_array_elements").arg(list), "value");
}

/// Does all in one statement.
pub(super) async fn create<C: ConnectionTrait>(db: &C, new: &New) -> Result<bool, DbErr> {
    if new.items.is_empty() {
        return Ok(true);
    }
    let row = db.query_one_raw(create::statement(new)?).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(count > 0)
}

pub(super) async fn put<C: ConnectionTrait>(db: &C, rows: Vec<SearchRow>) -> Result<(), DbErr> {
    const REPLACED: [&str; 5] = ["name", "tags", "summary", "haystack", "codes"];
    if rows.is_empty() {
        return Ok(());
    }
    let mut insert = Query::insert()
        .into_table("item_search")
        .columns(["item_id", "name", "tags", "summary", "haystack", "codes"])
        .on_conflict(
            OnConflict::column("item_id")
                .update_columns(REPLACED)
                .to_owned(),
        )
        .to_owned();
    for row in rows {
        let codes = array(&row.codes);
        insert.values_panic([
            row.item_id.into(),
            row.name.into(),
            row.tags.into(),
            row.summary.into(),
            row.haystack.into(),
            Expr::cust_with_values("CAST(CAST($1 AS text) AS bigint[])", [codes]),
        ]);
    }
    db.execute(&insert).await?;
    Ok(())
}

/// An array as `PostgreSQL` reads it from text.
fn array(codes: &[i64]) -> String {
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
