//! The Azure Blob storages of the cluster.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, text, timestamp_with_time_zone};

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_storages"
    }
}

#[async_trait::async_trait]
#[allow(
    elided_lifetimes_in_paths,
    reason = "the trait's method is declared so"
)]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The three lists are JSON, which every database can keep.
        let storages = Table::create()
            .table("storages")
            .col(string("id").primary_key())
            .col(string("type"))
            .col(string("storage_account"))
            .col(string("container_name"))
            .col(text("connection_strings"))
            .col(text("tokens"))
            .col(text("users"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .take();
        manager.create_table(storages).await
    }
}
