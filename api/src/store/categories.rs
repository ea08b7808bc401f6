//! Categories.

use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, SqlErr,
};
use shared::wire::{Category, CategoryRef, NewCategory};

use super::entity::categories;
use super::{Store, iso, new_id, now, relations, search};
use crate::problem::{self, Refusal};

impl Store {
    /// All categories by name.
    pub async fn categories(&self) -> Result<Vec<Category>, DbErr> {
        let rows = categories::Entity::find()
            .order_by_asc(categories::Column::Name)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(wire).collect())
    }

    /// One category.
    ///
    /// # Errors
    /// 404 when there is none with this id.
    pub async fn category(&self, id: &str) -> Result<Category, Refusal> {
        Ok(wire(find(&self.db, id).await?))
    }

    /// Makes a category and answers its id.
    ///
    /// # Errors
    /// 409 when one of that name exists.
    pub async fn create_category(
        &self,
        name: &str,
        category: NewCategory,
    ) -> Result<String, Refusal> {
        let time = now();
        let row = categories::Model {
            id: new_id(),
            name: name.to_owned(),
            description: category.description.flatten(),
            extras: category.extras.flatten(),
            created_at: time,
            updated_at: time,
        };
        let id = row.id.clone();
        categories::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.db)
            .await
            .map_err(taken)?;
        Ok(id)
    }

    /// Changes what is mentioned.
    ///
    /// # Errors
    /// 404 when there is none with this id, 409 when another one has the name.
    pub async fn update_category(&self, id: &str, category: NewCategory) -> Result<(), Refusal> {
        let tx = self.begin().await?;
        let (row, items) = lock(&tx, id).await?;
        let mut row = row.into_active_model();
        if let Some(name) = category.name {
            row.name = Set(name);
        }
        if let Some(description) = category.description {
            row.description = Set(description);
        }
        if let Some(extras) = category.extras {
            row.extras = Set(extras);
        }
        row.updated_at = Set(now());
        categories::Entity::update(row)
            .exec(&tx)
            .await
            .map_err(taken)?;
        search::refresh(&tx, &items).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a category and takes all items out of it.
    ///
    /// # Errors
    /// 404 when there is none with this id.
    pub async fn delete_category(&self, id: &str) -> Result<(), Refusal> {
        let tx = self.begin().await?;
        let (_, items) = lock(&tx, id).await?;
        categories::Entity::delete_by_id(id).exec(&tx).await?;
        search::refresh(&tx, &items).await?;
        Ok(tx.commit().await?)
    }
}

/// The categories of these names, which are neither renamed nor deleted until
/// the transaction ends.
///
/// # Errors
/// 400 that names the first one that does not exist: admins alone make
/// categories.
pub(super) async fn resolve<C: ConnectionTrait>(
    tx: &C,
    names: &[String],
) -> Result<Vec<CategoryRef>, Refusal> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let rows = categories::Entity::find()
        .filter(categories::Column::Name.is_in(names.iter().map(String::as_str)))
        .order_by_asc(categories::Column::Name)
        .lock_shared()
        .all(tx)
        .await?;
    if let Some(missing) = names
        .iter()
        .find(|name| rows.iter().all(|row| row.name != **name))
    {
        return Err(problem::bad_request(format!(
            "There is no category `{missing}`; an admin can make it."
        )));
    }
    let category = |row: categories::Model| CategoryRef {
        id: row.id,
        name: row.name,
    };
    Ok(rows.into_iter().map(category).collect())
}

async fn find<C: ConnectionTrait>(db: &C, id: &str) -> Result<categories::Model, Refusal> {
    categories::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or_else(|| problem::not_found("category", id))
}

/// Locks a category that is about to change, and the items that keep a copy of
/// it, whose ids it answers.
async fn lock<C: ConnectionTrait>(
    tx: &C,
    id: &str,
) -> Result<(categories::Model, Vec<String>), Refusal> {
    // Items are locked first, as everywhere.
    relations::lock_items_in_category(tx, id).await?;
    let row = categories::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or_else(|| problem::not_found("category", id))?;
    // Once more, for those that were tied to it meanwhile.
    let items = relations::lock_items_in_category(tx, id).await?;
    Ok((row, items))
}

fn taken(error: DbErr) -> Refusal {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            problem::conflict("A category of this name exists already.")
        }
        _ => error.into(),
    }
}

fn wire(row: categories::Model) -> Category {
    Category {
        id: row.id,
        name: row.name,
        description: row.description,
        extras: row.extras,
        created_at: iso(row.created_at),
        updated_at: iso(row.updated_at),
    }
}
