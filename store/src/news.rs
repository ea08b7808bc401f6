//! What a user is told: what has become of items that they follow or have used. Nothing is
//! written for each reader when something happens: it is read from the rows of what has
//! happened, so an item that thousands follow costs no more to change, and whoever may not see
//! an item any more is told nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, OnConflict, Order, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QuerySelect,
};
use shared::access::ReadScope;
use shared::wire::{AuditAction, ItemStatus, News, NewsEntry, NewsKind};

use super::entity::{audit, follows, items, used_versions, users, versions};
use super::listing::Viewer;
use super::viewer::{visible, visible_before_quarantine};
use super::{Store, StoreError};
use crate::clock::iso;

/// The most entries: more than anybody reads.
pub const MOST: usize = 50;

/// For how long somebody who has used a version is told that it was withdrawn.
pub const TOLD_FOR: TimeDelta = TimeDelta::days(90);

/// Why something is news for a user.
#[derive(Clone, Copy)]
enum Source {
    /// They follow the item.
    Follows,
    /// They have used it, or just that version of it.
    Uses,
}

/// What has happened, with whether it was used.
#[derive(FromQueryResult)]
struct Row {
    item_id: String,
    item_name: Option<String>,
    number: Option<i32>,
    /// The note of a version, or the reason of an item that is deprecated.
    note: Option<String>,
    made_at: DateTime<Utc>,
    /// Why it is withdrawn, or in quarantine.
    reason: Option<String>,
    ended_at: Option<DateTime<Utc>>,
}

impl Store {
    /// What is new for a user.
    pub async fn news(&self, viewer: Viewer<'_>) -> Result<News, StoreError> {
        let read_at = users::Entity::find_by_id(viewer.name)
            .select_only()
            .column(users::Column::NewsReadAt)
            .into_tuple::<Option<DateTime<Utc>>>()
            .one(&self.db)
            .await?
            .flatten();
        let used_since = self.clock.now() - TOLD_FOR;
        let mut news = BTreeMap::new();
        for source in [Source::Uses, Source::Follows] {
            for (query, of_row) in [
                (
                    of_versions(source, viewer, used_since),
                    version as fn(Row) -> _,
                ),
                (deprecated(source, viewer, used_since), deprecation),
                (quarantined(source, viewer, used_since), quarantine),
            ] {
                let rows = Row::find_by_statement(self.backend().build(&query));
                for (kind, at, row) in rows.all(&self.db).await?.into_iter().map(of_row) {
                    let entry = NewsEntry {
                        kind,
                        at: iso(at),
                        item_id: row.item_id,
                        item_name: row.item_name,
                        version: row.number,
                        note: row.reason.or(row.note),
                        used: matches!(source, Source::Uses),
                        unread: read_at.is_none_or(|read_at| at > read_at),
                    };
                    // What was used and is followed too is told once.
                    news.entry((entry.item_id.clone(), entry.version, kind.as_str()))
                        .or_insert((at, entry));
                }
            }
        }
        let mut news: Vec<_> = news.into_values().collect();
        news.sort_by(|(first, _), (second, _)| second.cmp(first));
        let entries: Vec<_> = news
            .into_iter()
            .map(|(_, entry)| entry)
            .take(MOST)
            .collect();
        Ok(News {
            unread: entries.iter().filter(|entry| entry.unread).count(),
            entries,
        })
    }

