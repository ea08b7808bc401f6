//! What belongs to no item: users and storages.

use std::collections::HashSet;

use sea_orm::{EntityTrait, QuerySelect};
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
    let ours: Vec<String> = users::Entity::find()
        .select_only()
        .column(users::Column::Name)
        .into_tuple()
        .all(tx)
        .await?;
    let ours: HashSet<String> = ours.into_iter().collect();
    let old: Vec<OldUser> = rows::all(tx, legacy, "Users").await?;
    let mut count = Count {
        found: old.len(),
        ..Count::default()
    };
    let mut rows = Vec::new();
    for user in old {
        if ours.contains(&user.name) {
            count.left_out += 1;
            let what = "was in our catalogue already; left as it is";
            report.odd(what, format!("Users {:?}", user.name));
            continue;
        }
        rows.push(users::Model {
            created_at: rows::time("Users", &user.name, &user.created_at)?,
            updated_at: rows::time("Users", &user.name, &user.updated_at)?,
            name: user.name,
        });
    }
    count.carried = rows.len();
    insert::<users::Entity, _>(tx, rows).await?;
    Ok(count)
}

/// Carries the storages over, secrets included.
pub(super) async fn carry_storages(
    tx: &Transaction,
    legacy: &Legacy,
    report: &mut Report,
) -> anyhow::Result<Count> {
    let ours = storages::Entity::find().all(tx).await?;
    let ours: HashSet<String> = ours.into_iter().map(|storage| storage.id).collect();
    let old: Vec<OldBlob> = rows::all(tx, legacy, "Blobs").await?;
    let mut count = Count {
        found: old.len(),
        ..Count::default()
    };
    let mut rows = Vec::new();
    for blob in old {
        if ours.contains(&blob.id) {
            count.left_out += 1;
            let what = "was in our catalogue already; left as it is";
            report.odd(what, format!("Blobs {:?}", blob.id));
            continue;
        }
        rows.push(storages::Model {
            created_at: rows::time("Blobs", &blob.id, &blob.created_at)?,
            updated_at: rows::time("Blobs", &blob.id, &blob.updated_at)?,
            id: blob.id,
            kind: blob.kind.unwrap_or_default(),
            storage_account: blob.storage_account,
            container_name: blob.container_name,
            connection_strings: json!(rows::texts(&blob.connection_strings)).to_string(),
            tokens: json!(rows::texts(&blob.tokens)).to_string(),
            users: json!(rows::texts(&blob.users)).to_string(),
        });
    }
    count.carried = rows.len();
    insert::<storages::Entity, _>(tx, rows).await?;
    Ok(count)
}
