//! Which item another one was copied from.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_null;

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0012_copies"
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
        // No key to the items: a copy outlives what it was made of.
        let items = Table::alter()
            .table("items")
            .add_column(string_null("copied_from"))
            .take();
        manager.alter_table(items).await
    }
}
