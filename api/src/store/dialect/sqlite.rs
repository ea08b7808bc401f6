//! SQL of `SQLite`.

use sea_orm::sea_query::{Expr, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::{New, SearchRow, insert_keys, insert_pairs, insert_select};
use crate::store::audit::Line;
use crate::store::entity::items;

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

// Said of `items`: of `item_search`, SQLite would ask it of both tables and look
// through the list for every pair of them.
pub(super) fn has_code(codes: &[i64]) -> Expr {
    let list = json!(codes).to_string();
    Expr::cust_with_values(
        "items.id IN (SELECT item_id FROM search_postings WHERE code IN (SELECT value FROM json_each(?)))",
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

/// Does one statement after the other; what others refer to comes first.
pub(super) async fn create<C: ConnectionTrait>(db: &C, new: New) -> Result<(), DbErr> {
    if new.items.is_empty() {
        return Ok(());
    }
    let models = new
        .items
        .into_iter()
        .map(IntoActiveModel::into_active_model);
    items::Entity::insert_many(models)
        .exec_without_returning(db)
        .await?;
    let backend = db.get_database_backend();
    let ties = [
        insert_pairs(backend, "item_tags", ["item_id", "tag_id"], &new.with_tag),
        insert_pairs(
            backend,
            "item_categories",
            ["item_id", "category_id"],
            &new.in_category,
        ),
        insert_pairs(backend, "item_groups", ["item_id", "name"], &new.in_group),
        insert_keys(backend, &new.keys),
    ];
    let lines = new.lines.into_iter().map(Line::insert);
    for statement in ties.into_iter().flatten().chain(lines) {
        db.execute(&statement).await?;
    }
    insert_search(db, new.search).await
}

async fn insert_search<C: ConnectionTrait>(db: &C, rows: Vec<SearchRow>) -> Result<(), DbErr> {
    let mut insert = Query::insert()
        .into_table("item_search")
        .columns(["item_id", "name", "tags", "summary", "haystack"])
        .to_owned();
    let mut postings = Vec::with_capacity(rows.len());
    for row in rows {
        let mut codes = Query::select();
        codes
            .expr(Expr::col("value"))
            .expr(Expr::value(&*row.item_id));
        from_list(&mut codes, json!(row.codes).to_string());
        postings.push(insert_select("search_postings", ["code", "item_id"], codes));
        insert.values_panic([
            row.item_id.into(),
            row.name.into(),
            row.tags.into(),
            row.summary.into(),
            row.haystack.into(),
        ]);
    }
    for statement in std::iter::once(insert).chain(postings) {
        db.execute(&statement).await?;
    }
    Ok(())
}

pub(super) async fn put<C: ConnectionTrait>(db: &C, rows: Vec<SearchRow>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = rows.iter().map(|row| row.item_id.as_str()).collect();
    // The postings go with them.
    let delete = Query::delete()
        .from_table("item_search")
        .and_where(among("item_id", json!(ids).to_string()))
        .to_owned();
    db.execute(&delete).await?;
    insert_search(db, rows).await
}
