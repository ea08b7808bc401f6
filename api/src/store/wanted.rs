//! Which items of the catalogue a list is of: those that the caller may see, and of
//! these, those that were asked for.

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, DbBackend};
use shared::access::ReadScope;
use shared::wire::{ItemFilter, ItemStatus, OFFICIAL_CATEGORY};

use super::entity::items::{self, Column};
use super::entity::{categories, item_categories, item_groups};
use super::scan_strategy::ScanStrategy;
use super::search::Plan;
use super::search::pieces::{code_of_category, code_of_tag};
use super::{dialect, usage};

/// Which items are wanted.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Who asks, for what the filter says of the caller's own doings.
    pub(super) viewer: &'a str,
    /// Only those within it.
    pub(super) scope: ReadScope<'a>,
    /// Only those that it lets through,
    pub(super) filter: &'a ItemFilter,
    /// and what its keyword means.
    pub(super) plan: Option<&'a Plan>,
}

impl Wanted<'_> {
    /// The query for the items; what is read of them is still to be said.
    pub(super) fn query(
        self,
        backend: DbBackend,
        strategy: Option<ScanStrategy>,
    ) -> SelectStatement {
        let mut query = Query::select().from(items::Entity).to_owned();
        let narrow = |query: &mut SelectStatement| {
            if let Some(plan) = self.plan {
                query.cond_where(plan.narrowing(strategy));
            }
            query
                .cond_where(visible(self.scope))
                .cond_where(chosen(backend, strategy, self.filter))
                .cond_where(used(self.filter.used, self.viewer));
        };
        match self.plan.and_then(|plan| plan.most_read) {
            None => narrow(&mut query),
            Some(limit) => {
                let mut newest = Query::select()
                    .column((items::Entity, Column::Id))
                    .from(items::Entity)
                    .order_by((items::Entity, Column::CreatedAt), Order::Desc)
                    .order_by((items::Entity, Column::Id), Order::Asc)
                    .limit(limit)
                    .to_owned();
                narrow(&mut newest);
                query.and_where(Expr::col((items::Entity, Column::Id)).in_subquery(newest));
            }
        }
        // After all that an index tells.
        if let Some(plan) = self.plan {
            query.cond_where(plan.reading());
        }
        query
    }

    /// Whether they are found by their codes.
    pub(super) fn is_indexed(self) -> bool {
        self.plan.is_some()
            || !self.filter.tags.is_empty()
            || !self.filter.categories.is_empty()
            || self.filter.official == Some(true)
    }
}

/// The filter of list queries that [`ReadScope::admits`] is for single items.
pub(super) fn visible(scope: ReadScope<'_>) -> Condition {
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
                    .add(reviewed())
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

/// What the filter asks for, but for its keyword.
fn chosen(backend: DbBackend, strategy: Option<ScanStrategy>, filter: &ItemFilter) -> Condition {
    let tags = filter.tags.iter().map(|name| code_of_tag(name));
    let categories = filter.categories.iter().map(|name| code_of_category(name));
    let mut condition = Condition::all()
        .add_option(filter.name.as_ref().map(|name| Column::Name.eq(name)))
        .add_option(filter.author.as_ref().map(|name| Column::Author.eq(name)))
        .add_option(filter.kind.map(|kind| Column::Kind.eq(kind.as_str())))
        .add_option(
            filter
                .source
                .map(|source| Column::Source.eq(source.as_str())),
        )
        .add_option(filter.is_public.map(|flag| Column::IsPublic.eq(flag)))
        .add_option(filter.is_private.map(|flag| Column::IsPrivate.eq(flag)));
    for code in tags.chain(categories) {
        condition = condition.add(dialect::has_code(backend, strategy, &[code]));
    }
    condition.add_option(filter.official.map(|wanted| {
        if wanted {
            dialect::has_code(backend, strategy, &[code_of_category(OFFICIAL_CATEGORY)])
        } else {
            // They are few, and no index tells what something has not.
            Expr::col((items::Entity, Column::Id)).not_in_subquery(official())
        }
    }))
}

/// Selects the ids of the official templates.
fn official() -> SelectStatement {
    let category = (item_categories::Entity, item_categories::Column::CategoryId);
    Query::select()
        .column((item_categories::Entity, item_categories::Column::ItemId))
        .from(item_categories::Entity)
        .inner_join(
            categories::Entity,
            Expr::col((categories::Entity, categories::Column::Id)).equals(category),
        )
        .and_where(Expr::col((categories::Entity, categories::Column::Name)).eq(OFFICIAL_CATEGORY))
        .to_owned()
}

/// Those that `viewer` has used last, or all others.
fn used(wanted: Option<bool>, viewer: &str) -> Condition {
    let id = || Expr::col((items::Entity, Column::Id));
    Condition::all().add_option(wanted.map(|wanted| {
        let used = usage::used_by(viewer);
        if wanted {
            id().in_subquery(used)
        } else {
            id().not_in_subquery(used)
        }
    }))
}
