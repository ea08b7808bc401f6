//! What keywords find items by moves into the items' own rows: a list is then
//! chosen, sorted and read from one table.

use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

/// An item's codes are an array with an inverted index of its own. What is
/// new waits in a short list that every search reads: 256 KiB are some
/// hundred items, so that neither a search nor the write that sorts the list
/// in takes long. And rows stay whole up to a page of 8 KiB: an item with its
/// protocol is then one thing to read.
const POSTGRES: &[&str] = &[
    "ALTER TABLE items ADD COLUMN codes bigint[]",
    "CREATE INDEX idx_items_codes ON items USING gin (codes) WITH (gin_pending_list_limit = 256)",
    "ALTER TABLE items SET (toast_tuple_target = 8160)",
];

/// An item's codes are rows of a table that is nothing but its index.
const SQLITE: &[&str] = &[
    "CREATE TABLE search_postings (code integer NOT NULL, item_id text NOT NULL \
     REFERENCES items (id) ON DELETE CASCADE, PRIMARY KEY (code, item_id)) WITHOUT ROWID",
    "CREATE INDEX idx_search_postings_item_id ON search_postings (item_id)",
];

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
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let (bytewise, index) = match db.get_database_backend() {
            DbBackend::Postgres => ("COLLATE \"C\"", POSTGRES),
            _ => ("COLLATE BINARY", SQLITE),
        };
        for table in ["search_postings", "item_search"] {
            let drop = Table::drop().table(table).if_exists().take();
            manager.drop_table(drop).await?;
        }
        let name = text_null("search_name").extra(bytewise).take();
        // SQLite adds one column at a time.
        for column in [name, text_null("search_text")] {
            let add = Table::alter().table("items").add_column(column).take();
            manager.alter_table(add).await?;
        }
        for statement in index {
            db.execute_unprepared(statement).await?;
        }
        let by_name = Index::create()
            .name("idx_items_order_name")
            .table("items")
            .col("search_name")
            .col("id")
            .take();
        // The index is filled after the last step, which makes it anew.
        manager.create_index(by_name).await
    }
}
