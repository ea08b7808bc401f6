//! Who did what when.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_pk_auto, string, string_null, text, timestamp_with_time_zone};

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_audit"
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
        // No keys to other tables: a line outlives what it is about. The
        // details are a JSON list.
        let audit = Table::create()
            .table("audit")
            .col(big_pk_auto("id"))
            .col(timestamp_with_time_zone("at"))
            .col(string("user_name"))
            .col(string("action"))
            .col(string("kind"))
            .col(string("target_id"))
            .col(string_null("target_name"))
            .col(text("details"))
            .take();
        manager.create_table(audit).await?;
        for column in ["at", "user_name", "target_id"] {
            let index = Index::create()
                .name(format!("idx_audit_{column}"))
                .table("audit")
                .col(column)
                .take();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
