//! New items with all that belongs to them in one statement, made of parts.
//!
//! To begin a part takes `PostgreSQL` longer than many a row that it writes, so
//! only those that have something to do are in the statement. Each takes a list
//! in JSON, written `{list}` here. Keys to other tables are checked when all parts
//! have ended.

use sea_orm::{DbBackend, DbErr, Statement, Value};
use serde::Serialize;

use super::super::NewRows;

const ITEMS: &str = "\
    INSERT INTO items \
    SELECT given.* FROM json_populate_recordset(CAST(NULL AS items), {list}) AS given";

const ITEM_TAGS: &str = "\
    INSERT INTO item_tags (item_id, tag_id) \
    SELECT pair ->> 0, pair ->> 1 FROM json_array_elements({list}) AS pair";

const ITEM_CATEGORIES: &str = "\
    INSERT INTO item_categories (item_id, category_id) \
    SELECT pair ->> 0, pair ->> 1 FROM json_array_elements({list}) AS pair";

const ITEM_GROUPS: &str = "\
    INSERT INTO item_groups (item_id, name) \
    SELECT pair ->> 0, pair ->> 1 FROM json_array_elements({list}) AS pair";

const AUDIT: &str = "\
    INSERT INTO audit (at, user_name, action, kind, target_id, target_name, details) \
    SELECT at, user_name, action, kind, target_id, target_name, details \
    FROM json_populate_recordset(CAST(NULL AS audit), {list})";

/// The statement that inserts `rows`.
///
/// # Errors
/// When a row cannot be written as JSON.
pub(super) fn statement(rows: &NewRows) -> Result<Statement, DbErr> {
    let mut parts = Parts::default();
    parts.insert(ITEMS, &rows.items)?;
    parts.insert(ITEM_TAGS, &rows.item_tags)?;
    parts.insert(ITEM_CATEGORIES, &rows.item_categories)?;
    parts.insert(ITEM_GROUPS, &rows.item_groups)?;
    parts.insert(AUDIT, &rows.audit)?;
    let sql = format!("WITH {} SELECT 1", parts.sql.join(", "));
    Ok(Statement::from_sql_and_values(
        DbBackend::Postgres,
        sql,
        parts.lists,
    ))
}

#[derive(Default)]
struct Parts {
    sql: Vec<String>,
    lists: Vec<Value>,
}

impl Parts {
    /// Adds a part that inserts all of `list`.
    fn insert<T: Serialize>(&mut self, sql: &str, list: &[T]) -> Result<(), DbErr> {
        if list.is_empty() {
            return Ok(());
        }
        let json = serde_json::to_string(list).map_err(|error| DbErr::Json(error.to_string()))?;
        self.lists.push(json.into());
        let number = self.lists.len();
        let sql = sql.replace("{list}", &format!("CAST(${number} AS json)"));
        self.sql.push(format!("part{number} AS ({sql})"));
        Ok(())
    }
}
