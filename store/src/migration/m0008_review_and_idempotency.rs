//! Review concerns items that are shared with groups too, and what a request
//! with `Idempotency-Key` has made is remembered.

use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, timestamp_with_time_zone};

/// Groups saw such items: nobody looked at the status of what was not public.
/// They go on seeing them. An admin's `rejected` stays.
const APPROVE: &str = "\
    UPDATE items SET status = 'approved' \
    WHERE status = 'pending' AND NOT is_public AND NOT is_private";

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0008_review_and_idempotency"
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
        manager.get_connection().execute_unprepared(APPROVE).await?;
        // No key to the items: that one was made is true when it is gone.
        let keys = Table::create()
            .table("idempotency_keys")
            .col(string("user_name"))
            .col(string("key"))
            .col(string("body_digest"))
            .col(string("item_id"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("user_name").col("key"))
            .take();
        manager.create_table(keys).await?;
        let by_age = Index::create()
            .name("idx_idempotency_keys_created_at")
            .table("idempotency_keys")
            .col("created_at")
            .take();
        manager.create_index(by_age).await?;
        let of_user_by_age = Index::create()
            .name("idx_idempotency_keys_user_name_created_at")
            .table("idempotency_keys")
            .col("user_name")
            .col("created_at")
            .take();
        manager.create_index(of_user_by_age).await
    }
}
