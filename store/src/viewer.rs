//! What depends on who looks: which items they may see, and which they have starred.

use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};
use shared::access::ReadScope;
use shared::wire::ItemStatus;

use crate::entity::items::Column;
use crate::entity::{follows, item_groups, stars};

/// The filter of list queries that [`ReadScope::admits`] is for single items.
pub(crate) fn visible(scope: ReadScope<'_>) -> Condition {
    among_shared(scope, reviewed())
}

/// The same for items that are in quarantine: who could see them before.
pub(crate) fn visible_before_quarantine(scope: ReadScope<'_>) -> Condition {
    let quarantined = Column::Status.eq(ItemStatus::Quarantined.as_str());
    among_shared(scope, Condition::all().add(quarantined))
}

fn among_shared(scope: ReadScope<'_>, status: Condition) -> Condition {
    match scope {
        ReadScope::Everything => Condition::all(),
        ReadScope::Shared { author, groups } => {
            let with_groups = Query::select()
                .column(item_groups::Column::ItemId)
                .from(item_groups::Entity)
                .and_where(item_groups::Column::Name.is_in(groups))
                .to_owned();
            Condition::any().add(Column::Author.eq(author)).add(
                Condition::all()
                    .add(Column::IsPrivate.eq(false))
                    .add(status)
                    .add(
                        Condition::any()
                            .add(Column::IsPublic.eq(true))
                            .add(Column::Id.in_subquery(with_groups)),
                    ),
            )
        }
    }
}

/// The filter that the opposite of [`ItemStatus::holds_back`] is for single
/// items.
fn reviewed() -> Condition {
    let held_back = ItemStatus::ALL
        .iter()
        .filter(|status| status.holds_back())
        .map(|status| status.as_str());
    Condition::any()
        .add(Column::Status.is_null())
        .add(Column::Status.is_not_in(held_back))
}

/// Selects the ids of the items that somebody follows.
pub(crate) fn followed_by(user: &str) -> SelectStatement {
    Query::select()
        .column(follows::Column::ItemId)
        .from(follows::Entity)
        .and_where(follows::Column::UserName.eq(user))
        .to_owned()
}

/// Selects the ids of the items that somebody has starred.
pub(crate) fn starred_by(user: &str) -> SelectStatement {
    Query::select()
        .column(stars::Column::ItemId)
        .from(stars::Entity)
        .and_where(stars::Column::UserName.eq(user))
        .to_owned()
}
