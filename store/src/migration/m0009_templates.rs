//! Which items were made of which official templates, and what they were then. And tags
//! of servers that are older than the column are kept while these still run.

use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, timestamp_with_time_zone};

/// They cannot say that somebody made a tag on purpose, so it may be. `SQLite` cannot
/// change a default, and has no two servers during an update.
const POSTGRES: &str = "ALTER TABLE tags ALTER COLUMN is_explicit SET DEFAULT true";

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0009_templates"
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
        // No key to the items: that one was deleted here is worth knowing.
        let templates = Table::create()
            .table("templates")
            .col(string("name").primary_key())
            .col(string("item_id"))
            .col(string("digest"))
            .col(timestamp_with_time_zone("imported_at"))
            .take();
        manager.create_table(templates).await?;
        let db = manager.get_connection();
        if db.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared(POSTGRES).await?;
        }
        Ok(())
    }
}
