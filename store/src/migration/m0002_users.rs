//! The users that the catalogue has met, and what they starred.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, timestamp_with_time_zone};

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_users"
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
        let users = Table::create()
            .table("users")
            .col(string("name").primary_key())
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .take();
        manager.create_table(users).await?;
        // No key to users: a star needs no account of its own.
        let stars = Table::create()
            .table("stars")
            .col(string("item_id"))
            .col(string("user_name"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("item_id").col("user_name"))
            .foreign_key(
                ForeignKey::create()
                    .from("stars", "item_id")
                    .to("items", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        manager.create_table(stars).await?;
        let index = Index::create()
            .name("idx_stars_user_name")
            .table("stars")
            .col("user_name")
            .take();
        manager.create_index(index).await
    }
}
