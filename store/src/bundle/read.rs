//! All rows, as they were at one moment.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use sea_orm::{
    AccessMode, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    EntityTrait, IsolationLevel, QueryFilter, QueryOrder, QuerySelect, TransactionOptions,
    TransactionTrait,
};
use shared::wire::Item;

use super::rows::{
    AuditRow, CategoryRow, DeprecationRow, ExitAnswerRow, ItemRow, OriginRow, StarRow, StorageRow,
    TagRow, TemplateMark, VersionRow, WithdrawalRow,
};
use crate::database::Database;
use crate::entity::{
    audit, categories, exit_answers, items, stars, storages, tags, templates, versions,
};
use crate::item_to_create::with_fields_of;
use crate::items::{Detail, Row, columns};
use crate::migration::{self, State};
use crate::secrets::Keyring;
use crate::storages::{CONNECTION_STRINGS, TOKENS, list, place};
use crate::{connect, dialect, relations, search, versions as store_versions};

/// A view of the whole database that does not change while it is read. What others
/// write meanwhile is neither seen nor held up.
pub struct Snapshot {
    db: DatabaseConnection,
    tx: DatabaseTransaction,
}

impl Snapshot {
    /// Opens a database that is there already, as it is.
    ///
    /// # Errors
    /// When it cannot be opened, or its schema is not that of this program.
    pub async fn open(database: &Database) -> anyhow::Result<Self> {
        ensure!(!connect::is_missing(database), "there is no {database}");
        let db = connect::connect(database, 1).await?;
        Self::check(&db)
            .await
            .with_context(|| format!("cannot export the {database}"))?;
        let mut options = TransactionOptions::default();
        // SQLite's transactions see one moment anyway.
        if db.get_database_backend() == DbBackend::Postgres {
            options.isolation_level = Some(IsolationLevel::RepeatableRead);
            options.access_mode = Some(AccessMode::ReadOnly);
        }
        let tx = db.begin_with_options(options).await?;
        Ok(Self { db, tx })
    }

    async fn check(db: &DatabaseConnection) -> anyhow::Result<()> {
        let state = migration::state(db).await?;
        state.refuse_newer()?;
        ensure!(
            state == State::Current,
            "its schema is not yet that of this version: start `marketplace api` once, which brings it up to date, or \
             export with the version that runs on it"
        );
        Ok(())
    }

    /// Lets go of it.
    pub async fn close(self) -> anyhow::Result<()> {
        self.tx.rollback().await?;
        Ok(self.db.close().await?)
    }

    /// All categories by name.
    pub async fn categories(&self) -> anyhow::Result<Vec<CategoryRow>> {
        let rows = categories::Entity::find().all(&self.tx).await?;
        let mut rows: Vec<_> = rows.into_iter().map(category).collect();
        rows.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(rows)
    }

    /// The ids of all tags, by the tags' names.
    pub async fn tag_ids(&self) -> anyhow::Result<Vec<String>> {
        let mut names: Vec<(String, String)> = tags::Entity::find()
            .select_only()
            .column(tags::Column::Name)
            .column(tags::Column::Id)
            .into_tuple()
            .all(&self.tx)
            .await?;
        names.sort_unstable();
        Ok(names.into_iter().map(|(_, id)| id).collect())
    }

    /// These tags by name.
    pub async fn tags(&self, ids: &[String]) -> anyhow::Result<Vec<TagRow>> {
        let rows = tags::Entity::find()
            .filter(dialect::among(self.tx.get_database_backend(), "id", ids))
            .all(&self.tx)
            .await?;
        let mut rows: Vec<_> = rows.into_iter().map(tag).collect();
        rows.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(rows)
    }

    /// The ids of all items, in order.
    pub async fn item_ids(&self) -> anyhow::Result<Vec<String>> {
        let mut ids: Vec<String> = items::Entity::find()
            .select_only()
            .column(items::Column::Id)
            .into_tuple()
            .all(&self.tx)
            .await?;
        ids.sort_unstable();
        Ok(ids)
    }

