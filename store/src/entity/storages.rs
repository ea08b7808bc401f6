//! The Azure Blob storages of the cluster.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "storages")]
pub struct Model {
    /// Free text: mostly UUIDs.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Mostly `blob`.
    #[sea_orm(column_name = "type")]
    pub kind: String,
    /// The account's name.
    pub storage_account: String,
    /// The container's name.
    pub container_name: String,
    /// A JSON list of secrets.
    #[sea_orm(column_type = "Text")]
    pub connection_strings: String,
    /// A JSON list of secrets.
    #[sea_orm(column_type = "Text")]
    pub tokens: String,
    /// A JSON list of user names.
    #[sea_orm(column_type = "Text")]
    pub users: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// Keeps the secrets out of whatever prints a row.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Storage")
            .field("id", &self.id)
            .field("storage_account", &self.storage_account)
            .field("container_name", &self.container_name)
            .finish_non_exhaustive()
    }
}

joined_by_hand!();
