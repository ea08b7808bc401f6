//! What protocols were before they were changed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    blob, boolean, integer, integer_null, string, string_null, timestamp_with_time_zone,
};

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0013_versions"
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
        // An item that nobody has changed has its one version in its own row, so nothing
        // is copied here and a new item takes no row more than it did.
        let versions = Table::create()
            .table("versions")
            .col(string("item_id"))
            .col(integer("number"))
            .col(integer("base"))
            .col(string("digest"))
            .col(string_null("author"))
            .col(string_null("note"))
            .col(integer_null("restored_from"))
            .col(boolean("is_shared"))
            .col(timestamp_with_time_zone("created_at"))
            .col(integer("bytes"))
            .col(blob("data"))
            .primary_key(Index::create().col("item_id").col("number"))
            .foreign_key(
                ForeignKey::create()
                    .from("versions", "item_id")
                    .to("items", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        manager.create_table(versions).await?;
        // SQLite adds one column a statement.
        for column in [
            integer("version").default(1).take(),
            integer_null("copied_version").take(),
        ] {
            let items = Table::alter().table("items").add_column(column).take();
            manager.alter_table(items).await?;
        }
        Ok(())
    }
}
