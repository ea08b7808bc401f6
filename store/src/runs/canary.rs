//! Nightly runs of official templates, one after the other.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use shared::wire::{Item, ItemStatus, ItemType};

use super::{Column, Entity, FoundJob, NewUse, RUNNING, row};
use crate::entity::items;
use crate::{Store, StoreError, Transaction, links};

/// For how long the next one waits for one that does not end.
const WAITS_FOR: TimeDelta = TimeDelta::hours(2);

impl Store {
    /// The next official template whose nightly run has not begun `since` a time, and notes that
    /// it begins: no other server answers the same. None while one runs that began within two
    /// hours. Only what everybody may use is taken, and what needs no storage.
    pub async fn begin_canary(&self, since: DateTime<Utc>) -> Result<Option<Item>, StoreError> {
        let tx = self.begin().await?;
        let now = tx.now();
        let running = Entity::find()
            .filter(Column::Canary.eq(true))
            .filter(Column::State.eq(RUNNING))
            .filter(Column::UsedAt.gt(now - WAITS_FOR))
            .count(&tx)
            .await?;
        if running > 0 {
            return Ok(None);
        }
        let is_due = Condition::any()
            .add(items::Column::CanaryStartedAt.is_null())
            .add(items::Column::CanaryStartedAt.lt(since));
        let id: Option<String> = items::Entity::find()
            .select_only()
            .column(items::Column::Id)
            .filter(items::Column::Id.in_subquery(links::official_items()))
            .filter(items::Column::Kind.ne(ItemType::Data.as_str()))
            .filter(items::Column::IsPublic.eq(true))
            .filter(items::Column::UseBlob.eq(false))
            .filter(items::Column::ProtocolValid.eq(true))
            .filter(items::Column::Status.eq(ItemStatus::Approved.as_str()))
            .filter(is_due)
            .order_by_asc(items::Column::Id)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .limit(1)
            .into_tuple()
            .one(&tx)
            .await?;
        let Some(id) = id else {
            return Ok(None);
        };
        items::Entity::update_many()
            .col_expr(items::Column::CanaryStartedAt, Expr::value(now))
            .filter(items::Column::Id.eq(id.as_str()))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        self.item(&id, "").await.map(Some)
    }

    /// Notes the job of a nightly run, which is followed as others are.
    pub async fn add_canary_run(&self, new: NewUse<'_>, job: &FoundJob) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let mut row = row(new, tx.now());
        row.canary = true;
        RUNNING.clone_into(&mut row.state);
        row.job_name = Some(job.name.clone());
        row.virtual_cluster = Some(job.virtual_cluster.clone());
        row.asked_at = Some(tx.now());
        Entity::insert(row.into_active_model())
            .exec_without_returning(&tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// Notes that an item's nightly run has succeeded.
pub(super) async fn set_passed(tx: &Transaction, item_id: &str) -> Result<(), DbErr> {
    items::Entity::update_many()
        .col_expr(items::Column::CanaryPassedAt, Expr::value(tx.now()))
        .filter(items::Column::Id.eq(item_id))
        .exec(tx)
        .await?;
    Ok(())
}
