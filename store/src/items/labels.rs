//! An item's labels, as its own routes read and change them.

use sea_orm::sea_query::{Expr, ExprTrait, LockType, Order, Query};
use sea_orm::{ConnectionTrait, FromQueryResult};
use shared::wire::{AuditAction, Item};

use super::lock;
use crate::labels::{Label, LabelKind, by_name, locked, select};
use crate::{CallbackError, Store, StoreError, audit, links, search};

impl Store {
    /// The labels of an item by name; none if there is no such item.
    pub async fn labels_of_item(
        &self,
        kind: LabelKind,
        item_id: &str,
    ) -> Result<Vec<Label>, StoreError> {
        let (links, column) = kind.links();
        let ids = Query::select()
            .column(column)
            .from(links)
            .and_where(Expr::col("item_id").eq(item_id))
            .to_owned();
        let query = select(kind, None)
            .and_where(Expr::col((kind.table(), "id")).in_subquery(ids))
            .order_by((kind.table(), "name"), Order::Asc)
            .to_owned();
        let rows = self.db.query_all(&query).await?;
        let labels = rows.iter().map(|row| Label::from_query_result(row, ""));
        Ok(labels.collect::<Result<_, _>>()?)
    }

    /// Gives an item a label, or takes it away, on behalf of `user` if `decide` agrees
    /// to the label's name, which is empty if there is no such label. One that it has, or
    /// has not, already is fine.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the item or the label, and what `decide` fails with.
    pub async fn set_item_label<E>(
        &self,
        kind: LabelKind,
        (id, label_id): (&str, &str),
        present: bool,
        user: &str,
        decide: impl FnOnce(&Item, &str) -> Result<(), E> + Send,
    ) -> Result<(), CallbackError<E>> {
        let tx = self.begin().await?;
        let item = lock(&tx, id, user).await?;
        // Locked, so that it is not renamed before the copies of its name are
        // written.
        let label = locked(&tx, kind, label_id, LockType::Share).await?;
        // Somebody without rights to the item learns that first.
        let name = label.as_ref().map_or("", |label| &label.name);
        decide(&item, name).map_err(CallbackError::Callback)?;
        let label = label.ok_or_else(|| StoreError::not_found(kind.audit(), label_id))?;
        let names = match kind {
            LabelKind::Tag => &item.tags,
            LabelKind::Category => &item.categories,
        };
        if names.contains(&label.name) == present {
            return Ok(());
        }
        let label_id = label_id.to_owned();
        if present {
            links::add(&tx, kind, id, &[label_id]).await?;
        } else {
            links::remove(&tx, kind, id, &label_id).await?;
            if kind == LabelKind::Tag {
                by_name::remove_unused_tags(&tx, Some(&[label_id])).await?;
            }
        }
        search::refresh(&tx, &[id.to_owned()]).await?;
        let action = match (kind, present) {
            (LabelKind::Tag, true) => AuditAction::AddTag,
            (LabelKind::Tag, false) => AuditAction::RemoveTag,
            (LabelKind::Category, true) => AuditAction::AddCategory,
            (LabelKind::Category, false) => AuditAction::RemoveCategory,
        };
        audit::record(&tx, user, action, (&item).into(), &[label.name]).await?;
        tx.commit().await?;
        self.sweeper.wake();
        Ok(())
    }
}
