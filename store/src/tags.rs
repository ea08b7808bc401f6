//! Tags.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{
    Expr, ExprTrait, LockBehavior, LockType, OnConflict, Order, Query, UnionType,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, SqlErr,
};
use shared::access::ReadScope;
use shared::wire::{AuditAction, AuditKind, NewTag, Tag, TagRef};

use super::audit::{self, Target};
use super::entity::{item_tags, items, tags};
use super::wanted::visible;
use super::{Store, StoreError, dialect, iso, new_id, now, relations, search};

/// Tags that are removed at a time.
const MAX_REMOVED: u64 = 500;

impl Store {
    /// The tags by name that somebody made on purpose, or that stand on an item within
    /// `scope`: those of items that are hidden are hidden too.
    pub async fn tags(&self, scope: ReadScope<'_>) -> Result<Vec<Tag>, StoreError> {
        let rows = tags::Entity::find()
            .filter(shown(scope))
            .order_by_asc(tags::Column::Name)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(wire).collect())
    }

    /// One of these tags.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none with this id.
    pub async fn tag(&self, scope: ReadScope<'_>, id: &str) -> Result<Tag, StoreError> {
        let row = tags::Entity::find_by_id(id)
            .filter(shown(scope))
            .one(&self.db)
            .await?;
        Ok(wire(row.ok_or_else(|| {
            StoreError::not_found(AuditKind::Tag, id)
        })?))
    }

    /// Makes a tag on behalf of `user` and answers its id. One that only items outside
    /// `scope` have is taken over as it is: nothing tells that it was there.
    ///
    /// # Errors
    /// [`StoreError::TagExists`].
    pub async fn create_tag(
        &self,
        user: &str,
        scope: ReadScope<'_>,
        name: &str,
        tag: NewTag,
    ) -> Result<String, StoreError> {
        let tx = self.begin().await?;
        let Some(there) = alike(&tx, name).await? else {
            let mut row = new(name, now());
            row.is_explicit = true;
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
            return Ok(id);
        };
        let found = tags::Entity::find_by_id(&*there.id).filter(shown(scope));
        if found.one(&tx).await?.is_some() {
            return Err(StoreError::TagExists);
        }
        tx.rollback().await?;
        let tag = NewTag { name: None, ..tag };
        self.change_tag(user, &there.id, tag, AuditAction::Create)
            .await?;
        Ok(there.id)
    }

    /// Changes what is mentioned, on behalf of `user`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and [`StoreError::TagExists`] when another one has the
    /// name.
    pub async fn update_tag(&self, user: &str, id: &str, tag: NewTag) -> Result<(), StoreError> {
        self.change_tag(user, id, tag, AuditAction::Update).await
    }

    async fn change_tag(
        &self,
        user: &str,
        id: &str,
        tag: NewTag,
        action: AuditAction,
    ) -> Result<(), StoreError> {
        let (tx, old, items) = lock(self, id).await?;
        let mut row = old.clone().into_active_model();
        if let Some(name) = tag.name.filter(|name| *name != old.name) {
            if alike(&tx, &name).await?.is_some_and(|other| other.id != id) {
                return Err(StoreError::TagExists);
            }
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
        row.is_explicit = Set(true);
        row.updated_at = Set(now());
        let new = tags::Entity::update(row).exec(&tx).await.map_err(taken)?;
        // What the items keep a copy of.
        if (&old.name, &old.color) != (&new.name, &new.color) {
            search::refresh(&tx, &items).await?;
        }
        let fields = match action {
            AuditAction::Create => Vec::new(),
            _ => changed_fields(&old, &new),
        };
        let target = target(id, &new.name);
        audit::record(&tx, user, action, target, &fields).await?;
        tx.commit().await?;
        self.sweeper.wake();
        Ok(())
    }

    /// Deletes a tag on behalf of `user` and takes it from all items.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none with this id.
    pub async fn delete_tag(&self, user: &str, id: &str) -> Result<(), StoreError> {
        let (tx, row, items) = lock(self, id).await?;
        tags::Entity::delete_by_id(id).exec(&tx).await?;
        search::refresh(&tx, &items).await?;
        let target = target(id, &row.name);
        audit::record(&tx, user, AuditAction::Delete, target, &audit::NOTHING).await?;
        tx.commit().await?;
        self.sweeper.wake();
        Ok(())
    }
}

/// What holds for tags that whoever sees what is within `scope` sees: they were made on
/// purpose, or stand on no item at all, or on one within it.
fn shown(scope: ReadScope<'_>) -> Condition {
    let tied = Query::select()
        .expr(Expr::val(1))
        .from(item_tags::Entity)
        .and_where(
            Expr::col((item_tags::Entity, item_tags::Column::TagId))
                .equals((tags::Entity, tags::Column::Id)),
        )
        .to_owned();
    // A join ends at the first item that is visible.
    let visible = tied
        .clone()
        .inner_join(
            items::Entity,
            Expr::col((items::Entity, items::Column::Id))
                .equals((item_tags::Entity, item_tags::Column::ItemId)),
        )
        .cond_where(visible(scope))
        .to_owned();
    Condition::any()
        .add(tags::Column::IsExplicit.eq(true))
        .add(Expr::exists(tied).not())
        .add(Expr::exists(visible))
}

