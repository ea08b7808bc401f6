//! Locks on the items that keep a copy of a tag or category which is about to change.

use std::collections::HashSet;

use sea_orm::sea_query::{LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryResult};

use crate::entity::{item_categories, item_tags, items};

/// The ids of the items with a tag that is about to change, none of which
/// changes until the transaction ends. Items are locked before tags and
/// categories, as everywhere.
pub(crate) async fn items_with_tag<C: ConnectionTrait>(
    tx: &C,
    tag_id: &str,
) -> Result<Vec<String>, DbErr> {
    lock(tx, with_tag(tag_id), None).await
}

/// The same for the items in a category.
pub(crate) async fn items_in_category<C: ConnectionTrait>(
    tx: &C,
    category_id: &str,
) -> Result<Vec<String>, DbErr> {
    lock(tx, in_category(category_id), None).await
}

/// Locks those items too that came to have the tag since `items` were locked, and
/// adds them; the tag itself is locked by now. Answers no if somebody else has
/// locked one of them: who has it may be waiting for the tag, so it is not waited
/// for.
pub(crate) async fn more_with_tag<C: ConnectionTrait>(
    tx: &C,
    items: &mut Vec<String>,
    tag_id: &str,
) -> Result<bool, DbErr> {
    lock_more(tx, items, with_tag(tag_id)).await
}

/// The same for the items in a category.
pub(crate) async fn more_in_category<C: ConnectionTrait>(
    tx: &C,
    items: &mut Vec<String>,
    category_id: &str,
) -> Result<bool, DbErr> {
    lock_more(tx, items, in_category(category_id)).await
}

fn with_tag(tag_id: &str) -> SelectStatement {
    Query::select()
        .column("item_id")
        .from(item_tags::Entity)
        .and_where(item_tags::Column::TagId.eq(tag_id))
        .to_owned()
}

fn in_category(category_id: &str) -> SelectStatement {
    Query::select()
        .column("item_id")
        .from(item_categories::Entity)
        .and_where(item_categories::Column::CategoryId.eq(category_id))
        .to_owned()
}

async fn lock_more<C: ConnectionTrait>(
    tx: &C,
    items: &mut Vec<String>,
    ids: SelectStatement,
) -> Result<bool, DbErr> {
    let tied: Vec<String> = first_column(&tx.query_all(&ids).await?)?;
    // Not by their number: while an item was waited for, another one may have
    // lost what this one has got.
    let all_among = |items: &[String]| {
        let items: HashSet<&String> = items.iter().collect();
        tied.iter().all(|item| items.contains(item))
    };
    if all_among(items) {
        return Ok(true);
    }
    *items = lock(tx, ids, Some(LockBehavior::SkipLocked)).await?;
    Ok(all_among(items))
}

async fn lock<C: ConnectionTrait>(
    tx: &C,
    ids: SelectStatement,
    behavior: Option<LockBehavior>,
) -> Result<Vec<String>, DbErr> {
    let mut query = Query::select()
        .column("id")
        .from(items::Entity)
        .and_where(items::Column::Id.in_subquery(ids))
        .order_by("id", sea_orm::Order::Asc)
        .to_owned();
    match behavior {
        Some(behavior) => query.lock_with_behavior(LockType::Update, behavior),
        None => query.lock(LockType::Update),
    };
    first_column(&tx.query_all(&query).await?)
}

fn first_column(rows: &[QueryResult]) -> Result<Vec<String>, DbErr> {
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
