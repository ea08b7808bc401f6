//! Making private items public again, by an admin's explicit choice.

use std::collections::HashSet;

use anyhow::ensure;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use shared::wire::{AuditAction, AuditKind, ItemStatus};

use super::report::PrivateItem;
use store::audit::{self, Target};
use store::entity::item_groups;
use store::entity::items::{self, Column};
use store::{Transaction, search};

/// Whom the audit names: the command line knows no user.
const OPERATOR: &str = "marketplace migrate";

/// Which items.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// By id, whoever they are shared with now.
    pub ids: Vec<String>,
    /// All private ones that are older, unless an admin has rejected them.
    pub created_before: Option<DateTime<Utc>>,
}

/// Makes the items public and approved and answers which have changed; those
/// that are public already do not count.
///
/// # Errors
/// When an id does not exist.
pub async fn make_public(
    tx: &Transaction,
    selection: &Selection,
) -> anyhow::Result<Vec<PrivateItem>> {
    let rejected = ItemStatus::Rejected.as_str();
    let old = selection.created_before.map(|time| {
        Condition::all()
            .add(Column::IsPrivate.eq(true))
            .add(Column::CreatedAt.lt(time))
            .add(
                Condition::any()
                    .add(Column::Status.is_null())
                    .add(Column::Status.ne(rejected)),
            )
    });
    let named: Vec<&str> = selection.ids.iter().map(String::as_str).collect();
    let found = items::Entity::find()
        .filter(
            Condition::any()
                .add(Column::Id.is_in(named.iter().copied()))
                .add_option(old),
        )
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(tx)
        .await?;
    let ids: HashSet<&str> = found.iter().map(|item| item.id.as_str()).collect();
    for id in named {
        ensure!(
            ids.contains(id),
            "there is no item with the id {id:?}; nothing was made public"
        );
    }

    let chosen: Vec<_> = found.into_iter().filter(|item| !item.is_public).collect();
    for item in &chosen {
        items::Entity::update_many()
            .col_expr(Column::IsPublic, Expr::value(true))
            .col_expr(Column::IsPrivate, Expr::value(false))
            .col_expr(Column::Status, Expr::value(ItemStatus::Approved.as_str()))
            .col_expr(Column::ReviewNote, Expr::value(Option::<String>::None))
            .col_expr(Column::UpdatedAt, Expr::value(tx.now()))
            .filter(Column::Id.eq(item.id.as_str()))
            .exec(tx)
            .await?;
        item_groups::Entity::delete_many()
            .filter(item_groups::Column::ItemId.eq(item.id.as_str()))
            .exec(tx)
            .await?;
        let target = Target {
            kind: AuditKind::Item,
            id: &item.id,
            name: item.name.as_deref(),
        };
        audit::record(tx, OPERATOR, AuditAction::Update, target, &["isPublic"]).await?;
    }
    let ids: Vec<String> = chosen.iter().map(|item| item.id.clone()).collect();
    search::refresh(tx, &ids).await?;
    Ok(chosen
        .into_iter()
        .map(|item| PrivateItem {
            id: item.id,
            name: item.name,
            author: item.author,
            created_at: item.created_at,
        })
        .collect())
}