    /// These items, in the order of their ids.
    pub async fn items(&self, ids: &[String]) -> anyhow::Result<Vec<ItemRow>> {
        let mut rows = rows_of_items(&self.tx, ids).await?;
        rows.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(rows)
    }

    /// The stars of these items, in order.
    pub async fn stars(&self, ids: &[String]) -> anyhow::Result<Vec<StarRow>> {
        let backend = self.tx.get_database_backend();
        let rows = stars::Entity::find()
            .filter(dialect::among(backend, "item_id", ids))
            .all(&self.tx)
            .await?;
        let mut rows: Vec<_> = rows
            .into_iter()
            .map(|row| StarRow {
                item: row.item_id,
                user: row.user_name,
                at: row.created_at,
            })
            .collect();
        rows.sort_unstable_by(|a, b| (&a.item, &a.user).cmp(&(&b.item, &b.user)));
        Ok(rows)
    }

    /// Where versions begin that are kept together, in order: ids of items and numbers.
    pub async fn version_blocks(&self) -> anyhow::Result<Vec<(String, i32)>> {
        use versions::Column;
        let mut blocks: Vec<(String, i32)> = versions::Entity::find()
            .select_only()
            .columns([Column::ItemId, Column::Base])
            .distinct()
            .into_tuple()
            .all(&self.tx)
            .await?;
        blocks.sort_unstable();
        Ok(blocks)
    }

    /// The versions of one such block: some megabytes at most.
    ///
    /// # Errors
    /// When their texts cannot be made of what the database holds.
    pub async fn versions(&self, (item, base): &(String, i32)) -> anyhow::Result<Vec<VersionRow>> {
        use versions::Column;
        let rows = versions::Entity::find()
            .filter(Column::ItemId.eq(&**item))
            .filter(Column::Base.eq(*base))
            .order_by_asc(Column::Number)
            .all(&self.tx)
            .await?;
        let texts = store_versions::texts(&rows)
            .with_context(|| format!("the versions of the item {item:?} cannot be read"))?;
        let rows = rows.into_iter().zip(texts);
        Ok(rows
            .map(|(row, protocol)| VersionRow {
                item: row.item_id,
                number: row.number,
                author: row.author,
                note: row.note,
                restored_from: row.restored_from,
                shared: row.is_shared,
                withdrawn: row
                    .withdrawn
                    .zip(row.withdrawn_at)
                    .map(|(reason, at)| WithdrawalRow { reason, at }),
                at: row.created_at,
                protocol,
            })
            .collect())
    }

    /// The next `limit` lines of the audit after one, whose number is changed.
    pub async fn audit(&self, after: &mut i64, limit: u64) -> anyhow::Result<Vec<AuditRow>> {
        let rows = audit::Entity::find()
            .filter(audit::Column::Id.gt(*after))
            .order_by_asc(audit::Column::Id)
            .limit(limit)
            .all(&self.tx)
            .await?;
        if let Some(last) = rows.last() {
            *after = last.id;
        }
        Ok(rows.into_iter().map(audit_row).collect())
    }

    /// All storages, with secrets that are encrypted with the first of `keys`.
    ///
    /// # Errors
    /// When a secret cannot be read with these keys.
    pub async fn storages(&self, keys: &Keyring) -> anyhow::Result<Vec<StorageRow>> {
        let mut rows = storages::Entity::find().all(&self.tx).await?;
        rows.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let sealed = |id: &str, column: &str, stored: &str| {
            let place = place(id, column);
            let plain = keys.open(&place, stored)?;
            if keys.is_stale(stored) {
                keys.seal(&place, &plain)
            } else {
                Ok(stored.to_owned())
            }
        };
        rows.into_iter()
            .map(|row| {
                let sealed = |column, stored| {
                    sealed(&row.id, column, stored)
                        .with_context(|| format!("the storage {:?} cannot be exported", row.id))
                };
                Ok(StorageRow {
                    connection_strings: sealed(CONNECTION_STRINGS, &row.connection_strings)?,
                    tokens: sealed(TOKENS, &row.tokens)?,
                    users: list(&row.id, &row.users)?,
                    id: row.id,
                    kind: row.kind,
                    storage_account: row.storage_account,
                    container_name: row.container_name,
                    created_at: row.created_at,
                    updated_at: row.updated_at,
                })
            })
            .collect()
    }
}