    /// Notes that a user has read all news up to a time; never less than before.
    pub async fn set_news_read(&self, user: &str, until: DateTime<Utc>) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let now = tx.now();
        let until = Ord::min(until, now);
        let row = users::Model {
            name: user.to_owned(),
            created_at: now,
            updated_at: now,
            news_read_at: Some(until),
        };
        let already = OnConflict::column(users::Column::Name)
            .do_nothing()
            .to_owned();
        users::Entity::insert(row.into_active_model())
            .on_conflict(already)
            .exec_without_returning(&tx)
            .await?;
        let read_at = users::Column::NewsReadAt;
        users::Entity::update_many()
            .col_expr(read_at, Expr::value(until))
            .filter(users::Column::Name.eq(user))
            .filter(
                Condition::any()
                    .add(read_at.is_null())
                    .add(read_at.lt(until)),
            )
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

fn version(row: Row) -> (NewsKind, DateTime<Utc>, Row) {
    match row.ended_at {
        Some(at) => (NewsKind::Withdrawn, at, row),
        None => (NewsKind::Version, row.made_at, row),
    }
}

fn deprecation(row: Row) -> (NewsKind, DateTime<Utc>, Row) {
    (NewsKind::Deprecated, row.made_at, row)
}

fn quarantine(row: Row) -> (NewsKind, DateTime<Utc>, Row) {
    (NewsKind::Quarantined, row.made_at, row)
}

/// The newest versions that are news, and those that were withdrawn.
fn of_versions(source: Source, viewer: Viewer<'_>, used_since: DateTime<Utc>) -> SelectStatement {
    let column = |column| Expr::col((versions::Entity, column));
    let withdrawn_at = || column(versions::Column::WithdrawnAt);
    let created_at = || column(versions::Column::CreatedAt);
    let mut query = of_items(source, viewer, used_since);
    query
        .inner_join(
            versions::Entity,
            column(versions::Column::ItemId).equals((items::Entity, items::Column::Id)),
        )
        .expr_as(column(versions::Column::Number), "number")
        .expr_as(column(versions::Column::Note), "note")
        .expr_as(created_at(), "made_at")
        .expr_as(column(versions::Column::Withdrawn), "reason")
        .expr_as(withdrawn_at(), "ended_at")
        .cond_where(visible(viewer.scope))
        .order_by_expr(
            Func::coalesce([withdrawn_at(), created_at()]).into(),
            Order::Desc,
        );
    let mut readable = Condition::any().add(column(versions::Column::IsShared).eq(true));
    match viewer.scope {
        ReadScope::Everything => readable = Condition::all(),
        ReadScope::Shared { author, .. } => {
            readable = readable.add(items::Column::Author.eq(author));
        }
    }
    query.cond_where(readable);
    match source {
        Source::Uses => {
            let number = Expr::col((versions::Entity, versions::Column::Number));
            query
                .and_where(number.equals((used_versions::Entity, used_versions::Column::Version)))
                .and_where(withdrawn_at().gt(source.time()));
        }
        Source::Follows => {
            let by_others = Condition::any()
                .add(column(versions::Column::Author).is_null())
                .add(column(versions::Column::Author).ne(viewer.name));
            let is_new = Condition::all()
                .add(withdrawn_at().is_null())
                .add(column(versions::Column::Number).gt(1))
                .add(created_at().gt(source.time()))
                .add(by_others);
            let news = Condition::any()
                .add(is_new)
                .add(withdrawn_at().gt(source.time()));
            query.cond_where(news);
        }
    }
    query
}

fn deprecated(source: Source, viewer: Viewer<'_>, used_since: DateTime<Utc>) -> SelectStatement {
    let since = || Expr::col((items::Entity, items::Column::DeprecatedAt));
    let mut query = of_items(source, viewer, used_since);
    query
        .expr_as(Expr::value(Option::<i32>::None), "number")
        .expr_as(
            Expr::col((items::Entity, items::Column::Deprecated)),
            "note",
        )
        .expr_as(since(), "made_at")
        .expr_as(Expr::value(Option::<String>::None), "reason")
        .expr_as(Expr::value(Option::<DateTime<Utc>>::None), "ended_at")
        .cond_where(visible(viewer.scope))
        .and_where(Expr::col((items::Entity, items::Column::Deprecated)).is_not_null())
        .and_where(since().gt(source.time()))
        .order_by_expr(since(), Order::Desc);
    query
}

/// Items in quarantine: who could see them may know why they see them no more. Where the audit
/// says no more since when, it is since they were last changed.
fn quarantined(source: Source, viewer: Viewer<'_>, used_since: DateTime<Utc>) -> SelectStatement {
    let put_there = Query::select()
        .expr(Expr::col(audit::Column::At).max())
        .from(audit::Entity)
        .and_where(Expr::col(audit::Column::TargetId).equals((items::Entity, items::Column::Id)))
        .and_where(audit::Column::Action.eq(AuditAction::Quarantine.as_str()))
        .to_owned();
    let changed = Expr::col((items::Entity, items::Column::UpdatedAt));
    let since = || Expr::from(Func::coalesce([put_there.clone().into(), changed.clone()]));
    let mut query = of_items(source, viewer, used_since);
    query
        .expr_as(Expr::value(Option::<i32>::None), "number")
        .expr_as(
            Expr::col((items::Entity, items::Column::ReviewNote)),
            "note",
        )
        .expr_as(since(), "made_at")
        .expr_as(Expr::value(Option::<String>::None), "reason")
        .expr_as(Expr::value(Option::<DateTime<Utc>>::None), "ended_at")
        .cond_where(visible_before_quarantine(viewer.scope))
        .and_where(items::Column::Status.eq(ItemStatus::Quarantined.as_str()))
        .and_where(since().gt(source.time()))
        .order_by_expr(since(), Order::Desc);
    query
}

/// The items that a user follows or has used of late, with their names.
fn of_items(source: Source, viewer: Viewer<'_>, used_since: DateTime<Utc>) -> SelectStatement {
    let id = (items::Entity, items::Column::Id);
    let mut query = Query::select();
    query
        .expr_as(Expr::col(id), "item_id")
        .expr_as(Expr::col((items::Entity, items::Column::Name)), "item_name")
        .limit(MOST as u64);
    match source {
        Source::Follows => query
            .from(follows::Entity)
            .inner_join(
                items::Entity,
                Expr::col((follows::Entity, follows::Column::ItemId)).equals(id),
            )
            .and_where(follows::Column::UserName.eq(viewer.name)),
        Source::Uses => query
            .from(used_versions::Entity)
            .inner_join(
                items::Entity,
                Expr::col((used_versions::Entity, used_versions::Column::ItemId)).equals(id),
            )
            .and_where(used_versions::Column::UserName.eq(viewer.name))
            .and_where(used_versions::Column::UsedAt.gt(used_since)),
    };
    query
}

impl Source {
    /// What happened before is no news.
    fn time(self) -> Expr {
        match self {
            Self::Follows => Expr::col((follows::Entity, follows::Column::Since)),
            Self::Uses => Expr::col((used_versions::Entity, used_versions::Column::UsedAt)),
        }
    }
}
