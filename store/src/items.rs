//! Items: single ones, and changes to them.

mod labels;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult,
    IntoActiveModel, Iterable, QueryFilter, QuerySelect,
};
use shared::wire::{
    AuditAction, AuditKind, Deprecation, EvidenceSummary, Item, ItemSource, Origin, Sharing,
};

use super::entity::{items, items::Column};
use super::labels::by_name;
use super::links::{self, LabelKind};
use super::relations::{self, Relations};
use super::versions::{self, Reason};
use super::viewer::{followed_by, starred_by};
use super::{CallbackError, Store, StoreError, Transaction, audit, demands, search};
use crate::clock::iso;

/// How much of each item a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Whole items.
    #[default]
    Full,
    /// No protocol and no description, the two that make items large.
    Summary,
}

/// What an item has of its own; what it has in common with others comes from
/// [`Relations`].
#[derive(FromQueryResult)]
pub(super) struct Row {
    id: String,
    name: Option<String>,
    author: Option<String>,
    #[sea_orm(from_alias = "type")]
    kind: Option<String>,
    source: String,
    is_public: bool,
    is_private: bool,
    data_type: Option<String>,
    data_url: Option<String>,
    license: Option<String>,
    use_blob: bool,
    summary: Option<String>,
    description: Option<String>,
    protocol: Option<String>,
    use_number: i32,
    star_number: i32,
    status: Option<String>,
    review_note: Option<String>,
    protocol_valid: bool,
    copied_from: Option<String>,
    copied_version: Option<i32>,
    version: i32,
    deprecated: Option<String>,
    successor: Option<String>,
    deprecated_at: Option<DateTime<Utc>>,
    withdrawn: Option<String>,
    counted_runs: i32,
    success_at_least: i32,
    canary_passed_at: Option<DateTime<Utc>>,
    relations: Option<String>,
    starred: bool,
    followed: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Store {
    /// One item, as `viewer` sees it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none with this id.
    pub async fn item(&self, id: &str, viewer: &str) -> Result<Item, StoreError> {
        find(&self.db, id, viewer).await
    }

    /// Whether the catalogue holds no items at all.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(items::Entity::find().one(&self.db).await?.is_none())
    }

    /// Changes an item to what `decide` makes of it on behalf of `user`, and
    /// answers what it has become; nobody else changes it in between. Id,
    /// author's counters and creation time stay as they are, and so does all of
    /// it when nothing is different. Another protocol makes a version, for `reason`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], what `decide` fails with, and
    /// [`StoreError::NoSuchCategory`].
    pub async fn update_item<E>(
        &self,
        id: &str,
        user: &str,
        reason: Reason,
        decide: impl FnOnce(Item) -> Result<Item, E> + Send,
    ) -> Result<Item, CallbackError<E>> {
        let tx = self.begin().await?;
        let old = lock(&tx, id, user).await?;
        let new = decide(old.clone()).map_err(CallbackError::Callback)?;
        if !change(&tx, &old, new, user, reason).await? {
            return Ok(old);
        }
        let new = find(&tx, id, user).await?;
        tx.commit().await?;
        self.sweeper.wake();
        Ok(new)
    }

    /// Deletes an item on behalf of `user` if `decide` agrees.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and what `decide` fails with.
    pub async fn delete_item<E>(
        &self,
        id: &str,
        user: &str,
        decide: impl FnOnce(&Item) -> Result<(), E> + Send,
    ) -> Result<(), CallbackError<E>> {
        let tx = self.begin().await?;
        let item = lock(&tx, id, user).await?;
        decide(&item).map_err(CallbackError::Callback)?;
        items::Entity::delete_by_id(id).exec(&tx).await?;
        let tags: Vec<String> = item.item_tags.iter().map(|tag| tag.id.clone()).collect();
        by_name::remove_unused_tags(&tx, Some(&tags)).await?;
        let target = (&item).into();
        audit::record(&tx, user, AuditAction::Delete, target, &audit::NOTHING).await?;
        tx.commit().await?;
        self.sweeper.wake();
        Ok(())
    }
}

/// Selects what a [`Row`] holds, whether `viewer` has starred it included.
pub(super) fn columns(query: &mut SelectStatement, detail: Detail, viewer: &str) {
    for column in Column::iter() {
        match column {
            Column::SearchName
            | Column::SearchText
            | Column::Demand
            | Column::DemandCode
            | Column::CanaryStartedAt => {}
            Column::Description | Column::Protocol if detail == Detail::Summary => {
                query.expr_as(Expr::value(Option::<String>::None), column);
            }
            column => {
                query.column((items::Entity, column));
            }
        }
    }
    let id = Expr::col((items::Entity, Column::Id));
    query.expr_as(id.clone().in_subquery(starred_by(viewer)), "starred");
    let followed = match detail {
        Detail::Full => id.in_subquery(followed_by(viewer)),
        Detail::Summary => Expr::value(false),
    };
    query.expr_as(followed, "followed");
}

