//! What each item's job asks of a cluster.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, text_null};

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0015_demands"
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
        for column in [
            text_null("demand").take(),
            big_integer_null("demand_code").take(),
        ] {
            let items = Table::alter().table("items").add_column(column).take();
            manager.alter_table(items).await?;
        }
        // Start-up looks for rows without a code by it, however many there are.
        let by_code = Index::create()
            .name("idx_items_demand_code")
            .table("items")
            .col("demand_code")
            .take();
        manager.create_index(by_code).await
    }
}
