//! Tags and categories, which are labels of items: read, made, changed and deleted.

pub(super) mod by_name;
mod merge;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Order, Query, SelectStatement};
use sea_orm::{
    Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, QueryTrait,
    SqlErr,
};
use shared::access::ReadScope;
use shared::wire::{AuditAction, Category, NewTag, Tag};

use super::audit::{self, Target};
use super::entity::{categories, items, tags};
pub use super::links::LabelKind;
use super::links::lock;
use super::viewer::visible;
use super::{Store, StoreError, Transaction, search};
use crate::clock::iso;

/// A tag or a category.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Label {
    /// Free text: mostly a UUID.
    pub id: String,
    /// Unique among those of its kind, of tags in any case.
    pub name: String,
    /// A CSS colour; categories have none.
    pub color: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// Free text for clients.
    pub extras: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// How many items have it, if that was asked for.
    pub item_count: Option<i64>,
}

/// What to make a label of, or to change in one; what is not mentioned stays. Categories
/// have no colour.
pub type LabelChanges = NewTag;

impl Store {
    /// The labels by name. Tags are those that somebody made on purpose, or that stand on
    /// an item within `scope`: those of items that are hidden are hidden too. On request
    /// with the number of items within `scope` that have each.
    pub async fn labels(
        &self,
        kind: LabelKind,
        scope: ReadScope<'_>,
        counted: bool,
    ) -> Result<Vec<Label>, StoreError> {
        let count = counted.then(|| count(kind, scope));
        let query = select(kind, count)
            .cond_where(shown(kind, scope))
            .order_by((kind.table(), "name"), Order::Asc)
            .to_owned();
        let _turn = if counted {
            self.long_reads.acquire().await.ok()
        } else {
            None
        };
        let rows = self.db.query_all(&query).await?;
        let labels = rows.iter().map(|row| Label::from_query_result(row, ""));
        Ok(labels.collect::<Result<_, _>>()?)
    }

    /// One of these labels.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none with this id.
    pub async fn label(
        &self,
        kind: LabelKind,
        scope: ReadScope<'_>,
        id: &str,
    ) -> Result<Label, StoreError> {
        let mut query = of_id(kind, id);
        query.cond_where(shown(kind, scope));
        let found = first(&self.db, &query).await?;
        found.ok_or_else(|| StoreError::not_found(kind.audit(), id))
    }

    /// Makes a label on behalf of `user` and answers its id. A tag that only items outside
    /// `scope` have is taken over as it is: nothing tells that it was there.
    ///
    /// # Errors
    /// [`StoreError::TagExists`] or [`StoreError::CategoryExists`].
    pub async fn create_label(
        &self,
        kind: LabelKind,
        user: &str,
        scope: ReadScope<'_>,
        name: &str,
        new: LabelChanges,
    ) -> Result<String, StoreError> {
        let tx = self.begin().await?;
        let there = match kind {
            LabelKind::Tag => by_name::alike(&tx, name).await?,
            LabelKind::Category => None,
        };
        let Some(there) = there else {
            let time = tx.now();
            let label = made(tx.new_id(), name, time).changed(new, time);
            let insert = match kind {
                LabelKind::Tag => {
                    let row = tags::Model {
                        is_explicit: true,
                        ..by_name::tag_row(&label)
                    };
                    tags::Entity::insert(row.into_active_model()).into_query()
                }
                LabelKind::Category => {
                    categories::Entity::insert(category_row(&label).into_active_model())
                        .into_query()
                }
            };
            let inserted = tx.execute(&insert).await;
            inserted.map_err(|error| taken(kind, error))?;
            let target = label.target(kind);
            audit::record(&tx, user, AuditAction::Create, target, &audit::NOTHING).await?;
            tx.commit().await?;
            return Ok(label.id);
        };
        let mut query = of_id(kind, &there.id);
        query.cond_where(shown(kind, scope));
        if first(&tx, &query).await?.is_some() {
            return Err(exists(kind));
        }
        tx.rollback().await?;
        let new = LabelChanges { name: None, ..new };
        self.change_label(kind, user, &there.id, new, AuditAction::Create)
            .await?;
        Ok(there.id)
    }