fn select(detail: Detail, viewer: &str) -> sea_orm::Select<items::Entity> {
    let mut query = items::Entity::find().select_only();
    columns(QuerySelect::query(&mut query), detail, viewer);
    query
}

async fn find<C: ConnectionTrait>(db: &C, id: &str, viewer: &str) -> Result<Item, StoreError> {
    let row = select(Detail::Full, viewer)
        .filter(Column::Id.eq(id))
        .into_model::<Row>()
        .one(db)
        .await?
        .ok_or_else(|| StoreError::not_found(AuditKind::Item, id))?;
    Ok(row.into_item()?)
}

/// Reads an item that is about to change, and keeps others from changing it
/// until the transaction ends.
pub(super) async fn lock<C: ConnectionTrait>(
    tx: &C,
    id: &str,
    viewer: &str,
) -> Result<Item, StoreError> {
    lock_row(tx, id).await?;
    find(tx, id, viewer).await
}

/// Keeps others from changing an item until the transaction ends.
pub(super) async fn lock_row<C: ConnectionTrait>(tx: &C, id: &str) -> Result<(), DbErr> {
    items::Entity::find_by_id(id)
        .select_only()
        .column(Column::Id)
        .lock_exclusive()
        .into_tuple::<String>()
        .one(tx)
        .await?;
    Ok(())
}

/// Makes an item that is locked `new` on behalf of `user`; answers whether that is
/// anything else than it was.
pub(super) async fn change(
    tx: &Transaction,
    old: &Item,
    mut new: Item,
    user: &str,
    reason: Reason,
) -> Result<bool, StoreError> {
    preserve_case(&mut new.tags, &old.tags);
    for names in [&mut new.tags, &mut new.categories] {
        names.sort_unstable();
        names.dedup();
    }
    let fields = audit::changed_fields(old, &new);
    if fields.is_empty() {
        return Ok(false);
    }
    if let Some(deprecation) = &mut new.deprecation {
        let before = old.deprecation.as_ref().map(|before| &before.reason);
        if before != Some(&deprecation.reason) {
            deprecation.since = Some(iso(tx.now()));
        }
    }
    if old.protocol != new.protocol {
        new.version = versions::record(tx, old, &new, user, reason).await?;
        new.withdrawn = None;
    } else if versions::is_shared(&new) && !versions::is_shared(old) {
        versions::share_newest(tx, old).await?;
    }
    let (before, sharing) = (Sharing::from(old), Sharing::from(&new));
    let is_of_groups = before.leaves_author() && !old.is_public;
    if is_of_groups && (sharing.is_wider_than(&before) || !sharing.leaves_author()) {
        versions::keep_older_back(tx, &new, sharing.leaves_author()).await?;
    }
    update(tx, &new, old).await?;
    let action = audit::action(&new, &fields);
    audit::record(tx, user, action, (&new).into(), &fields).await?;
    Ok(true)
}

/// Writes an item that is locked, with all that belongs to it but its counters and the
/// time when it was made.
pub(super) async fn update(tx: &Transaction, item: &Item, old: &Item) -> Result<(), StoreError> {
    let mut row = model(item, tx.now()).into_active_model().reset_all();
    row.created_at = sea_orm::ActiveValue::NotSet;
    row.use_number = sea_orm::ActiveValue::NotSet;
    row.star_number = sea_orm::ActiveValue::NotSet;
    row.counted_runs = sea_orm::ActiveValue::NotSet;
    row.success_at_least = sea_orm::ActiveValue::NotSet;
    row.canary_started_at = sea_orm::ActiveValue::NotSet;
    row.canary_passed_at = sea_orm::ActiveValue::NotSet;
    // What is kept beside it is brought up to date at the end.
    row.relations = sea_orm::ActiveValue::NotSet;
    row.search_name = sea_orm::ActiveValue::NotSet;
    row.search_text = sea_orm::ActiveValue::NotSet;
    items::Entity::update(row).exec(tx).await?;
    if old.group_list != item.group_list {
        relations::set_groups(tx, &item.id, &item.group_list).await?;
    }
    if old.tags != item.tags {
        let tags = by_name::ensure_tags(tx, &item.tags).await?;
        let ids: BTreeSet<String> = tags.into_values().map(|tag| tag.id).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        links::set(tx, LabelKind::Tag, &item.id, &ids).await?;
        let lost = old.item_tags.iter().map(|tag| tag.id.clone());
        let lost: Vec<String> = lost.filter(|id| !ids.contains(id)).collect();
        by_name::remove_unused_tags(tx, Some(&lost)).await?;
    }
    if old.categories != item.categories {
        let categories = by_name::find_categories(tx, &item.categories).await?;
        let ids: Vec<String> = categories.into_iter().map(|c| c.id).collect();
        links::set(tx, LabelKind::Category, &item.id, &ids).await?;
    }
    search::refresh(tx, std::slice::from_ref(&item.id)).await?;
    Ok(())
}

