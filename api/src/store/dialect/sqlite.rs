//! SQL of `SQLite`.

use sea_orm::sea_query::{Expr, Func, InsertStatement, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};

use super::{SearchRow, insert_select};

/// An item's pieces are rows of a table that is nothing but its index.
pub(super) const CREATE_INDEX: &[&str] = &[
    "CREATE TABLE search_postings (code integer NOT NULL, item_id text NOT NULL \
     REFERENCES item_search (item_id) ON DELETE CASCADE, PRIMARY KEY (code, item_id)) WITHOUT ROWID",
    "CREATE INDEX idx_search_postings_item_id ON search_postings (item_id)",
];

pub(super) const TIDY: &str = "ANALYZE";

pub(super) fn among(column: &str, list: String) -> Expr {
    Expr::cust_with_values(
        format!("{column} IN (SELECT value FROM json_each(?))"),
        [list],
    )
}

pub(super) fn has_code(codes: &[i64]) -> Expr {
    let list = serde_json::Value::from(codes).to_string();
    Expr::cust_with_values(
        "item_search.item_id IN (SELECT item_id FROM search_postings WHERE code IN (SELECT value FROM json_each(?)))",
        [list],
    )
}

/// Makes the elements of a JSON list the rows to select from, as `value`.
pub(super) fn from_list(query: &mut SelectStatement, list: String) {
    query
        .from_function(Func::cust("json_each").arg(Expr::value(list)), "list")
        // Without a condition, ON CONFLICT after it would be read as the ON of a
        // join.
        .and_where(Expr::value(true));
}

pub(super) fn insert_search(rows: Vec<SearchRow>) -> Vec<InsertStatement> {
    let mut insert = Query::insert()
        .into_table("item_search")
        .columns(["item_id", "name", "tags", "summary", "haystack"])
        .to_owned();
    let mut statements = Vec::with_capacity(rows.len() + 1);
    for row in rows {
        let codes = serde_json::Value::from(row.codes).to_string();
        let mut postings = Query::select();
        postings
            .expr(Expr::col("value"))
            .expr(Expr::value(&*row.item_id));
        from_list(&mut postings, codes);
        statements.push(insert_select(
            "search_postings",
            ["code", "item_id"],
            postings,
        ));
        insert.values_panic([
            row.item_id.into(),
            row.name.into(),
            row.tags.into(),
            row.summary.into(),
            row.haystack.into(),
        ]);
    }
    statements.insert(0, insert);
    statements
}

pub(super) async fn put<C: ConnectionTrait>(db: &C, rows: Vec<SearchRow>) -> Result<(), DbErr> {
    let ids: Vec<&str> = rows.iter().map(|row| row.item_id.as_str()).collect();
    // The postings go with them.
    let delete = Query::delete()
        .from_table("item_search")
        .and_where(among("item_id", serde_json::Value::from(ids).to_string()))
        .to_owned();
    db.execute(&delete).await?;
    if rows.is_empty() {
        return Ok(());
    }
    for insert in insert_search(rows) {
        db.execute(&insert).await?;
    }
    Ok(())
}