    /// Changes what is mentioned, on behalf of `user`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and [`StoreError::TagExists`] or
    /// [`StoreError::CategoryExists`] when another one has the name.
    pub async fn update_label(
        &self,
        kind: LabelKind,
        user: &str,
        id: &str,
        changes: LabelChanges,
    ) -> Result<(), StoreError> {
        self.change_label(kind, user, id, changes, AuditAction::Update)
            .await
    }

    async fn change_label(
        &self,
        kind: LabelKind,
        user: &str,
        id: &str,
        changes: LabelChanges,
        action: AuditAction,
    ) -> Result<(), StoreError> {
        let (tx, old, items) = self.lock_label(kind, id).await?;
        let new = old.clone().changed(changes, tx.now());
        let mut update = Query::update();
        update
            .table(kind.table())
            .value("name", &*new.name)
            .value("description", new.description.clone())
            .value("extras", new.extras.clone())
            .value("updated_at", new.updated_at)
            .and_where(Expr::col("id").eq(id));
        if kind == LabelKind::Tag {
            update
                .value("color", new.color.clone())
                .value("is_explicit", true);
            if old.name != new.name {
                let other = by_name::alike(&tx, &new.name).await?;
                if other.is_some_and(|other| other.id != id) {
                    return Err(exists(kind));
                }
                update.value("search_name", search::fold(&new.name));
            }
        }
        let updated = tx.execute(&update).await;
        updated.map_err(|error| taken(kind, error))?;
        // What the items keep a copy of.
        if (&old.name, &old.color) != (&new.name, &new.color) {
            search::refresh(&tx, &items).await?;
        }
        let fields = match action {
            AuditAction::Create => Vec::new(),
            _ => old.differing_fields(&new),
        };
        audit::record(&tx, user, action, new.target(kind), &fields).await?;
        tx.commit().await?;
        self.sweeper.wake();
        Ok(())
    }

    /// Deletes a label on behalf of `user` and takes it from all items.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none with this id.
    pub async fn delete_label(
        &self,
        kind: LabelKind,
        user: &str,
        id: &str,
    ) -> Result<(), StoreError> {
        let (tx, label, items) = self.lock_label(kind, id).await?;
        delete(&tx, kind, id).await?;
        search::refresh(&tx, &items).await?;
        let target = label.target(kind);
        audit::record(&tx, user, AuditAction::Delete, target, &audit::NOTHING).await?;
        tx.commit().await?;
        self.sweeper.wake();
        Ok(())
    }

    /// Begins a transaction with a label that is about to change locked, and the items
    /// that keep a copy of it, whose ids it answers.
    async fn lock_label(
        &self,
        kind: LabelKind,
        id: &str,
    ) -> Result<(Transaction, Label, Vec<String>), StoreError> {
        loop {
            let tx = self.begin().await?;
            // Items are locked first, as everywhere.
            let mut items = lock::items_with(&tx, kind, id).await?;
            let label = locked(&tx, kind, id, LockType::Update).await?;
            let label = label.ok_or_else(|| StoreError::not_found(kind.audit(), id))?;
            if lock::more_items_with(&tx, &mut items, kind, id).await? {
                return Ok((tx, label, items));
            }
            tx.rollback().await?;
        }
    }
}

impl Label {
    /// What it becomes.
    fn changed(self, changes: LabelChanges, time: DateTime<Utc>) -> Self {
        Self {
            name: changes.name.unwrap_or(self.name),
            color: changes.color.unwrap_or(self.color),
            description: changes.description.unwrap_or(self.description),
            extras: changes.extras.unwrap_or(self.extras),
            updated_at: time,
            ..self
        }
    }

    fn differing_fields(&self, new: &Self) -> Vec<&'static str> {
        audit::fields([
            (self.name != new.name, "name"),
            (self.color != new.color, "color"),
            (self.description != new.description, "description"),
            (self.extras != new.extras, "extras"),
        ])
    }

    fn target(&self, kind: LabelKind) -> Target<'_> {
        Target::of(kind.audit(), &self.id, &self.name)
    }

    fn item_count(&self) -> Option<u64> {
        self.item_count
            .map(|count| u64::try_from(count).unwrap_or(0))
    }
}

impl From<Label> for Tag {
    fn from(label: Label) -> Self {
        Self {
            item_count: label.item_count(),
            id: label.id,
            name: label.name,
            color: label.color,
            description: label.description,
            extras: label.extras,
            created_at: iso(label.created_at),
            updated_at: iso(label.updated_at),
        }
    }
}

