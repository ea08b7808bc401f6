//! What requests with `Idempotency-Key` have made, so that a client that did not
//! get the answer may send its request again.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict, Order, Query};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryTrait};

use super::entity::idempotency_keys::{Column, Entity, Model};
use super::{Store, StoreError, Transaction};

/// How long a key counts: a client tries again within seconds, a person within a
/// day.
const VALID_FOR: TimeDelta = TimeDelta::hours(24);

/// Keys of one user that are remembered; beyond them the oldest are forgotten.
const MAX_KEYS_PER_USER: u64 = 1_000;

/// Rows that one request deletes at most, of those that are too old and of those
/// that are too many.
const MAX_DELETED: u64 = 100;

/// A key that the client made for one request.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// The key itself.
    pub key: String,
    /// A digest of the request's body: another request has another one.
    pub body_digest: String,
}

impl Store {
    /// The id of the item that `user` has made with the key, if any; it may be
    /// gone.
    ///
    /// # Errors
    /// [`StoreError::KeyReused`] when the key was used for another body.
    pub async fn made_with(
        &self,
        user: &str,
        key: &IdempotencyKey,
    ) -> Result<Option<String>, StoreError> {
        made_with(&self.db, self.clock.now(), user, key).await
    }
}

/// Notes that `user` makes the item with the key, in the transaction that makes
/// it, or answers the id of the one that was made with it before. Whoever has
/// the same key waits until the transaction ends.
///
/// # Errors
/// [`StoreError::KeyReused`] when the key was used for another body.
pub(super) async fn claim(
    tx: &Transaction,
    user: &str,
    key: &IdempotencyKey,
    item_id: &str,
) -> Result<Option<String>, StoreError> {
    let time = tx.now();
    let row = Model {
        user_name: user.to_owned(),
        key: key.key.clone(),
        body_digest: key.body_digest.clone(),
        item_id: item_id.to_owned(),
        created_at: time,
    };
    let unless_valid = OnConflict::columns([Column::UserName, Column::Key])
        .update_columns([Column::BodyDigest, Column::ItemId, Column::CreatedAt])
        .action_and_where(Expr::col((Entity, Column::CreatedAt)).lte(time - VALID_FOR))
        .to_owned();
    let insert = Entity::insert(row.into_active_model())
        .on_conflict(unless_valid)
        .into_query();
    if tx.execute(&insert).await?.rows_affected() == 0 {
        return made_with(tx, time, user, key).await;
    }
    delete_surplus(tx, user, time).await?;
    Ok(None)
}

async fn made_with<C: ConnectionTrait>(
    db: &C,
    time: DateTime<Utc>,
    user: &str,
    key: &IdempotencyKey,
) -> Result<Option<String>, StoreError> {
    let id = (user.to_owned(), key.key.clone());
    let row = Entity::find_by_id(id).one(db).await?;
    let valid = row.filter(|row| row.created_at > time - VALID_FOR);
    match valid {
        Some(row) if row.body_digest != key.body_digest => Err(StoreError::KeyReused),
        row => Ok(row.map(|row| row.item_id)),
    }
}

/// Deletes some of the rows that are too old, and of those that the user has too
/// many of. Rows that somebody else is about to delete are left to them.
async fn delete_surplus<C: ConnectionTrait>(
    tx: &C,
    user: &str,
    time: DateTime<Utc>,
) -> Result<(), DbErr> {
    let old = Expr::col(Column::CreatedAt).lte(time - VALID_FOR);
    let oldest_kept = Query::select()
        .column(Column::CreatedAt)
        .from(Entity)
        .and_where(Expr::col(Column::UserName).eq(user))
        .order_by(Column::CreatedAt, Order::Desc)
        .limit(1)
        .offset(MAX_KEYS_PER_USER)
        .to_owned();
    let too_many = Expr::col(Column::UserName)
        .eq(user)
        .and(Expr::col(Column::CreatedAt).lte(oldest_kept));
    for surplus in [old, too_many] {
        let keys = Query::select()
            .columns([Column::UserName, Column::Key])
            .from(Entity)
            .and_where(surplus)
            .limit(MAX_DELETED)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .to_owned();
        let row = Expr::tuple([Expr::col(Column::UserName), Expr::col(Column::Key)]);
        let delete = Query::delete()
            .from_table(Entity)
            .and_where(row.in_subquery(keys))
            .to_owned();
        tx.execute(&delete).await?;
    }
    Ok(())
}
