//! What happens to storages when a server starts.

use sea_orm::ActiveValue::{self, NotSet, Set};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use shared::wire::NewStorage;

use super::super::entity::storages::{ActiveModel, Column, Entity, Model};
use super::super::{Store, StoreError};
use super::{CONNECTION_STRINGS, DEFAULT_CONTAINER, TOKENS, json, place};

/// The id of the storage that AZURE_STORAGE makes: one that all servers know
/// makes it once, however many start at a time.
const CONFIGURED: &str = "azure-storage";

impl Store {
    /// Keeps the storage of AZURE_STORAGE, or changes it to what the setting
    /// says now: type, account and connection strings. A storage of the same account
    /// and container, such as one of the first marketplace, is taken for it.
    pub async fn save_configured_storage(&self, setting: NewStorage) -> Result<(), StoreError> {
        let account = setting.storage_account.clone().unwrap_or_default();
        let changes = NewStorage {
            container_name: Some(DEFAULT_CONTAINER.to_owned()),
            ..setting
        };
        let tx = self.begin().await?;
        let same_place = Condition::all()
            .add(Column::StorageAccount.eq(account.as_str()))
            .add(Column::ContainerName.eq(DEFAULT_CONTAINER));
        let rows = Entity::find()
            .filter(
                Condition::any()
                    .add(same_place)
                    .add(Column::Id.eq(CONFIGURED)),
            )
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .all(&tx)
            .await?;
        let same = rows.iter().position(|row| {
            row.storage_account == account && row.container_name == DEFAULT_CONTAINER
        });
        if let Some(row) = rows.get(same.unwrap_or_default()) {
            if self.differs(row, &changes) {
                let mut model = self.mentioned(&row.id, changes)?;
                model.id = Set(row.id.clone());
                model.updated_at = Set(tx.now());
                Entity::update(model).exec(&tx).await?;
                tracing::info!(storage = row.id, "the storage of AZURE_STORAGE has changed");
            }
        } else {
            let unless_there = OnConflict::column(Column::Id).do_nothing().to_owned();
            Entity::insert(self.new_row(CONFIGURED, changes)?)
                .on_conflict(unless_there)
                .exec_without_returning(&tx)
                .await?;
            tracing::info!(storage = CONFIGURED, "the storage of AZURE_STORAGE is kept");
        }
        Ok(tx.commit().await?)
    }

    /// Encrypts what is plain or under an old key; tells the log of what
    /// cannot be read, and of secrets that stay plain.
    pub async fn seal_storages(&self) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let rows = Entity::find()
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .all(&tx)
            .await?;
        if !rows.is_empty() && !self.keys.seals() {
            tracing::warn!(
                "SECRET_KEY is not set: connection strings of storages are kept unencrypted"
            );
        }
        for row in rows {
            let sealed = ActiveModel {
                id: Set(row.id.clone()),
                connection_strings: self.sealed_anew(
                    &row.id,
                    CONNECTION_STRINGS,
                    &row.connection_strings,
                )?,
                tokens: self.sealed_anew(&row.id, TOKENS, &row.tokens)?,
                ..ActiveModel::default()
            };
            if sealed.connection_strings.is_set() || sealed.tokens.is_set() {
                Entity::update(sealed).exec(&tx).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    fn sealed_anew(
        &self,
        id: &str,
        column: &str,
        stored: &str,
    ) -> Result<ActiveValue<String>, StoreError> {
        match self.keys.open(&place(id, column), stored) {
            Ok(plain) if self.keys.is_stale(stored) => self.seal(id, column, &plain).map(Set),
            Ok(_) => Ok(NotSet),
            Err(error) => {
                tracing::error!(storage = id, column, %error, "a storage cannot be read");
                Ok(NotSet)
            }
        }
    }

    /// Whether the row is not yet what the setting says; one that cannot be
    /// read is not.
    fn differs(&self, row: &Model, wanted: &NewStorage) -> bool {
        let place = place(&row.id, CONNECTION_STRINGS);
        let connection_strings = self.keys.open(&place, &row.connection_strings).ok();
        wanted.kind.as_ref() != Some(&row.kind)
            || wanted.storage_account.as_ref() != Some(&row.storage_account)
            || wanted.connection_strings.as_deref().map(json) != connection_strings
    }
}
