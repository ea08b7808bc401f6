//! What belongs to no item: users and storages.

use std::collections::HashSet;

use sea_orm::EntityTrait;
use serde_json::json;

use super::report::{Count, Report};
use super::rows::{self, OldBlob, OldUser};
use super::tables::Legacy;
use super::write::insert;
use store::Transaction;
use store::entity::{storages, users};

/// Carries the users over.
pub(super) async fn carry_users(
    tx: &Transaction,
    legacy: &Legacy,
    report: &mut Report,
) -> anyhow::Result<Count> {
    let ours = users::Entity::find().all(tx).await?;
    let ours = ours.into_iter().map(|user| user.name).collect();
    let old: Vec<OldUser> = rows::all(tx, legacy, "Users").await?;
    let (count, old) = new_ones("Users", old, |user| &user.name, &ours, report);
    let rows = old.into_iter().map(|user| {
        Ok(users::Model {
            created_at: rows::time("Users", &user.name, &user.created_at)?,
            updated_at: rows::time("Users", &user.name, &user.updated_at)?,
            name: user.name,
            news_read_at: None,
        })
    });
    let rows: anyhow::Result<Vec<_>> = rows.collect();
    insert::<users::Entity, _>(tx, rows?).await?;
    Ok(count)
}

/// Carries the storages over, secrets included.
pub(super) async fn carry_storages(
    tx: &Transaction,
    legacy: &Legacy,
    report: &mut Report,
) -> anyhow::Result<Count> {
    let ours = storages::Entity::find().all(tx).await?;
    let ours = ours.into_iter().map(|storage| storage.id).collect();
    let old: Vec<OldBlob> = rows::all(tx, legacy, "Blobs").await?;
    let (count, old) = new_ones("Blobs", old, |blob| &blob.id, &ours, report);
    let rows = old.into_iter().map(|blob| {
        Ok(storages::Model {
            created_at: rows::time("Blobs", &blob.id, &blob.created_at)?,
            updated_at: rows::time("Blobs", &blob.id, &blob.updated_at)?,
            id: blob.id,
            kind: blob.kind.unwrap_or_default(),
            storage_account: blob.storage_account,
            container_name: blob.container_name,
            connection_strings: json!(rows::texts(&blob.connection_strings)).to_string(),
            tokens: json!(rows::texts(&blob.tokens)).to_string(),
            users: json!(rows::texts(&blob.users)).to_string(),
        })
    });
    let rows: anyhow::Result<Vec<_>> = rows.collect();
    insert::<storages::Entity, _>(tx, rows?).await?;
    Ok(count)
}

/// The rows of a table that are not `ours` by their key, and how many those are.
fn new_ones<T>(
    table: &str,
    mut old: Vec<T>,
    key: fn(&T) -> &String,
    ours: &HashSet<String>,
    report: &mut Report,
) -> (Count, Vec<T>) {
    let found = old.len();
    for row in old.iter().map(key).filter(|key| ours.contains(*key)) {
        let what = "was in our catalogue already; left as it is";
        report.odd(what, format!("{table} {row:?}"));
    }
    old.retain(|row| !ours.contains(key(row)));
    let count = Count {
        found,
        carried: old.len(),
        left_out: found - old.len(),
        ..Count::default()
    };
    (count, old)
}
