//! What becomes of jobs that were made of items, and what authors say about how they end.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer_null, boolean, integer, integer_null, string, string_null, text,
    timestamp_with_time_zone, timestamp_with_time_zone_null,
};

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0016_runs"
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
            integer("counted_runs").default(0).take(),
            integer("success_at_least").default(-1).take(),
            timestamp_with_time_zone_null("canary_started_at").take(),
            timestamp_with_time_zone_null("canary_passed_at").take(),
        ] {
            let items = Table::alter().table("items").add_column(column).take();
            manager.alter_table(items).await?;
        }
        let order = Index::create()
            .name("idx_items_order_success_at_least")
            .table("items")
            .col(("success_at_least", IndexOrder::Desc))
            .col("id")
            .take();
        manager.create_index(order).await?;
        let of_item = |table: &'static str| {
            ForeignKey::create()
                .from(table, "item_id")
                .to("items", "id")
                .on_delete(ForeignKeyAction::Cascade)
                .take()
        };
        let runs = Table::create()
            .table("runs")
            .col(string("id").primary_key())
            .col(string("item_id"))
            .col(integer("version"))
            .col(string("user_name"))
            .col(string("digest"))
            .col(string("state"))
            .col(string_null("job_name"))
            .col(string_null("virtual_cluster"))
            .col(boolean("edited").default(false))
            .col(boolean("canary").default(false))
            .col(integer_null("exit_code"))
            .col(big_integer_null("queue_time"))
            .col(big_integer_null("run_time"))
            .col(integer("gpus").default(0))
            .col(timestamp_with_time_zone("used_at"))
            .col(timestamp_with_time_zone_null("asked_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .foreign_key(&mut of_item("runs"))
            .take();
        manager.create_table(runs).await?;
        for columns in [
            &["item_id", "ended_at"][..],
            &["user_name", "state"],
            &["state", "asked_at"],
            &["ended_at"],
        ] {
            let mut index = Index::create()
                .name(format!("idx_runs_{}", columns.join("_")))
                .table("runs")
                .take();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        let answers = Table::create()
            .table("exit_answers")
            .col(string("item_id"))
            .col(integer("code"))
            .col(text("answer"))
            .primary_key(Index::create().col("item_id").col("code"))
            .foreign_key(&mut of_item("exit_answers"))
            .take();
        manager.create_table(answers).await
    }
}
