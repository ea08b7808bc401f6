//! The cluster's Azure Blob storages. Their two lists of secrets are JSON,
//! each sealed as a whole by the server's [`Keyring`](crate::secrets::Keyring).

mod start;

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use shared::wire::{AuditAction, AuditKind, NewStorage, Storage};

use super::audit::{self, Target};
use super::entity::storages::{ActiveModel, Column, Entity, Model};
use super::{Store, StoreError};
use crate::clock::iso;

/// The container that AZURE_STORAGE stands for (docs/contract.md#5-deployment).
pub const DEFAULT_CONTAINER: &str = "marketplace";

/// The kind of storage that jobs can be given.
pub const BLOB: &str = "blob";

pub(super) const CONNECTION_STRINGS: &str = "connection_strings";
pub(super) const TOKENS: &str = "tokens";

/// The query of `GET /storages/blobs`. Everything that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct StorageFilter {
    /// The exact type.
    pub kind: Option<String>,
    /// The exact account.
    pub storage_account: Option<String>,
    /// The exact container.
    pub container_name: Option<String>,
    /// Somebody whom the storage names among its users.
    pub user: Option<String>,
}

impl Store {
    /// The storages that `filter` lets through, oldest first.
    ///
    /// # Errors
    /// [`StoreError::StorageUnreadable`] when one is encrypted with a key that this server does not have.
    pub async fn storages(&self, filter: StorageFilter) -> Result<Vec<Storage>, StoreError> {
        let condition = Condition::all()
            .add_option(filter.kind.map(|kind| Column::Kind.eq(kind)))
            .add_option(
                filter
                    .storage_account
                    .map(|name| Column::StorageAccount.eq(name)),
            )
            .add_option(
                filter
                    .container_name
                    .map(|name| Column::ContainerName.eq(name)),
            );
        let rows = Entity::find()
            .filter(condition)
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(&self.db)
            .await?;
        let storages: Result<Vec<_>, _> = rows.into_iter().map(|row| self.wire(row)).collect();
        let named = |storage: &Storage| {
            filter
                .user
                .as_ref()
                .is_none_or(|user| storage.users.contains(user))
        };
        Ok(storages?.into_iter().filter(named).collect())
    }

    /// One storage.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and [`StoreError::StorageUnreadable`] when it is
    /// encrypted with a key that this server does not have.
    pub async fn storage(&self, id: &str) -> Result<Storage, StoreError> {
        let row = Entity::find_by_id(id).one(&self.db).await?;
        self.wire(row.ok_or_else(|| StoreError::not_found(AuditKind::Storage, id))?)
    }