/// The tag of this name, or else one whose name differs in case only.
async fn alike<C: ConnectionTrait>(tx: &C, name: &str) -> Result<Option<tags::Model>, DbErr> {
    let rows = tags::Entity::find()
        .filter(
            Condition::any()
                .add(tags::Column::Name.eq(name))
                .add(tags::Column::SearchName.eq(search::fold(name))),
        )
        .all(tx)
        .await?;
    let exact = rows.iter().position(|row| row.name == name);
    Ok(rows.into_iter().nth(exact.unwrap_or(0)))
}

/// Removes tags that nobody made on purpose and that no item has any more, `among`
/// those or all, but for those that somebody is about to use.
pub(super) async fn remove_unused<C: ConnectionTrait>(
    tx: &C,
    among: Option<&[String]>,
) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    let of_ids = |ids: &[String]| {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        dialect::among(backend, "id", &ids)
    };
    let unused = || {
        let tied = Query::select()
            .expr(Expr::val(1))
            .from(item_tags::Entity)
            .and_where(
                Expr::col((item_tags::Entity, item_tags::Column::TagId))
                    .equals((tags::Entity, tags::Column::Id)),
            )
            .to_owned();
        Condition::all()
            .add(tags::Column::IsExplicit.eq(false))
            .add(Expr::exists(tied).not())
    };
    let mut query = Query::select()
        .column("id")
        .from(tags::Entity)
        .cond_where(unused())
        .order_by("id", Order::Asc)
        .limit(MAX_REMOVED)
        // Whoever gives it to an item has locked it, and is not waited for.
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned();
    if let Some(ids) = among {
        query.and_where(of_ids(ids));
    }
    let rows = tx.query_all(&query).await?;
    let ids: Vec<String> = rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()?;
    if ids.is_empty() {
        return Ok(());
    }
    // Asked again now that they are locked: somebody may have been faster.
    let delete = Query::delete()
        .from_table(tags::Entity)
        .and_where(of_ids(&ids))
        .cond_where(unused())
        .to_owned();
    tx.execute(&delete).await.map(drop)
}

/// The tags of these names, by the names as they were given: one that exists in another
/// case is taken as it is, and those that are missing are made. None of them is
/// renamed or deleted until the transaction ends.
pub(super) async fn ensure<C: ConnectionTrait>(
    tx: &C,
    names: &[String],
) -> Result<BTreeMap<String, TagRef>, DbErr> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = of_names(tx, names).await?;
    let missing = names.iter().filter(|name| !found.contains_key(*name));
    // In one order for everybody: two transactions that make the same tags
    // would wait for each other otherwise.
    let missing: BTreeMap<String, &String> =
        missing.map(|name| (search::fold(name), name)).collect();
    if missing.is_empty() {
        return Ok(found);
    }
    let time = now();
    let rows = missing
        .values()
        .map(|name| new(name, time).into_active_model());
    tags::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    of_names(tx, names).await
}

async fn of_names<C: ConnectionTrait>(
    tx: &C,
    names: &[String],
) -> Result<BTreeMap<String, TagRef>, DbErr> {
    let backend = tx.get_database_backend();
    let folded: Vec<String> = names.iter().map(|name| search::fold(name)).collect();
    let ids_by = |column, values: &[String]| {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        Query::select()
            .column("id")
            .from(tags::Entity)
            .and_where(dialect::among(backend, column, &values))
            .to_owned()
    };
    let ids = ids_by("name", names)
        .union(UnionType::Distinct, ids_by("search_name", &folded))
        .to_owned();
    let rows = tags::Entity::find()
        .filter(tags::Column::Id.in_subquery(ids))
        .order_by_asc(tags::Column::Name)
        // The weakest lock that keeps its row from being changed: whoever
        // changes one takes the strongest.
        .lock(LockType::KeyShare)
        .all(tx)
        .await?;
    let tags = names.iter().zip(&folded).filter_map(|(name, folded)| {
        let exact = rows.iter().find(|row| row.name == *name);
        let row = exact.or_else(|| rows.iter().find(|row| row.search_name == *folded))?;
        let tag = TagRef {
            id: row.id.clone(),
            name: row.name.clone(),
            color: row.color.clone(),
        };
        Some((name.clone(), tag))
    });
    Ok(tags.collect())
}

/// Begins a transaction with a tag that is about to change locked, and the
/// items that keep a copy of it, whose ids it answers.
async fn lock(
    store: &Store,
    id: &str,
) -> Result<(DatabaseTransaction, tags::Model, Vec<String>), StoreError> {
    loop {
        let tx = store.begin().await?;
        // Items are locked first, as everywhere.
        let mut items = relations::lock::items_with_tag(&tx, id).await?;
        let row = tags::Entity::find_by_id(id)
            .lock_exclusive()
            .one(&tx)
            .await?
            .ok_or_else(|| StoreError::not_found(AuditKind::Tag, id))?;
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
        is_explicit: false,
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

fn taken(error: DbErr) -> StoreError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => StoreError::TagExists,
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
