//! Which items a user has used last.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, timestamp_with_time_zone};

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0010_uses"
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
        // No key to users: a use needs no account of its own.
        let uses = Table::create()
            .table("uses")
            .col(string("user_name"))
            .col(string("item_id"))
            .col(timestamp_with_time_zone("used_at"))
            .primary_key(Index::create().col("user_name").col("item_id"))
            .foreign_key(
                ForeignKey::create()
                    .from("uses", "item_id")
                    .to("items", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        manager.create_table(uses).await?;
        let of_user_by_time = Index::create()
            .name("idx_uses_user_name_used_at")
            .table("uses")
            .col("user_name")
            .col("used_at")
            .take();
        manager.create_index(of_user_by_time).await?;
        // Else each item that is deleted has all uses read.
        let of_item = Index::create()
            .name("idx_uses_item_id")
            .table("uses")
            .col("item_id")
            .take();
        manager.create_index(of_item).await
    }
}