/// Names of tags that the item has already in another case are the names that it has.
fn preserve_case(names: &mut [String], old: &[String]) {
    for name in names.iter_mut().filter(|name| !old.contains(name)) {
        let folded = search::fold(name);
        if let Some(known) = old.iter().find(|old| search::fold(old) == folded) {
            name.clone_from(known);
        }
    }
}

pub(super) fn model(item: &Item, time: DateTime<Utc>) -> items::Model {
    let deprecation = item.deprecation.as_ref();
    let protocol = item.protocol.as_deref().unwrap_or_default();
    let (demand, demand_code) = demands::of(item.kind, item.protocol_valid, protocol);
    items::Model {
        id: item.id.clone(),
        name: item.name.clone(),
        author: item.author.clone(),
        kind: item.kind.map(|kind| kind.as_str().to_owned()),
        source: item.source.as_str().to_owned(),
        is_public: item.is_public,
        is_private: item.is_private,
        data_type: item.data_type.map(|kind| kind.as_str().to_owned()),
        data_url: item.data_url.clone(),
        license: item.license.clone(),
        use_blob: item.use_blob,
        summary: item.summary.clone(),
        description: item.description.clone(),
        protocol: protocol.to_owned(),
        use_number: item.use_number,
        star_number: item.star_number,
        status: item.status.map(|status| status.as_str().to_owned()),
        review_note: item.review_note.clone(),
        protocol_valid: item.protocol_valid,
        copied_from: item.copied_from.as_ref().map(|origin| origin.id.clone()),
        copied_version: item.copied_from.as_ref().and_then(|origin| origin.version),
        version: item.version,
        deprecated: deprecation.map(|it| it.reason.clone()),
        successor: deprecation.and_then(|it| Some(it.successor.as_ref()?.id.clone())),
        deprecated_at: deprecation.and_then(|it| it.since.as_deref()?.parse().ok()),
        withdrawn: item.withdrawn.clone(),
        relations: None,
        search_name: None,
        search_text: None,
        demand,
        demand_code,
        counted_runs: 0,
        success_at_least: -1,
        canary_started_at: None,
        canary_passed_at: None,
        created_at: time,
        updated_at: time,
    }
}

impl Row {
    /// When it was made, and when it was last changed.
    pub(super) fn times(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.created_at, self.updated_at)
    }

    pub(super) fn into_item(self) -> Result<Item, DbErr> {
        let row = self;
        let relations = match &row.relations {
            Some(json) => Relations::from_json(json)?,
            None => Relations::default(),
        };
        Ok(Item {
            id: row.id,
            name: row.name,
            author: row.author,
            kind: word(row.kind),
            source: row.source.parse().unwrap_or(ItemSource::Marketplace),
            is_public: row.is_public,
            is_private: row.is_private,
            group_list: relations.groups,
            data_type: word(row.data_type),
            data_url: row.data_url,
            license: row.license,
            use_blob: row.use_blob,
            categories: relations
                .categories
                .iter()
                .map(|c| c.name.clone())
                .collect(),
            tags: relations.tags.iter().map(|tag| tag.name.clone()).collect(),
            summary: row.summary,
            description: row.description,
            protocol: row.protocol,
            use_number: row.use_number,
            star_number: row.star_number,
            status: word(row.status),
            review_note: row.review_note,
            protocol_valid: row.protocol_valid,
            copied_from: row.copied_from.map(|id| Origin {
                version: row.copied_version,
                ..Origin::of(id)
            }),
            version: row.version,
            deprecation: row.deprecated.map(|reason| Deprecation {
                reason,
                successor: row.successor.map(Origin::of),
                since: row.deprecated_at.map(iso),
            }),
            withdrawn: row.withdrawn,
            evidence: (row.success_at_least >= 0).then_some(EvidenceSummary {
                runs: row.counted_runs,
                success_at_least: row.success_at_least,
            }),
            canary_passed_at: row.canary_passed_at.map(iso),
            starred: row.starred,
            followed: row.followed,
            resembles_official: false,
            created_at: iso(row.created_at),
            updated_at: iso(row.updated_at),
            item_tags: relations.tags,
            item_categories: relations.categories,
        })
    }
}

/// Reads a word of an enum; one that is not known counts as absent, as in the
/// rows of old databases that have none.
fn word<T: std::str::FromStr>(text: Option<String>) -> Option<T> {
    text?.parse().ok()
}
