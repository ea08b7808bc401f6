//! Two labels become one.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query};
use shared::wire::AuditAction;

use super::{LabelKind, delete, lock, locked};
use crate::{Store, StoreError, audit, dialect, search};

impl Store {
    /// Gives all items with one label another one instead, on behalf of `user`, and
    /// deletes the first one. The other one stays as it is; a tag counts as made on
    /// purpose from then on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none with one of the ids, and
    /// [`StoreError::MergedWithItself`] when both are one.
    pub async fn merge_label(
        &self,
        kind: LabelKind,
        user: &str,
        id: &str,
        into: &str,
    ) -> Result<(), StoreError> {
        if id == into {
            return Err(StoreError::MergedWithItself);
        }
        let not_found = |id: &str| StoreError::not_found(kind.audit(), id);
        loop {
            let tx = self.begin().await?;
            // Items are locked first, as everywhere, and of two labels the lesser one:
            // somebody may be merging them the other way round.
            let mut items = lock::items_with(&tx, kind, id).await?;
            let swapped = into < id;
            let (lesser, greater) = if swapped { (into, id) } else { (id, into) };
            let lesser = locked(&tx, kind, lesser, LockType::Update).await?;
            let greater = locked(&tx, kind, greater, LockType::Update).await?;
            let (label, other) = if swapped {
                (greater, lesser)
            } else {
                (lesser, greater)
            };
            let label = label.ok_or_else(|| not_found(id))?;
            let other = other.ok_or_else(|| not_found(into))?;
            if !lock::more_items_with(&tx, &mut items, kind, id).await? {
                tx.rollback().await?;
                continue;
            }
            relink(&tx, kind, id, into).await?;
            delete(&tx, kind, id).await?;
            if kind == LabelKind::Tag {
                let update = Query::update()
                    .table(kind.table())
                    .value("is_explicit", true)
                    .and_where(Expr::col("id").eq(into))
                    .to_owned();
                tx.execute(&update).await?;
            }
            search::refresh(&tx, &items).await?;
            let target = label.target(kind);
            audit::record(&tx, user, AuditAction::Merge, target, &[other.name]).await?;
            tx.commit().await?;
            self.sweeper.wake();
            return Ok(());
        }
    }
}

/// Links all items of one label to another one too.
async fn relink<C: ConnectionTrait>(
    tx: &C,
    kind: LabelKind,
    id: &str,
    into: &str,
) -> Result<(), StoreError> {
    let (links, column) = kind.links();
    let select = Query::select()
        .column("item_id")
        .expr(Expr::value(into))
        .from(links)
        .and_where(Expr::col(column).eq(id))
        .to_owned();
    tx.execute(&dialect::insert_new(links, ["item_id", column], select))
        .await?;
    Ok(())
}
