//! What ties an item to tags and categories, as its own routes read and change it.

use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use shared::wire::{AuditAction, AuditKind, Category, Item, Tag};

use super::entity::{categories, item_categories, item_tags, tags};
use super::items::lock;
use super::{CallbackError, Store, StoreError, audit, relations, search};

impl Store {
    /// The tags of an item by name; none if there is no such item.
    pub async fn tags_of_item(&self, item_id: &str) -> Result<Vec<Tag>, StoreError> {
        let rows = tags::Entity::find()
            .filter(tags::Column::Id.in_subquery(tag_ids(item_id)))
            .order_by_asc(tags::Column::Name)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(super::tags::wire).collect())
    }

    /// The categories of an item by name; none if there is no such item.
    pub async fn categories_of_item(&self, item_id: &str) -> Result<Vec<Category>, StoreError> {
        let rows = categories::Entity::find()
            .filter(categories::Column::Id.in_subquery(category_ids(item_id)))
            .order_by_asc(categories::Column::Name)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(super::categories::wire).collect())
    }

    /// Gives an item a tag, or takes it away, on behalf of `user` if `decide`
    /// agrees. One that it has, or has not, already is fine.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the item or the tag, and what `decide` fails with.
    pub async fn set_item_tag<E>(
        &self,
        id: &str,
        tag_id: &str,
        present: bool,
        user: &str,
        decide: impl FnOnce(&Item) -> Result<(), E> + Send,
    ) -> Result<(), CallbackError<E>> {
        let tx = self.begin().await?;
        let item = lock(&tx, id, user).await?;
        decide(&item).map_err(CallbackError::Callback)?;
        // Locked, so that it is not renamed before the copies of its name are
        // written.
        let tag = tags::Entity::find_by_id(tag_id).lock_shared();
        let tag = tag.one(&tx).await?;
        let tag = tag.ok_or_else(|| StoreError::not_found(AuditKind::Tag, tag_id))?;
        if item.tags.contains(&tag.name) == present {
            return Ok(());
        }
        let action = if present {
            relations::add_tag(&tx, id, tag_id).await?;
            AuditAction::AddTag
        } else {
            item_tags::Entity::delete_by_id((id.to_owned(), tag_id.to_owned()))
                .exec(&tx)
                .await?;
            super::tags::remove_unused(&tx, Some(&[tag_id.to_owned()])).await?;
            AuditAction::RemoveTag
        };
        search::refresh(&tx, &[id.to_owned()]).await?;
        audit::record(&tx, user, action, (&item).into(), &[tag.name]).await?;
        tx.commit().await?;
        self.sweeper.wake();
        Ok(())
    }

    /// Puts an item into a category, or takes it out, on behalf of `user` if
    /// `decide` agrees to the category's name. One that it is in, or not in,
    /// already is fine.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the item or the category, and what `decide` fails
    /// with.
    pub async fn set_item_category<E>(
        &self,
        id: &str,
        category_id: &str,
        present: bool,
        user: &str,
        decide: impl FnOnce(&Item, &str) -> Result<(), E> + Send,
    ) -> Result<(), CallbackError<E>> {
        let tx = self.begin().await?;
        let item = lock(&tx, id, user).await?;
        let category = categories::Entity::find_by_id(category_id)
            .lock_shared()
            .one(&tx)
            .await?;
        // Somebody without rights to the item learns that first.
        let name = category.as_ref().map_or("", |found| &found.name);
        decide(&item, name).map_err(CallbackError::Callback)?;
        let category =
            category.ok_or_else(|| StoreError::not_found(AuditKind::Category, category_id))?;
        if item.categories.contains(&category.name) == present {
            return Ok(());
        }
        let action = if present {
            relations::add_category(&tx, id, category_id).await?;
            AuditAction::AddCategory
        } else {
            item_categories::Entity::delete_by_id((id.to_owned(), category_id.to_owned()))
                .exec(&tx)
                .await?;
            AuditAction::RemoveCategory
        };
        search::refresh(&tx, &[id.to_owned()]).await?;
        audit::record(&tx, user, action, (&item).into(), &[category.name]).await?;
        Ok(tx.commit().await?)
    }
}

/// The ids of the item's tags.
fn tag_ids(item_id: &str) -> SelectStatement {
    Query::select()
        .column("tag_id")
        .from(item_tags::Entity)
        .and_where(item_tags::Column::ItemId.eq(item_id))
        .to_owned()
}

/// The ids of the item's categories.
fn category_ids(item_id: &str) -> SelectStatement {
    Query::select()
        .column("category_id")
        .from(item_categories::Entity)
        .and_where(item_categories::Column::ItemId.eq(item_id))
        .to_owned()
}
