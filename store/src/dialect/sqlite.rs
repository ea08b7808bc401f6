//! SQL of `SQLite`.

use sea_orm::sea_query::{
    Expr, ExprTrait, Func, InsertStatement, Query, SelectStatement, UpdateStatement,
};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use super::insert_select;
use crate::entity::items;

/// Joins `items` to `search_terms`.
pub(super) const HAS_TERM: &str =
    "items.search_number IN (SELECT item FROM search_postings WHERE code = search_terms.code)";

/// Any item with the code of the row of `search_terms`.
pub(super) const USED_TERM: &str =
    "SELECT 1 FROM search_postings WHERE search_postings.code = search_terms.code";

pub(super) const INDEX_SIZE: [&str; 2] = [
    "SELECT (SELECT COALESCE(SUM(pgsize), 0) FROM dbstat WHERE aggregate = TRUE AND name IN ('search_keys', 'search_terms', \
     'search_postings', 'idx_search_postings_item', 'idx_items_search_number', 'idx_items_order_name')) \
     + (SELECT COALESCE(SUM(length(CAST(search_text AS blob)) + length(CAST(search_name AS blob))), 0) FROM items)",
    "SELECT COALESCE(SUM(COALESCE(length(CAST(name AS blob)), 0) + COALESCE(length(CAST(author AS blob)), 0) \
     + COALESCE(length(CAST(summary AS blob)), 0) + COALESCE(length(CAST(description AS blob)), 0) \
     + COALESCE((SELECT SUM(length(CAST(tags.name AS blob))) FROM item_tags JOIN tags ON tags.id = item_tags.tag_id \
     WHERE item_tags.item_id = items.id), 0)), 0) FROM items",
];

pub(super) const ANALYZE: &str = "ANALYZE";

pub(super) const TEXT: &str = "items.search_text";

pub(super) fn among(column: &str, list: String) -> Expr {
    Expr::cust_with_values(
        format!("{column} IN (SELECT value FROM json_each(?))"),
        [list],
    )
}

pub(super) fn has_code(codes: &[i64]) -> Expr {
    let list = json!(codes).to_string();
    Expr::cust_with_values(
        "items.search_number IN (SELECT item FROM search_postings WHERE code IN (SELECT value FROM json_each(?)))",
        [list],
    )
}

/// A value, not EXISTS, which SQLite would turn into a join that begins with the
/// index.
pub(super) fn row_has_code(codes: &[i64]) -> Expr {
    Query::select()
        .expr(Expr::val(1))
        .from("search_postings")
        .and_where(Expr::col(("search_postings", "item")).equals(("items", "search_number")))
        .and_where(Expr::col(("search_postings", "code")).is_in(codes.iter().copied()))
        .limit(1)
        .to_owned()
        .into()
}

/// Makes the elements of a JSON list the rows to select from, as `value`.
pub(super) fn from_list(query: &mut SelectStatement, list: String) {
    query
        .from_function(Func::cust("json_each").arg(Expr::value(list)), "list")
        // Without a condition, ON CONFLICT after it would be read as the ON of a
        // join.
        .and_where(Expr::value(true));
}

pub(super) async fn index<C: ConnectionTrait>(
    db: &C,
    item_id: &str,
    update: &UpdateStatement,
    codes: &[i64],
) -> Result<(), DbErr> {
    db.execute(update).await?;
    let old = Query::delete()
        .from_table("search_postings")
        .and_where(Expr::col("item").in_subquery(number(item_id)))
        .to_owned();
    db.execute(&old).await?;
    db.execute(&postings(item_id, codes)).await?;
    Ok(())
}

/// The statement that inserts what an item is found by.
pub(super) fn postings(item_id: &str, codes: &[i64]) -> InsertStatement {
    let mut rows = Query::select();
    rows.expr(Expr::col("value")).expr(number(item_id));
    from_list(&mut rows, json!(codes).to_string());
    insert_select("search_postings", ["code", "item"], rows)
}

/// The number that a trigger has given to the item.
fn number(item_id: &str) -> SelectStatement {
    Query::select()
        .column("search_number")
        .from(items::Entity)
        .and_where(Expr::col("id").eq(item_id))
        .to_owned()
}
