//! What becomes of items and versions after they were shared: they are deprecated or
//! withdrawn, people follow them, and whoever has used a version can be told.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, string, string_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0014_life_cycle"
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
        // SQLite adds one column a statement.
        for (table, column) in [
            ("items", string_null("deprecated").take()),
            ("items", string_null("successor").take()),
            (
                "items",
                timestamp_with_time_zone_null("deprecated_at").take(),
            ),
            ("items", string_null("withdrawn").take()),
            ("versions", string_null("withdrawn").take()),
            (
                "versions",
                timestamp_with_time_zone_null("withdrawn_at").take(),
            ),
            (
                "users",
                timestamp_with_time_zone_null("news_read_at").take(),
            ),
        ] {
            let add = Table::alter().table(table).add_column(column).take();
            manager.alter_table(add).await?;
        }
        // No key to users: to follow or use something needs no account of its own.
        let follows = Table::create()
            .table("follows")
            .col(string("user_name"))
            .col(string("item_id"))
            .col(timestamp_with_time_zone("since"))
            .primary_key(Index::create().col("user_name").col("item_id"))
            .foreign_key(
                ForeignKey::create()
                    .from("follows", "item_id")
                    .to("items", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        manager.create_table(follows).await?;
        let used_versions = Table::create()
            .table("used_versions")
            .col(string("user_name"))
            .col(string("item_id"))
            .col(integer("version"))
            .col(timestamp_with_time_zone("used_at"))
            .primary_key(
                Index::create()
                    .col("user_name")
                    .col("item_id")
                    .col("version"),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("used_versions", "item_id")
                    .to("items", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        manager.create_table(used_versions).await?;
        for table in ["follows", "used_versions"] {
            // Else each item that is deleted has all rows read.
            let of_item = Index::create()
                .name(format!("idx_{table}_item_id"))
                .table(table)
                .col("item_id")
                .take();
            manager.create_index(of_item).await?;
        }
        let by_time = Index::create()
            .name("idx_used_versions_user_name_used_at")
            .table("used_versions")
            .col("user_name")
            .col("used_at")
            .take();
        manager.create_index(by_time).await
    }
}