    /// The storage that a job of `user` gets: one that is for everybody or
    /// names the user; rather one whose account and container `holds` the job's data, then one whose
    /// container is `marketplace`, then the one that was changed last.
    ///
    /// # Errors
    /// [`StoreError::StorageUnreadable`] when it is encrypted with a key that this server does not have.
    pub async fn storage_for(
        &self,
        user: &str,
        holds: impl Fn(&str, &str) -> bool,
    ) -> Result<Option<Storage>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Kind.eq(BLOB))
            .order_by_asc(Column::Id)
            .all(&self.db)
            .await?;
        let mut best = None;
        for row in rows {
            let mut users = list(&row.id, &row.users)?;
            users.retain(|name| !name.is_empty());
            if users.is_empty() || users.iter().any(|name| name == user) {
                let rank = (
                    holds(&row.storage_account, &row.container_name),
                    row.container_name == DEFAULT_CONTAINER,
                    row.updated_at,
                );
                if best.as_ref().is_none_or(|(best, _)| rank > *best) {
                    best = Some((rank, row));
                }
            }
        }
        best.map(|(_, row)| self.wire(row)).transpose()
    }

    /// Keeps a new storage on behalf of `user` and answers its id.
    pub async fn create_storage(&self, user: &str, new: NewStorage) -> Result<String, StoreError> {
        let id = self.ids.next();
        let name = format!(
            "{}/{}",
            new.storage_account.as_deref().unwrap_or_default(),
            new.container_name.as_deref().unwrap_or_default()
        );
        let row = self.new_row(&id, new)?;
        let tx = self.begin().await?;
        Entity::insert(row).exec_without_returning(&tx).await?;
        let target = Target::of(AuditKind::Storage, &id, &name);
        audit::record(&tx, user, AuditAction::Create, target, &audit::NOTHING).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes what is mentioned, on behalf of `user`. Secrets that are not
    /// mentioned need no key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none with this id.
    pub async fn update_storage(
        &self,
        user: &str,
        id: &str,
        changes: NewStorage,
    ) -> Result<(), StoreError> {
        let fields = mentioned_fields(&changes);
        let mut row = self.mentioned(id, changes)?;
        row.updated_at = Set(self.clock.now());
        let tx = self.begin().await?;
        Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(id))
            .exec(&tx)
            .await?;
        let name = name(&tx, id).await?;
        let target = Target::of(AuditKind::Storage, id, &name);
        audit::record(&tx, user, AuditAction::Update, target, &fields).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a storage on behalf of `user`; needs no key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none with this id.
    pub async fn delete_storage(&self, user: &str, id: &str) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let name = name(&tx, id).await?;
        Entity::delete_by_id(id).exec(&tx).await?;
        let target = Target::of(AuditKind::Storage, id, &name);
        audit::record(&tx, user, AuditAction::Delete, target, &audit::NOTHING).await?;
        Ok(tx.commit().await?)
    }

    fn wire(&self, row: Model) -> Result<Storage, StoreError> {
        let open = |name: &str, stored: &str| {
            let plain = self
                .keys
                .open(&place(&row.id, name), stored)
                .map_err(|error| StoreError::StorageUnreadable {
                    id: row.id.clone(),
                    error,
                })?;
            list(&row.id, &plain)
        };
        Ok(Storage {
            connection_strings: open(CONNECTION_STRINGS, &row.connection_strings)?,
            tokens: open(TOKENS, &row.tokens)?,
            users: list(&row.id, &row.users)?,
            id: row.id,
            kind: row.kind,
            storage_account: row.storage_account,
            container_name: row.container_name,
            created_at: iso(row.created_at),
            updated_at: iso(row.updated_at),
        })
    }

    /// A row in which everything is set that a storage has.
    fn new_row(&self, id: &str, new: NewStorage) -> Result<ActiveModel, StoreError> {
        let time = self.clock.now();
        let mut row = self.mentioned(
            id,
            NewStorage {
                kind: new.kind.or_else(|| Some(BLOB.to_owned())),
                connection_strings: Some(new.connection_strings.unwrap_or_default()),
                tokens: Some(new.tokens.unwrap_or_default()),
                users: Some(new.users.unwrap_or_default()),
                ..new
            },
        )?;
        row.id = Set(id.to_owned());
        row.created_at = Set(time);
        row.updated_at = Set(time);
        Ok(row)
    }

    fn mentioned(&self, id: &str, new: NewStorage) -> Result<ActiveModel, StoreError> {
        let secrets = |name: &str, texts: Option<Vec<String>>| match texts {
            Some(texts) => self.seal(id, name, &json(&texts)).map(Set),
            None => Ok(NotSet),
        };
        Ok(ActiveModel {
            kind: new.kind.map_or(NotSet, Set),
            storage_account: new.storage_account.map_or(NotSet, Set),
            container_name: new.container_name.map_or(NotSet, Set),
            connection_strings: secrets(CONNECTION_STRINGS, new.connection_strings)?,
            tokens: secrets(TOKENS, new.tokens)?,
            users: new.users.map_or(NotSet, |users| Set(json(&users))),
            ..ActiveModel::default()
        })
    }

    fn seal(&self, id: &str, name: &str, plain: &str) -> Result<String, StoreError> {
        self.keys
            .seal(&place(id, name), plain)
            .map_err(|error| StoreError::StorageUnsealed {
                id: id.to_owned(),
                error,
            })
    }
}

/// What a sealed list belongs to.
pub(super) fn place(id: &str, column: &str) -> String {
    format!("storages/{id}/{column}")
}

fn json(texts: &[String]) -> String {
    texts
        .iter()
        .map(String::as_str)
        .collect::<serde_json::Value>()
        .to_string()
}

pub(super) fn list(id: &str, json: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(json).map_err(|_| {
        StoreError::Damaged(format!(
            "storage {id}: a list of it is no JSON list of texts"
        ))
    })
}

/// How the audit calls a storage: it has no name of its own.
async fn name<C: ConnectionTrait>(tx: &C, id: &str) -> Result<String, StoreError> {
    let row = Entity::find_by_id(id).one(tx).await?;
    let row = row.ok_or_else(|| StoreError::not_found(AuditKind::Storage, id))?;
    Ok(format!("{}/{}", row.storage_account, row.container_name))
}

fn mentioned_fields(changes: &NewStorage) -> Vec<&'static str> {
    audit::fields([
        (changes.kind.is_some(), "type"),
        (changes.storage_account.is_some(), "storageAccount"),
        (changes.container_name.is_some(), "containerName"),
        (changes.connection_strings.is_some(), "connectionStrings"),
        (changes.tokens.is_some(), "tokens"),
        (changes.users.is_some(), "users"),
    ])
}