/// The rows of these items, in no order.
pub(super) async fn rows_of_items<C: ConnectionTrait>(
    tx: &C,
    ids: &[String],
) -> anyhow::Result<Vec<ItemRow>> {
    let backend = tx.get_database_backend();
    let mut query = items::Entity::find().select_only();
    columns(QuerySelect::query(&mut query), Detail::Full, "");
    let rows = query
        .filter(dialect::among(backend, "id", ids))
        .into_model::<Row>()
        .all(tx)
        .await?;
    let mut relations = relations::of_items(tx, ids).await?;
    let marks = templates::Entity::find()
        .filter(dialect::among(backend, "item_id", ids))
        .all(tx)
        .await?;
    let mut marks: HashMap<String, TemplateMark> = marks
        .into_iter()
        .map(|row| {
            let (name, digest) = (row.name, row.digest);
            (row.item_id, TemplateMark { name, digest })
        })
        .collect();
    let answers = exit_answers::Entity::find()
        .filter(dialect::among(backend, "item_id", ids))
        .order_by_asc(exit_answers::Column::Code)
        .all(tx)
        .await?;
    let mut answers_of: HashMap<String, Vec<ExitAnswerRow>> = HashMap::new();
    for exit_answers::Model {
        item_id,
        code,
        answer,
    } in answers
    {
        let row = ExitAnswerRow { code, answer };
        answers_of.entry(item_id).or_default().push(row);
    }
    rows.into_iter()
        .map(|row| {
            let times = row.times();
            let item = row.into_item()?;
            // The tables are what counts, not the copy in the item's own row.
            let relations = relations.remove(&item.id).unwrap_or_default();
            let item = Item {
                tags: relations.tags.into_iter().map(|tag| tag.name).collect(),
                categories: relations.categories.into_iter().map(|c| c.name).collect(),
                group_list: relations.groups,
                ..item
            };
            let template = marks.remove(&item.id);
            let answers = answers_of.remove(&item.id).unwrap_or_default();
            Ok(item_row(item, times, template, answers))
        })
        .collect()
}

fn item_row(
    item: Item,
    (created_at, updated_at): (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>),
    template: Option<TemplateMark>,
    exit_answers: Vec<ExitAnswerRow>,
) -> ItemRow {
    with_fields_of!(
        item,
        ItemRow {
            id: item.id,
            protocol: item.protocol.unwrap_or_default(),
            copied_from: item.copied_from.map(|origin| OriginRow {
                id: origin.id,
                version: origin.version,
            }),
            deprecation: item.deprecation.map(|it| DeprecationRow {
                reason: it.reason,
                successor: it.successor.map(|origin| origin.id),
                since: it.since,
            }),
            created_at,
            updated_at,
            template,
            exit_answers,
        }
    )
}

fn category(row: categories::Model) -> CategoryRow {
    CategoryRow {
        name: row.name,
        id: row.id,
        description: row.description,
        extras: row.extras,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

pub(super) fn tag(row: tags::Model) -> TagRow {
    TagRow {
        variant: row.search_name != search::fold(&row.name),
        name: row.name,
        id: row.id,
        color: row.color,
        description: row.description,
        extras: row.extras,
        explicit: row.is_explicit,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

pub(super) fn audit_row(row: audit::Model) -> AuditRow {
    AuditRow {
        at: row.at,
        user: row.user_name,
        action: row.action,
        kind: row.kind,
        target_id: row.target_id,
        target_name: row.target_name,
        details: serde_json::from_str(&row.details).unwrap_or_default(),
    }
}
