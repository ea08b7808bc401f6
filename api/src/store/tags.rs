//! Tags.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, SqlErr,
};
use shared::wire::{AuditAction, AuditKind, NewTag, Tag, TagRef};

use super::audit::{self, Target};
use super::entity::tags;
use super::{Store, dialect, iso, new_id, now, relations, search};
use crate::problem::{self, Refusal};

impl Store {
    /// All tags by name.
    pub async fn tags(&self) -> Result<Vec<Tag>, DbErr> {
        let rows = tags::Entity::find()
            .order_by_asc(tags::Column::Name)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(wire).collect())
    }

    /// One tag.
    ///
    /// # Errors
    /// 404 when there is none with this id.
    pub async fn tag(&self, id: &str) -> Result<Tag, Refusal> {
        Ok(wire(find(&self.db, id).await?))
    }

    /// Makes a tag on behalf of `user` and answers its id.
    ///
    /// # Errors
    /// 409 when one of that name exists.
    pub async fn create_tag(&self, user: &str, name: &str, tag: NewTag) -> Result<String, Refusal> {
        let tx = self.begin().await?;
        let mut row = new(name, now());
        row.color = tag.color.flatten();
        row.description = tag.description.flatten();
        row.extras = tag.extras.flatten();
        let id = row.id.clone();
        tags::Entity::insert(row.into_active_model())
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
    /// 404 when there is none with this id, 409 when another one has the name.
    pub async fn update_tag(&self, user: &str, id: &str, tag: NewTag) -> Result<(), Refusal> {
        let (tx, old, items) = lock(self, id).await?;
        let mut row = old.clone().into_active_model();
        if let Some(name) = tag.name {
            row.search_name = Set(search::fold(&name));
            row.name = Set(name);
        }
        if let Some(color) = tag.color {
            row.color = Set(color);
        }
        if let Some(description) = tag.description {
            row.description = Set(description);
        }
        if let Some(extras) = tag.extras {
            row.extras = Set(extras);
        }
        row.updated_at = Set(now());
        let new = tags::Entity::update(row).exec(&tx).await.map_err(taken)?;
        // What the items keep a copy of.
        if (&old.name, &old.color) != (&new.name, &new.color) {
            search::refresh(&tx, &items).await?;
        }
        let fields = changed_fields(&old, &new);
        let target = target(id, &new.name);
        audit::record(&tx, user, AuditAction::Update, target, &fields).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a tag on behalf of `user` and takes it from all items.
    ///
    /// # Errors
    /// 404 when there is none with this id.
    pub async fn delete_tag(&self, user: &str, id: &str) -> Result<(), Refusal> {
        let (tx, row, items) = lock(self, id).await?;
        tags::Entity::delete_by_id(id).exec(&tx).await?;
        search::refresh(&tx, &items).await?;
        let target = target(id, &row.name);
        audit::record(&tx, user, AuditAction::Delete, target, &audit::NOTHING).await?;
        Ok(tx.commit().await?)
    }
}

/// The tags of these names; those that are missing are made. None of them is
/// renamed or deleted until the transaction ends.
pub(super) async fn ensure<C: ConnectionTrait>(
    tx: &C,
    names: &[String],
) -> Result<Vec<TagRef>, DbErr> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    // In one order for everybody: two transactions that make the same tags
    // would wait for each other otherwise.
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let found = of_names(tx, &names).await?;
    if found.len() == names.len() {
        return Ok(found);
    }
    let time = now();
    let rows = names
        .iter()
        .filter(|name| found.iter().all(|tag| tag.name != **name))
        .map(|name| new(name, time).into_active_model());
    tags::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(tags::Column::Name)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    of_names(tx, &names).await
}

async fn of_names<C: ConnectionTrait>(tx: &C, names: &[&str]) -> Result<Vec<TagRef>, DbErr> {
    let rows = tags::Entity::find()
        .filter(dialect::among(tx.get_database_backend(), "name", names))
        .order_by_asc(tags::Column::Name)
        // The weakest lock that keeps its row from being changed: whoever
        // changes one takes the strongest.
        .lock(LockType::KeyShare)
        .all(tx)
        .await?;
    let tag = |row: tags::Model| TagRef {
        id: row.id,
        name: row.name,
        color: row.color,
    };
    Ok(rows.into_iter().map(tag).collect())
}

async fn find<C: ConnectionTrait>(db: &C, id: &str) -> Result<tags::Model, Refusal> {
    tags::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or_else(|| problem::not_found("tag", id))
}

/// Begins a transaction with a tag that is about to change locked, and the
/// items that keep a copy of it, whose ids it answers.
async fn lock(
    store: &Store,
    id: &str,
) -> Result<(DatabaseTransaction, tags::Model, Vec<String>), Refusal> {
    loop {
        let tx = store.begin().await?;
        // Items are locked first, as everywhere.
        let mut items = relations::lock::items_with_tag(&tx, id).await?;
        let row = tags::Entity::find_by_id(id)
            .lock_exclusive()
            .one(&tx)
            .await?
            .ok_or_else(|| problem::not_found("tag", id))?;
        if relations::lock::more_with_tag(&tx, &mut items, id).await? {
            return Ok((tx, row, items));
        }
        tx.rollback().await?;
    }
}

fn new(name: &str, time: DateTime<Utc>) -> tags::Model {
    tags::Model {
        id: new_id(),
        name: name.to_owned(),
        search_name: search::fold(name),
        color: None,
        description: None,
        extras: None,
        created_at: time,
        updated_at: time,
    }
}

fn target<'a>(id: &'a str, name: &'a str) -> Target<'a> {
    Target {
        kind: AuditKind::Tag,
        id,
        name: Some(name),
    }
}

fn changed_fields(old: &tags::Model, new: &tags::Model) -> Vec<&'static str> {
    [
        (old.name != new.name, "name"),
        (old.color != new.color, "color"),
        (old.description != new.description, "description"),
        (old.extras != new.extras, "extras"),
    ]
    .into_iter()
    .filter_map(|(differs, field)| differs.then_some(field))
    .collect()
}

fn taken(error: DbErr) -> Refusal {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            problem::conflict("A tag of this name exists already.")
        }
        _ => error.into(),
    }
}

pub(super) fn wire(row: tags::Model) -> Tag {
    Tag {
        id: row.id,
        name: row.name,
        color: row.color,
        description: row.description,
        extras: row.extras,
        created_at: iso(row.created_at),
        updated_at: iso(row.updated_at),
    }
}
