//! SQL of `SQLite`.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, DbErr};

use super::SearchRow;

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

pub(super) async fn put<C: ConnectionTrait>(db: &C, rows: Vec<SearchRow>) -> Result<(), DbErr> {
    const REPLACED: [&str; 4] = ["name", "tags", "summary", "haystack"];
    for row in rows {
        let id = row.item_id.clone();
        let codes = serde_json::Value::from(row.codes).to_string();
        let insert = Query::insert()
            .into_table("item_search")
            .columns(["item_id", "name", "tags", "summary", "haystack"])
            .values_panic([
                row.item_id.into(),
                row.name.into(),
                row.tags.into(),
                row.summary.into(),
                row.haystack.into(),
            ])
            .on_conflict(
                OnConflict::column("item_id")
                    .update_columns(REPLACED)
                    .to_owned(),
            )
            .to_owned();
        db.execute(&insert).await?;
        let delete = Query::delete()
            .from_table("search_postings")
            .and_where(Expr::col("item_id").eq(&*id))
            .to_owned();
        db.execute(&delete).await?;
        let postings = Query::select()
            .expr(Expr::col("value"))
            .expr(Expr::value(id))
            .from_function(
                sea_orm::sea_query::Func::cust("json_each").arg(Expr::value(codes)),
                "codes",
            )
            .to_owned();
        let mut insert = Query::insert()
            .into_table("search_postings")
            .columns(["code", "item_id"])
            .to_owned();
        insert
            .select_from(postings)
            .map_err(|error| DbErr::Custom(error.to_string()))?;
        db.execute(&insert).await?;
    }
    Ok(())
}
