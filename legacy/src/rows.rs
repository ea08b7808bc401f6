//! Reading the old tables. Rows come as JSON: that has room for columns which
//! some versions lack, for arrays, and for types that were changed by hand.

use anyhow::{Context, anyhow};
use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::Transaction;

use super::report::PrivateItem;
use super::tables::{ITEMS, Legacy};

/// Items read at a time: some megabytes of protocols, and few enough columns
/// that one statement takes all of them.
const PAGE: i64 = 500;

/// An old item. What some version lacks is null.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OldItem {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) author: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) source: Option<String>,
    pub(super) is_public: Option<bool>,
    pub(super) is_private: Option<bool>,
    #[serde(default)]
    pub(super) group_list: Value,
    pub(super) data_type: Option<String>,
    pub(super) data_url: Option<String>,
    pub(super) use_blob: Option<bool>,
    #[serde(default)]
    pub(super) categories: Value,
    #[serde(default)]
    pub(super) tags: Value,
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    pub(super) protocol: Option<String>,
    pub(super) use_number: Option<i32>,
    pub(super) star_number: Option<i32>,
    pub(super) status: Option<String>,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

/// An old tag or category; categories have no color.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OldName {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) color: Option<String>,
    pub(super) description: Option<String>,
    pub(super) extras: Option<String>,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

/// What links an item to a tag, a category or a user.
#[derive(Deserialize)]
pub(super) struct OldRelation {
    #[serde(rename = "MarketplaceItemId")]
    pub(super) item_id: String,
    #[serde(alias = "ItemTagId", alias = "ItemCategoryId", alias = "UserName")]
    pub(super) other: String,
    #[serde(rename = "createdAt")]
    pub(super) created_at: String,
}

/// An old user.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OldUser {
    pub(super) name: String,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

/// An old storage. It holds secrets, so nothing prints it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OldBlob {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) storage_account: String,
    pub(super) container_name: String,
    #[serde(default)]
    pub(super) connection_strings: Value,
    #[serde(default)]
    pub(super) tokens: Value,
    #[serde(default)]
    pub(super) users: Value,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

/// All rows of a table; none when the table is not there.
pub(super) async fn all<T: DeserializeOwned>(
    tx: &Transaction,
    legacy: &Legacy,
    table: &str,
) -> anyhow::Result<Vec<T>> {
    if !legacy.has(table) {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT row_to_json(t)::text FROM \"{table}\" t");
    read(tx, table, Statement::from_string(DbBackend::Postgres, sql)).await
}

/// The next items after the one with the id `after`, by id.
pub(super) async fn items_after(
    tx: &Transaction,
    after: Option<&str>,
) -> anyhow::Result<Vec<OldItem>> {
    let sql = format!(
        "SELECT row_to_json(t)::text FROM \"{ITEMS}\" t WHERE $1::text IS NULL OR id > $1 ORDER BY id LIMIT {PAGE}"
    );
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [after.into()]);
    read(tx, ITEMS, statement).await
}

/// How many rows a table has, counted by the database.
pub(super) async fn count(tx: &Transaction, table: &str) -> anyhow::Result<usize> {
    let sql = format!("SELECT count(*) FROM \"{table}\"");
    let row = tx
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await?
        .context("the database counts nothing")?;
    Ok(usize::try_from(row.try_get_by_index::<i64>(0)?)?)
}

/// The items that are private in the old table and in ours, oldest first.
pub(super) async fn private_items(tx: &Transaction) -> Result<Vec<PrivateItem>, sea_orm::DbErr> {
    let sql = format!(
        "SELECT i.id, i.name, i.author, i.created_at FROM items i JOIN \"{ITEMS}\" o ON o.id = i.id \
         WHERE i.is_private AND o.\"isPrivate\" ORDER BY i.created_at, i.id"
    );
    PrivateItem::find_by_statement(Statement::from_string(DbBackend::Postgres, sql))
        .all(tx)
        .await
}

/// The texts of an array column; null elements are empty texts.
pub(super) fn texts(array: &Value) -> Vec<String> {
    match array {
        Value::Array(elements) => elements
            .iter()
            .flat_map(|element| match element {
                Value::Null => vec![String::new()],
                other => texts(other),
            })
            .collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// A time to the millisecond, which is what the wire carries.
///
/// # Errors
/// When it is none that a calendar has, such as `infinity`; `table` and `id`
/// say which row to mend.
pub(super) fn time(table: &str, id: &str, text: &str) -> anyhow::Result<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text)
        .with_context(|| format!("the row {id:?} of \"{table}\" has the time `{text}`"))?;
    Ok(time.to_utc().trunc_subsecs(3))
}

async fn read<T: DeserializeOwned>(
    tx: &Transaction,
    table: &str,
    statement: Statement,
) -> anyhow::Result<Vec<T>> {
    let rows = tx
        .query_all_raw(statement)
        .await
        .with_context(|| format!("cannot read the table \"{table}\""))?;
    rows.iter()
        .map(|row| {
            let json: String = row.try_get_by_index(0)?;
            // What serde has to say may quote a secret.
            serde_json::from_str(&json).map_err(|_| {
                anyhow!("the table \"{table}\" lacks a column or has one of another type")
            })
        })
        .collect()
}