impl From<Label> for Category {
    fn from(label: Label) -> Self {
        Self {
            item_count: label.item_count(),
            id: label.id,
            name: label.name,
            description: label.description,
            extras: label.extras,
            created_at: iso(label.created_at),
            updated_at: iso(label.updated_at),
        }
    }
}

/// A new one.
fn made(id: String, name: &str, time: DateTime<Utc>) -> Label {
    Label {
        id,
        name: name.to_owned(),
        color: None,
        description: None,
        extras: None,
        created_at: time,
        updated_at: time,
        item_count: None,
    }
}

fn category_row(label: &Label) -> categories::Model {
    categories::Model {
        id: label.id.clone(),
        name: label.name.clone(),
        description: label.description.clone(),
        extras: label.extras.clone(),
        created_at: label.created_at,
        updated_at: label.updated_at,
    }
}

/// Selects what a [`Label`] holds.
pub(super) fn select(kind: LabelKind, count: Option<Expr>) -> SelectStatement {
    let columns = [
        "id",
        "name",
        "description",
        "extras",
        "created_at",
        "updated_at",
    ];
    let mut query = Query::select();
    query
        .columns(columns.map(|column| (kind.table(), column)))
        .expr_as(kind.color(), "color")
        .expr_as(
            count.unwrap_or_else(|| Expr::value(Option::<i64>::None)),
            "item_count",
        )
        .from(kind.table());
    query
}

fn of_id(kind: LabelKind, id: &str) -> SelectStatement {
    select(kind, None)
        .and_where(Expr::col((kind.table(), "id")).eq(id))
        .to_owned()
}

async fn first<C: ConnectionTrait>(
    db: &C,
    query: &SelectStatement,
) -> Result<Option<Label>, DbErr> {
    let row = db.query_one(query).await?;
    row.map(|row| Label::from_query_result(&row, ""))
        .transpose()
}

/// Reads a label that others do not change or delete until the transaction ends.
pub(super) async fn locked<C: ConnectionTrait>(
    tx: &C,
    kind: LabelKind,
    id: &str,
    how: LockType,
) -> Result<Option<Label>, DbErr> {
    first(tx, &of_id(kind, id).lock(how).to_owned()).await
}

async fn delete<C: ConnectionTrait>(tx: &C, kind: LabelKind, id: &str) -> Result<(), DbErr> {
    let delete = Query::delete()
        .from_table(kind.table())
        .and_where(Expr::col("id").eq(id))
        .to_owned();
    tx.execute(&delete).await.map(drop)
}

/// Whether the row of the labels' table stands on an item.
fn is_linked(kind: LabelKind) -> SelectStatement {
    let (links, column) = kind.links();
    Query::select()
        .expr(Expr::val(1))
        .from(links)
        .and_where(Expr::col((links, column)).equals((kind.table(), "id")))
        .to_owned()
}

/// The same for items within `scope`. A join ends at the first item that is visible.
fn is_linked_within(kind: LabelKind, scope: ReadScope<'_>) -> SelectStatement {
    let (links, _) = kind.links();
    is_linked(kind)
        .inner_join(
            items::Entity,
            Expr::col((items::Entity, items::Column::Id)).equals((links, "item_id")),
        )
        .cond_where(visible(scope))
        .to_owned()
}

/// How many items within `scope` have the label of a row.
fn count(kind: LabelKind, scope: ReadScope<'_>) -> Expr {
    is_linked_within(kind, scope)
        .clear_selects()
        .expr(Expr::cust("COUNT(*)"))
        .to_owned()
        .into()
}

/// What holds for labels that whoever sees what is within `scope` sees: categories, and
/// tags that were made on purpose, or stand on no item at all, or on one within it.
fn shown(kind: LabelKind, scope: ReadScope<'_>) -> Condition {
    match kind {
        LabelKind::Category => Condition::all(),
        LabelKind::Tag => Condition::any()
            .add(Expr::col((kind.table(), "is_explicit")).eq(true))
            .add(Expr::exists(is_linked(kind)).not())
            .add(Expr::exists(is_linked_within(kind, scope))),
    }
}

fn taken(kind: LabelKind, error: DbErr) -> StoreError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => exists(kind),
        _ => error.into(),
    }
}

fn exists(kind: LabelKind) -> StoreError {
    match kind {
        LabelKind::Tag => StoreError::TagExists,
        LabelKind::Category => StoreError::CategoryExists,
    }
}
