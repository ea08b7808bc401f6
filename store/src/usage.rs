//! How often items are used, and what a user has used last.

use sea_orm::sea_query::{
    Expr, ExprTrait, LockBehavior, LockType, OnConflict, Order, Query, SelectStatement,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter,
    QueryTrait,
};
use shared::wire::AuditKind;

use super::entity::items;
use super::entity::used_versions;
use super::entity::uses::{Column, Entity, Model};
use super::runs::{self, NewUse};
use super::{Store, StoreError};

/// Items that a user has used last which are remembered, and versions of them: more than
/// anybody looks through.
pub const MAX_USES_PER_USER: u64 = 200;

/// Rows that one use deletes at most, of those that are too many.
const MAX_DELETED: u64 = 20;

impl Store {
    /// Counts a use of an item, and remembers when that was, of which version, and what was
    /// given out ([`super::runs`]). The database does the sum, so none is lost however many are
    /// counted at a time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no item with this id.
    pub async fn count_use(&self, new: NewUse<'_>) -> Result<(), StoreError> {
        let NewUse {
            item_id: id,
            version,
            user,
            ..
        } = new;
        let tx = self.begin().await?;
        let number = items::Column::UseNumber;
        let counted = items::Entity::update_many()
            .col_expr(number, Expr::col(number).add(1))
            .filter(items::Column::Id.eq(id))
            .exec(&tx)
            .await?;
        if counted.rows_affected == 0 {
            return Err(StoreError::not_found(AuditKind::Item, id));
        }
        let used_at = self.clock.now_in_micros();
        let row = Model {
            user_name: user.to_owned(),
            item_id: id.to_owned(),
            used_at,
        };
        let again = OnConflict::columns([Column::UserName, Column::ItemId])
            .update_column(Column::UsedAt)
            .to_owned();
        let insert = Entity::insert(row.into_active_model())
            .on_conflict(again)
            .into_query();
        tx.execute(&insert).await?;
        let row = used_versions::Model {
            user_name: user.to_owned(),
            item_id: id.to_owned(),
            version,
            used_at,
        };
        let key = used_versions::PrimaryKey::iter();
        let again = OnConflict::columns(key)
            .update_column(used_versions::Column::UsedAt)
            .to_owned();
        let insert = used_versions::Entity::insert(row.into_active_model())
            .on_conflict(again)
            .into_query();
        tx.execute(&insert).await?;
        delete_surplus(&tx, Entity, user).await?;
        delete_surplus(&tx, used_versions::Entity, user).await?;
        runs::begin(&tx, new, used_at).await?;
        Ok(tx.commit().await?)
    }
}

/// Selects the ids of the items that `user` has used last.
pub(super) fn used_by(user: &str) -> SelectStatement {
    Query::select()
        .column(Column::ItemId)
        .from(Entity)
        .and_where(Expr::col(Column::UserName).eq(user))
        .to_owned()
}

/// When `user` has used an item of the query last.
pub(super) fn used_at(user: &str) -> Expr {
    Query::select()
        .column(Column::UsedAt)
        .from(Entity)
        .and_where(Expr::col((Entity, Column::UserName)).eq(user))
        .and_where(Expr::col((Entity, Column::ItemId)).equals((items::Entity, items::Column::Id)))
        .to_owned()
        .into()
}

/// Deletes the oldest uses of a user that has too many, in one of the two tables of uses. Rows
/// that another use is about to change are left to the next one: to wait for them might be to
/// wait in a circle.
async fn delete_surplus<C: ConnectionTrait>(
    tx: &C,
    table: impl EntityTrait,
    user: &str,
) -> Result<(), DbErr> {
    let first_too_old = Query::select()
        .column(Column::UsedAt)
        .from(table)
        .and_where(Expr::col(Column::UserName).eq(user))
        .order_by(Column::UsedAt, Order::Desc)
        .limit(1)
        .offset(MAX_USES_PER_USER)
        .to_owned();
    let surplus = Query::select()
        .column(Column::ItemId)
        .from(table)
        .and_where(Expr::col(Column::UserName).eq(user))
        .and_where(Expr::col(Column::UsedAt).lte(first_too_old.clone()))
        .limit(MAX_DELETED)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned();
    let delete = Query::delete()
        .from_table(table)
        .and_where(Expr::col(Column::UserName).eq(user))
        .and_where(Expr::col(Column::ItemId).in_subquery(surplus))
        // Of an item whose old version is one of them, others may be in use.
        .and_where(Expr::col(Column::UsedAt).lte(first_too_old))
        .to_owned();
    tx.execute(&delete).await?;
    Ok(())
}
