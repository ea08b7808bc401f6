//! The vocabulary of the search index, and what makes lists fast: indexes in their
//! orders, and a copy of what ties an item to others beside the item itself.

use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, text_null};

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_search"
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
        let bytewise = match manager.get_connection().get_database_backend() {
            DbBackend::Postgres => "COLLATE \"C\"",
            _ => "COLLATE BINARY",
        };

        let relations = Table::alter()
            .table("items")
            .add_column(text_null("relations"))
            .take();
        manager.alter_table(relations).await?;

        let search_keys = Table::create()
            .table("search_keys")
            .col(text("key").extra(bytewise))
            .col(text("term").extra(bytewise))
            .primary_key(Index::create().col("key").col("term"))
            .take();
        manager.create_table(search_keys).await?;

        manager
            .drop_index(
                Index::drop()
                    .name("idx_items_created_at")
                    .table("items")
                    .to_owned(),
            )
            .await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Every order that a list may be asked for, newest or most first, with the id
/// to settle ties; and all that lists are mostly counted by, so that counting
/// reads no items.
fn indexes() -> Vec<IndexCreateStatement> {
    let orders = ["created_at", "updated_at", "star_number", "use_number"].map(|column| {
        Index::create()
            .name(format!("idx_items_order_{column}"))
            .table("items")
            .col((column, IndexOrder::Desc))
            .col("id")
            .take()
    });
    let mut counts = Index::create()
        .name("idx_items_counts")
        .table("items")
        .take();
    for column in [
        "type",
        "source",
        "is_public",
        "is_private",
        "status",
        "author",
        "id",
    ] {
        counts.col(column);
    }
    orders.into_iter().chain([counts]).collect()
}
