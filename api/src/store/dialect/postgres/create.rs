//! New items with all that belongs to them in one statement, made of parts.
//!
//! To begin a part takes `PostgreSQL` longer than many a row that it writes, so
//! only those that have something to do are in the statement. Each takes a list
//! in JSON, written `{list}` here. Keys to other tables are checked when all parts
//! have ended.

use sea_orm::{DbBackend, DbErr, Statement, Value};
use serde::Serialize;

use super::super::New;

/// Tags that are as they are said to be; nobody changes them until the
/// transaction ends.
const HELD_TAGS: &str = "\
    SELECT 1 FROM tags \
    JOIN json_to_recordset({list}) AS said (id text, name text, color text) \
        ON tags.id = said.id AND tags.name = said.name AND tags.color IS NOT DISTINCT FROM said.color \
    FOR KEY SHARE OF tags";

/// Categories, likewise.
const HELD_CATEGORIES: &str = "\
    SELECT 1 FROM categories \
    JOIN json_to_recordset({list}) AS said (id text, name text) \
        ON categories.id = said.id AND categories.name = said.name \
    FOR KEY SHARE OF categories";

/// Keys of the vocabulary that are there. They stay: it only grows.
const KNOWN_KEYS: &str = "\
    SELECT 1 FROM search_keys WHERE key IN (SELECT json_array_elements_text({list}))";

const ITEMS: &str = "\
    INSERT INTO items \
    SELECT given.* FROM json_populate_recordset(CAST(NULL AS items), {list}) AS given";

const ITEM_TAGS: &str = "\
    INSERT INTO item_tags (item_id, tag_id) \
    SELECT tie ->> 0, tie ->> 1 FROM json_array_elements({list}) AS tie";

const ITEM_CATEGORIES: &str = "\
    INSERT INTO item_categories (item_id, category_id) \
    SELECT tie ->> 0, tie ->> 1 FROM json_array_elements({list}) AS tie";

const ITEM_GROUPS: &str = "\
    INSERT INTO item_groups (item_id, name) \
    SELECT tie ->> 0, tie ->> 1 FROM json_array_elements({list}) AS tie";

const KEYS: &str = "\
    INSERT INTO search_keys (key, term) \
    SELECT pair ->> 0, pair ->> 1 FROM json_array_elements({list}) AS pair";

const LINES: &str = "\
    INSERT INTO audit (at, user_name, action, kind, target_id, target_name, details) \
    SELECT at, user_name, action, kind, target_id, target_name, details \
    FROM json_populate_recordset(CAST(NULL AS audit), {list})";

/// The statement that keeps `new` and answers how many items it kept: none, if a
/// tag or category is not as it was said to be, or a key is missing that was said
/// to be there.
///
/// # Errors
/// When a row cannot be written as JSON.
pub(super) fn statement(new: &New) -> Result<Statement, DbErr> {
    let mut parts = Parts::default();
    parts.check("held_tags", HELD_TAGS, &new.tags)?;
    parts.check("held_categories", HELD_CATEGORIES, &new.categories)?;
    parts.check("known_keys", KNOWN_KEYS, &new.known_keys)?;
    let checks = match parts.checks.join(" AND ") {
        none if none.is_empty() => String::new(),
        checks => format!("WHERE {checks}"),
    };
    parts.insert(
        "new_items",
        ITEMS,
        &new.items,
        &format!("{checks} RETURNING 1"),
    )?;
    let belonging = "WHERE EXISTS (SELECT 1 FROM new_items)";
    parts.insert("new_item_tags", ITEM_TAGS, &new.with_tag, belonging)?;
    parts.insert(
        "new_item_categories",
        ITEM_CATEGORIES,
        &new.in_category,
        belonging,
    )?;
    parts.insert("new_item_groups", ITEM_GROUPS, &new.in_group, belonging)?;
    let unless_known = format!("{belonging} ON CONFLICT (key, term) DO NOTHING");
    parts.insert("new_keys", KEYS, &new.keys, &unless_known)?;
    parts.insert("new_lines", LINES, &new.lines, belonging)?;
    let sql = format!(
        "WITH {} SELECT COUNT(*) FROM new_items",
        parts.sql.join(", ")
    );
    Ok(Statement::from_sql_and_values(
        DbBackend::Postgres,
        sql,
        parts.lists,
    ))
}

#[derive(Default)]
struct Parts {
    sql: Vec<String>,
    /// What must hold for anything to be kept.
    checks: Vec<String>,
    lists: Vec<Value>,
}

impl Parts {
    /// Adds a part that must find all of `list`.
    fn check<T: Serialize>(&mut self, name: &str, sql: &str, list: &[T]) -> Result<(), DbErr> {
        if list.is_empty() {
            return Ok(());
        }
        let list = self.list(list)?;
        let sql = sql.replace("{list}", &list);
        self.sql.push(format!("{name} AS MATERIALIZED ({sql})"));
        self.checks.push(format!(
            "(SELECT COUNT(*) FROM {name}) = json_array_length({list})"
        ));
        Ok(())
    }

    /// Adds a part that inserts all of `list` under the conditions at its `end`.
    fn insert<T: Serialize>(
        &mut self,
        name: &str,
        sql: &str,
        list: &[T],
        end: &str,
    ) -> Result<(), DbErr> {
        if list.is_empty() {
            return Ok(());
        }
        let sql = sql.replace("{list}", &self.list(list)?);
        self.sql.push(format!("{name} AS ({sql} {end})"));
        Ok(())
    }

    /// Makes `list` a parameter and answers how the statement reads it.
    fn list<T: Serialize>(&mut self, list: &[T]) -> Result<String, DbErr> {
        let text = serde_json::to_string(list).map_err(|error| DbErr::Json(error.to_string()))?;
        self.lists.push(text.into());
        Ok(format!("CAST(${} AS json)", self.lists.len()))
    }
}
