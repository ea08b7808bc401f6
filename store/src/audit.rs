//! Who did what to which thing when. A line is written in the transaction of
//! the change it is about, so there is never one without the other; it names
//! things and fields, never what was written into them.

mod retention;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Serialize;
use serde_json::Value;
use shared::wire::{AuditAction, AuditEntry, AuditKind, Item, ItemStatus};

use super::entity::audit::{self, Column};
use super::{Store, StoreError, Transaction};
use crate::clock::iso;

pub use retention::Retention;

/// What something was done to.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// What kind of thing it is.
    pub kind: AuditKind,
    /// Its id.
    pub id: &'a str,
    /// What it is called, so that the line still says something when the thing
    /// is gone.
    pub name: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Something that has a name.
    pub(crate) fn of(kind: AuditKind, id: &'a str, name: &'a str) -> Self {
        let name = Some(name);
        Self { kind, id, name }
    }
}

impl<'a> From<&'a Item> for Target<'a> {
    fn from(item: &'a Item) -> Self {
        Self {
            kind: AuditKind::Item,
            id: &item.id,
            name: item.name.as_deref(),
        }
    }
}

/// The details of a line that needs none.
pub(super) const NOTHING: [&str; 0] = [];

/// Which lines to read; everything that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Who.
    pub user: Option<String>,
    /// The id of an item.
    pub item: Option<String>,
    /// Did what.
    pub action: Option<AuditAction>,
    /// At this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Before this time.
    pub until: Option<DateTime<Utc>>,
}

/// Writes a line into the change's own transaction: `details` are names of
/// fields, or of a tag or category, never contents.
pub async fn record<D: AsRef<str>>(
    tx: &Transaction,
    user: &str,
    action: AuditAction,
    target: Target<'_>,
    details: &[D],
) -> Result<(), DbErr> {
    insert(tx, [line(tx.now(), user, action, target, details)]).await
}

/// A line that is still to be written.
pub(super) type Line = audit::ActiveModel;

/// The line about what happens `at` this time.
pub(super) fn line<D: AsRef<str>>(
    at: DateTime<Utc>,
    user: &str,
    action: AuditAction,
    target: Target<'_>,
    details: &[D],
) -> Line {
    let details: Vec<&str> = details.iter().map(AsRef::as_ref).collect();
    Line {
        id: NotSet,
        at: Set(at),
        user_name: Set(user.to_owned()),
        action: Set(action.as_str().to_owned()),
        kind: Set(target.kind.as_str().to_owned()),
        target_id: Set(target.id.to_owned()),
        target_name: Set(target.name.map(str::to_owned)),
        details: Set(Value::from(details).to_string()),
    }
}

/// The line about an item that `user` makes.
pub(super) fn created(at: DateTime<Utc>, user: &str, item: &Item) -> Line {
    line(at, user, AuditAction::Create, item.into(), &NOTHING)
}

/// Writes lines, if there are any.
pub(super) async fn insert(
    tx: &Transaction,
    lines: impl IntoIterator<Item = Line>,
) -> Result<(), DbErr> {
    let insert = audit::Entity::insert_many(lines);
    insert.exec_without_returning(tx).await.map(drop)
}

/// The names of the fields of which it is true.
pub(super) fn fields<const N: usize>(all: [(bool, &'static str); N]) -> Vec<&'static str> {
    let these = all.into_iter().filter(|(is_one, _)| *is_one);
    these.map(|(_, name)| name).collect()
}

/// The fields, by their names in JSON, in which two states of something differ.
pub(super) fn changed_fields<T: Serialize>(old: &T, new: &T) -> Vec<String> {
    let fields = |item| match serde_json::to_value(item) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (old, new) = (fields(old), fields(new));
    // A field may be left out where it is empty, so each has some that the other lacks.
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differing = names
        .into_iter()
        .filter(|&name| old.get(name) != new.get(name));
    differing.cloned().collect()
}

/// What a change of these fields is: a verdict of the review if it is nothing
/// else.
pub(super) fn action(new: &Item, fields: &[String]) -> AuditAction {
    let only_review = fields
        .iter()
        .all(|field| field == "status" || field == "reviewNote");
    match new.status {
        Some(ItemStatus::Approved) if only_review => AuditAction::Approve,
        Some(ItemStatus::Rejected) if only_review => AuditAction::Reject,
        Some(ItemStatus::Quarantined) if only_review => AuditAction::Quarantine,
        _ => AuditAction::Update,
    }
}

impl Store {
    /// A page of lines, the newest first, and how many there are on all pages.
    pub async fn audit(
        &self,
        filter: &Filter,
        limit: u64,
        offset: u64,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        let query = audit::Entity::find().filter(chosen(filter));
        let total = query.clone().count(&self.db).await?;
        let rows = query
            .order_by_desc(Column::Id)
            .limit(limit)
            .offset(offset)
            .all(&self.db)
            .await?;
        Ok((rows.into_iter().filter_map(wire).collect(), total))
    }
}

fn chosen(filter: &Filter) -> Condition {
    let item = filter.item.as_ref().map(|id| {
        Condition::all()
            .add(Column::Kind.eq(AuditKind::Item.as_str()))
            .add(Column::TargetId.eq(id))
    });
    let action = filter.action.map(AuditAction::as_str);
    Condition::all()
        .add_option(filter.user.as_ref().map(|name| Column::UserName.eq(name)))
        .add_option(item)
        .add_option(action.map(|word| Column::Action.eq(word)))
        .add_option(filter.since.map(|time| Column::At.gte(time)))
        .add_option(filter.until.map(|time| Column::At.lt(time)))
}

/// Lines of a later version, with words that are not known yet, are left out.
fn wire(row: audit::Model) -> Option<AuditEntry> {
    Some(AuditEntry {
        id: row.id,
        at: iso(row.at),
        user: row.user_name,
        action: row.action.parse().ok()?,
        kind: row.kind.parse().ok()?,
        target_id: row.target_id,
        target_name: row.target_name,
        details: serde_json::from_str(&row.details).unwrap_or_default(),
    })
}
