//! Locks on the items that keep a copy of a label which is about to change.

use std::collections::HashSet;

use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr};

use super::LabelKind;
use crate::dialect;
use crate::entity::items;

/// The ids of the items with a label that is about to change, none of which changes
/// until the transaction ends. Items are locked before labels, as everywhere.
pub(crate) async fn items_with<C: ConnectionTrait>(
    tx: &C,
    kind: LabelKind,
    label_id: &str,
) -> Result<Vec<String>, DbErr> {
    lock(tx, linked(kind, label_id), None).await
}

/// Locks those items too that came to have the label since `items` were locked, and adds
/// them; the label itself is locked by now. Answers no if somebody else has locked one of
/// them: who has it may be waiting for the label, so it is not waited for.
pub(crate) async fn more_items_with<C: ConnectionTrait>(
    tx: &C,
    items: &mut Vec<String>,
    kind: LabelKind,
    label_id: &str,
) -> Result<bool, DbErr> {
    let ids = linked(kind, label_id);
    let linked: Vec<String> = dialect::first_column(tx, &ids).await?;
    // Not by their number: while an item was waited for, another one may have
    // lost what this one has got.
    let all_among = |items: &[String]| {
        let items: HashSet<&String> = items.iter().collect();
        linked.iter().all(|item| items.contains(item))
    };
    if all_among(items) {
        return Ok(true);
    }
    *items = lock(tx, ids, Some(LockBehavior::SkipLocked)).await?;
    Ok(all_among(items))
}

/// The ids of the items with a label.
fn linked(kind: LabelKind, label_id: &str) -> SelectStatement {
    let (links, column) = kind.links();
    Query::select()
        .column("item_id")
        .from(links)
        .and_where(Expr::col(column).eq(label_id))
        .to_owned()
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
    dialect::first_column(tx, &query).await
}
