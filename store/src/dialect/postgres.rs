//! SQL of `PostgreSQL`, 12 or later, without extensions.

use sea_orm::sea_query::{Expr, Func, Query, SelectStatement, UpdateStatement};
use sea_orm::{ConnectionTrait, DbErr};

/// Joins `items` to `search_terms`.
pub(super) const HAS_TERM: &str = "items.codes @> ARRAY[search_terms.code]";

/// Any item with the code of the row of `search_terms`.
pub(super) const USED_TERM: &str =
    "SELECT 1 FROM items WHERE items.codes @> ARRAY[search_terms.code]";

/// The key of the advisory lock around the vocabulary; any number will do that nobody
/// else uses: these are the letters "paiwords".
const VOCABULARY_LOCK: i64 = 0x7061_6977_6f72_6473;

/// How long writers may be kept waiting by somebody who waits for the vocabulary.
const SEIZE_TIMEOUT: &str = "200ms";

pub(super) const INDEX_SIZE: [&str; 2] = [
    "SELECT CAST(pg_total_relation_size('search_keys') + pg_total_relation_size('search_terms') \
     + pg_relation_size('idx_items_codes') + pg_relation_size('idx_items_order_name') \
     + (SELECT COALESCE(SUM(pg_column_size(codes) + pg_column_size(search_text) + pg_column_size(search_name)), 0) \
     FROM items) AS bigint)",
    TEXTS_SIZE,
];

const TEXTS_SIZE: &str = "SELECT CAST(COALESCE(SUM(COALESCE(octet_length(name), 0) + COALESCE(octet_length(author), 0) \
     + COALESCE(octet_length(summary), 0) + COALESCE(octet_length(description), 0) \
     + COALESCE((SELECT SUM(octet_length(tags.name)) FROM item_tags JOIN tags ON tags.id = item_tags.tag_id \
     WHERE item_tags.item_id = items.id), 0)), 0) AS bigint) FROM items";

pub(super) const ANALYZE: &str = "VACUUM ANALYZE";

/// The transactions whose work the statement sees (its snapshot).
pub(super) const SNAPSHOT: &str = "CAST(txid_current_snapshot() AS text)";

pub(super) fn among(column: &str, list: String) -> Expr {
    Expr::cust_with_values(
        format!("{column} IN (SELECT json_array_elements_text(CAST($1 AS json)))"),
        [list],
    )
}

/// The text of [`from_text`].
pub(super) const TEXT: &str = "searched.text";

/// Reads the text of a row once, however often it is asked for something: a long one is
/// kept compressed, and every function would unpack it by itself.
pub(super) fn from_text(query: &mut SelectStatement) {
    let text = Query::select()
        .expr_as(Expr::cust("items.search_text || ''"), "text")
        .limit(1)
        .to_owned();
    query.from_subquery(text, "searched");
}

pub(super) fn among_codes(column: &str, codes: &[i64]) -> Expr {
    Expr::cust_with_exprs(format!("{column} = ANY ($1)"), [array(codes)])
}

pub(super) async fn hold_vocabulary<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    // A statement of its own: those after it see what was done before.
    tx.execute_unprepared(&format!(
        "SELECT pg_advisory_xact_lock_shared({VOCABULARY_LOCK})"
    ))
    .await
    .map(drop)
}

pub(super) async fn lock_vocabulary<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    // The index of codes is asked however small the planner thinks the tables are.
    tx.execute_unprepared(&format!(
        "SET LOCAL lock_timeout = '{SEIZE_TIMEOUT}'; SET LOCAL enable_seqscan = off; \
         SELECT pg_advisory_xact_lock({VOCABULARY_LOCK})"
    ))
    .await
    .map(drop)
}

pub(super) fn has_code(codes: &[i64]) -> Expr {
    Expr::cust_with_exprs("items.codes && $1", [array(codes)])
}

/// Said so that no index is asked.
pub(super) fn row_has_code(codes: &[i64]) -> Expr {
    Expr::cust_with_exprs("(items.codes && $1) IS TRUE", [array(codes)])
}

/// The same of what the row's job asks for.
pub(super) fn row_has_demand(codes: &[i64]) -> Expr {
    Expr::cust_with_exprs("(items.demand_code = ANY ($1)) IS TRUE", [array(codes)])
}

/// Makes the elements of a JSON list the rows to select from, as `value`.
pub(super) fn from_list(query: &mut SelectStatement, list: String) {
    let list = Expr::cust_with_values("CAST($1 AS json)", [list]);
    query.from_function(Func::cust("json_array_elements").arg(list), "value");
}

pub(super) async fn index<C: ConnectionTrait>(
    db: &C,
    mut update: UpdateStatement,
    codes: &[i64],
) -> Result<(), DbErr> {
    update.value("codes", array(codes));
    db.execute(&update).await.map(drop)
}

/// An array, as `PostgreSQL` reads it from text.
pub(super) fn array(codes: &[i64]) -> Expr {
    let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
    let text = format!("{{{}}}", codes.join(","));
    Expr::cust_with_values("CAST(CAST($1 AS text) AS bigint[])", [text])
}
