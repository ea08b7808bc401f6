//! What keywords find items by moves into the items' own rows: a list is then
//! chosen, sorted and read from one table.

use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

use crate::store::{dialect, search};

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_search_in_items"
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
        for table in ["search_postings", "item_search"] {
            let drop = Table::drop().table(table).if_exists().take();
            manager.drop_table(drop).await?;
        }
        let name = text_null("search_name")
            .extra(dialect::bytewise(backend))
            .take();
        // SQLite adds one column at a time.
        for column in [name, text_null("search_text")] {
            let add = Table::alter().table("items").add_column(column).take();
            manager.alter_table(add).await?;
        }
        for statement in dialect::create_index(backend) {
            db.execute_unprepared(statement).await?;
        }
        let by_name = Index::create()
            .name("idx_items_order_name")
            .table("items")
            .col("search_name")
            .col("id")
            .take();
        manager.create_index(by_name).await?;
        search::reindex_all(db).await
    }
}
