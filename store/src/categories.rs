//! Categories.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, SqlErr,
};
use shared::wire::{AuditAction, AuditKind, Category, CategoryRef, NewCategory};

use super::audit::{self, Target};
use super::entity::categories;
use super::{Store, StoreError, iso, new_id, now, relations, search};

impl Store {
    /// All categories by name.
    pub async fn categories(&self) -> Result<Vec<Category>, StoreError> {
        let rows = categories::Entity::find()
            .order_by_asc(categories::Column::Name)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(wire).collect())
    }

    /// One category.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none with this id.
    pub async fn category(&self, id: &str) -> Result<Category, StoreError> {
        Ok(wire(find(&self.db, id).await?))
    }

    /// Makes a category on behalf of `user` and answers its id.
    ///
    /// # Errors
    /// [`StoreError::CategoryExists`].
    pub async fn create_category(
        &self,
        user: &str,
        name: &str,
        category: NewCategory,
    ) -> Result<String, StoreError> {
        let tx = self.begin().await?;
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
            .exec_without_returning(&tx)
            .await
            .map_err(taken)?;
        let target = target(&id, name);
        audit::record(&tx, user, AuditAction::Create, target, &audit::NOTHING).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes what is mentioned, on behalf of `user`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and [`StoreError::CategoryExists`] when another one
    /// has the name.
    pub async fn update_category(
        &self,
        user: &str,
        id: &str,
        category: NewCategory,
    ) -> Result<(), StoreError> {
        let (tx, old, items) = lock(self, id).await?;
        let mut row = old.clone().into_active_model();
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
        let new = categories::Entity::update(row)
            .exec(&tx)
            .await
            .map_err(taken)?;
        // What the items keep a copy of.
        if old.name != new.name {
            search::refresh(&tx, &items).await?;
        }
        let fields = changed_fields(&old, &new);
        let target = target(id, &new.name);
        audit::record(&tx, user, AuditAction::Update, target, &fields).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a category on behalf of `user` and takes all items out of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none with this id.
    pub async fn delete_category(&self, user: &str, id: &str) -> Result<(), StoreError> {
        let (tx, row, items) = lock(self, id).await?;
        categories::Entity::delete_by_id(id).exec(&tx).await?;
        search::refresh(&tx, &items).await?;
        let target = target(id, &row.name);
        audit::record(&tx, user, AuditAction::Delete, target, &audit::NOTHING).await?;
        Ok(tx.commit().await?)
    }
}

/// The categories of these names, which are neither renamed nor deleted until
/// the transaction ends.
///
/// # Errors
/// [`StoreError::NoSuchCategory`] with the first one that does not exist.
pub(super) async fn resolve<C: ConnectionTrait>(
    tx: &C,
    names: &[String],
) -> Result<Vec<CategoryRef>, StoreError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let rows = categories::Entity::find()
        .filter(categories::Column::Name.is_in(names.iter().map(String::as_str)))
        .order_by_asc(categories::Column::Name)
        .lock(LockType::KeyShare)
        .all(tx)
        .await?;
    if let Some(missing) = names
        .iter()
        .find(|name| rows.iter().all(|row| row.name != **name))
    {
        return Err(StoreError::NoSuchCategory(missing.clone()));
    }
    let category = |row: categories::Model| CategoryRef {
        id: row.id,
        name: row.name,
    };
    Ok(rows.into_iter().map(category).collect())
}

async fn find<C: ConnectionTrait>(db: &C, id: &str) -> Result<categories::Model, StoreError> {
    categories::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or_else(|| StoreError::not_found(AuditKind::Category, id))
}

fn target<'a>(id: &'a str, name: &'a str) -> Target<'a> {
    Target {
        kind: AuditKind::Category,
        id,
        name: Some(name),
    }
}

fn changed_fields(old: &categories::Model, new: &categories::Model) -> Vec<&'static str> {
    [
        (old.name != new.name, "name"),
        (old.description != new.description, "description"),
        (old.extras != new.extras, "extras"),
    ]
    .into_iter()
    .filter_map(|(differs, field)| differs.then_some(field))
    .collect()
}

/// Begins a transaction with a category that is about to change locked, and the
/// items that keep a copy of it, whose ids it answers.
async fn lock(
    store: &Store,
    id: &str,
) -> Result<(DatabaseTransaction, categories::Model, Vec<String>), StoreError> {
    loop {
        let tx = store.begin().await?;
        // Items are locked first, as everywhere.
        let mut items = relations::lock::items_in_category(&tx, id).await?;
        let row = categories::Entity::find_by_id(id)
            .lock_exclusive()
            .one(&tx)
            .await?
            .ok_or_else(|| StoreError::not_found(AuditKind::Category, id))?;
        if relations::lock::more_in_category(&tx, &mut items, id).await? {
            return Ok((tx, row, items));
        }
        tx.rollback().await?;
    }
}

fn taken(error: DbErr) -> StoreError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => StoreError::CategoryExists,
        _ => error.into(),
    }
}

pub(super) fn wire(row: categories::Model) -> Category {
    Category {
        id: row.id,
        name: row.name,
        description: row.description,
        extras: row.extras,
        created_at: iso(row.created_at),
        updated_at: iso(row.updated_at),
    }
}
