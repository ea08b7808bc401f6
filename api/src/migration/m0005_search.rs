//! The search index, and what makes lists fast: indexes in their orders, and a
//! copy of what ties an item to others beside the item itself.

use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, text, text_null};

use crate::store::{dialect, search};

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
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let backend = db.get_database_backend();
        let bytewise = dialect::bytewise(backend);

        let relations = Table::alter()
            .table("items")
            .add_column(text_null("relations"))
            .take();
        manager.alter_table(relations).await?;

        manager
            .drop_table(Table::drop().table("item_search").take())
            .await?;
        let item_search = Table::create()
            .table("item_search")
            .col(string("item_id").primary_key())
            .col(text("name").extra(bytewise))
            .col(text("tags"))
            .col(text("summary"))
            .col(text("haystack"))
            .foreign_key(
                ForeignKey::create()
                    .from("item_search", "item_id")
                    .to("items", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        manager.create_table(item_search).await?;
        for statement in dialect::create_index(backend) {
            db.execute_unprepared(statement).await?;
        }
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
        search::reindex_all(db).await
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
    let by_name = Index::create()
        .name("idx_item_search_name")
        .table("item_search")
        .col("name")
        .col("item_id")
        .take();
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
    orders.into_iter().chain([by_name, counts]).collect()
}
