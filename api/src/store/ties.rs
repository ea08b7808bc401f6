//! What ties an item to tags and categories, as its own routes read and change it.

use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use shared::wire::{AuditAction, Category, Item, Tag};

use super::entity::{categories, item_categories, item_tags, tags};
use super::items::lock;
use super::{Store, audit, relations, search};
use crate::problem::{self, Refusal};

impl Store {
    /// The tags of an item by name; none if there is no such item.
    pub async fn tags_of_item(&self, item_id: &str) -> Result<Vec<Tag>, DbErr> {
        let rows = tags::Entity::find()
            .filter(tags::Column::Id.in_subquery(tag_ids(item_id)))
            .order_by_asc(tags::Column::Name)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(super::tags::wire).collect())
    }

    /// The categories of an item by name; none if there is no such item.
    pub async fn categories_of_item(&self, item_id: &str) -> Result<Vec<Category>, DbErr> {
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
    /// 404 when there is no such item or tag, and what `decide` refuses with.
    pub async fn set_item_tag(
        &self,
        id: &str,
        tag_id: &str,
        present: bool,
        user: &str,
        decide: impl FnOnce(&Item) -> Result<(), Refusal> + Send,
    ) -> Result<(), Refusal> {
        let tx = self.begin().await?;
        let item = lock(&tx, id, user).await?;
        decide(&item)?;
        // Locked, so that it is not renamed before the copies of its name are
        // written.
        let tag = tags::Entity::find_by_id(tag_id).lock_shared();
        let tag = tag.one(&tx).await?;
        let tag = tag.ok_or_else(|| problem::not_found("tag", tag_id))?;
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
    /// 404 when there is no such item or category, and what `decide` refuses
    /// with.
    pub async fn set_item_category(
        &self,
        id: &str,
        category_id: &str,
        present: bool,
        user: &str,
        decide: impl FnOnce(&Item, &str) -> Result<(), Refusal> + Send,
    ) -> Result<(), Refusal> {
        let tx = self.begin().await?;
        let item = lock(&tx, id, user).await?;
        let category = categories::Entity::find_by_id(category_id)
            .lock_shared()
            .one(&tx)
            .await?;
        // Somebody without rights to the item learns that first.
        decide(&item, category.as_ref().map_or("", |found| &found.name))?;
        let category = category.ok_or_else(|| problem::not_found("category", category_id))?;
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
