//! Which items of the catalogue a list is of: those that the caller may see, and of
//! these, those that were asked for.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, DbBackend};
use shared::access::{Caller, ReadScope};
use shared::wire::{ItemFilter, ItemSource, OFFICIAL_CATEGORY, Visibility};

use crate::entity::items::{self, Column};
use crate::scan_strategy::ScanStrategy;
use crate::search::Plan;
use crate::search::tokenizer::{code_of_category, code_of_tag};
use crate::viewer::{starred_by, visible};
use crate::{dialect, links, usage};

/// Who looks at a list.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// Whose stars are marked.
    pub name: &'a str,
    /// What may be seen.
    pub scope: ReadScope<'a>,
    /// The codes of what runs where they may submit, for the filter that asks for it.
    pub runnable: &'a [i64],
}

impl<'a> From<&'a Caller> for Viewer<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self {
            name: &caller.name,
            scope: caller.read_scope(),
            runnable: &[],
        }
    }
}

/// Which items a list is of.
#[derive(Clone, Copy)]
pub(crate) struct ItemQuery<'a> {
    /// Only those that they may see.
    pub(crate) viewer: Viewer<'a>,
    /// Only those that it lets through,
    pub(crate) filter: &'a ItemFilter,
    /// and what its keyword means.
    pub(crate) plan: Option<&'a Plan>,
}

impl ItemQuery<'_> {
    /// The query for the items; what is read of them is still to be said.
    pub(crate) fn query(
        self,
        backend: DbBackend,
        strategy: Option<ScanStrategy>,
    ) -> SelectStatement {
        let mut query = Query::select().from(items::Entity).to_owned();
        let narrow = |query: &mut SelectStatement| {
            if let Some(plan) = self.plan {
                query.cond_where(plan.narrowing(strategy));
            }
            let chosen = chosen(backend, strategy, self.viewer, self.filter);
            query
                .cond_where(visible(self.viewer.scope))
                .cond_where(chosen);
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
}

/// What the filter asks for, but for its keyword.
fn chosen(
    backend: DbBackend,
    strategy: Option<ScanStrategy>,
    viewer: Viewer<'_>,
    filter: &ItemFilter,
) -> Condition {
    let source = filter.source.map(ItemSource::as_str);
    let condition = Condition::all()
        .add_option(filter.name.as_ref().map(|name| Column::Name.eq(name)))
        .add_option(source.map(|source| Column::Source.eq(source)))
        .add_option(filter.is_public.map(|flag| Column::IsPublic.eq(flag)))
        .add_option(filter.is_private.map(|flag| Column::IsPrivate.eq(flag)))
        .add_option(
            filter
                .starred
                .map(|flag| among(flag, starred_by(viewer.name))),
        )
        .add_option(
            filter
                .used
                .map(|flag| among(flag, usage::used_by(viewer.name))),
        )
        .add_option(filter.runs_here.map(|flag| {
            let runs_here = runs_here(backend, strategy, viewer);
            if flag { runs_here } else { runs_here.not() }
        }))
        .add_option(filter.official.map(|flag| {
            if flag {
                dialect::has_code(backend, strategy, &[code_of_category(OFFICIAL_CATEGORY)])
            } else {
                // They are few, and no index tells what something has not.
                among(false, links::official_items())
            }
        }));
    let facets = Facet::ALL.into_iter();
    let facets = facets.filter_map(|facet| facet.filter(backend, strategy, filter));
    facets.fold(condition, Condition::add)
}

/// Whether what the row of `items` asks for runs where the viewer may submit.
pub(crate) fn runs_here(
    backend: DbBackend,
    strategy: Option<ScanStrategy>,
    viewer: Viewer<'_>,
) -> Expr {
    dialect::has_demand(backend, strategy, viewer.runnable)
}

/// Whether the row of `items` is among these, or is not.
fn among(is_in: bool, ids: SelectStatement) -> Expr {
    let id = Expr::col((items::Entity, Column::Id));
    if is_in {
        id.in_subquery(ids)
    } else {
        id.not_in_subquery(ids)
    }
}

/// The visibility of the row of `items`, as [`Visibility`] has it.
pub(crate) fn visibility() -> Expr {
    let column = |column| Expr::col((items::Entity, column));
    CaseStatement::new()
        .case(
            column(Column::IsPrivate).eq(true),
            Visibility::Private.as_str(),
        )
        .case(
            column(Column::IsPublic).eq(true),
            Visibility::Public.as_str(),
        )
        .finally(Visibility::Groups.as_str())
        .into()
}

/// What items are counted by, and may be chosen by at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Facet {
    Type,
    Category,
    Tag,
    Author,
    Visibility,
    Status,
}

impl Facet {
    pub(crate) const ALL: [Self; 6] = [
        Self::Type,
        Self::Category,
        Self::Tag,
        Self::Author,
        Self::Visibility,
        Self::Status,
    ];

    /// Its name, and that of its values' column.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Category => "category",
            Self::Tag => "tag",
            Self::Author => "author",
            Self::Visibility => "visibility",
            Self::Status => "status",
        }
    }

    /// What holds for the items that the filter chooses by it; nothing where it does
    /// not.
    pub(crate) fn filter(
        self,
        backend: DbBackend,
        strategy: Option<ScanStrategy>,
        filter: &ItemFilter,
    ) -> Option<Condition> {
        let one_of = |column: Expr, words: Vec<&str>| {
            (!words.is_empty()).then(|| Condition::all().add(column.is_in(words)))
        };
        let column = |column| Expr::col((items::Entity, column));
        let all_of = |codes: Vec<i64>| {
            let each = codes
                .iter()
                .map(|code| dialect::has_code(backend, strategy, &[*code]));
            (!codes.is_empty()).then(|| each.fold(Condition::all(), Condition::add))
        };
        match self {
            Self::Type => {
                let words = filter.kinds.iter().map(|kind| kind.as_str());
                one_of(column(Column::Kind), words.collect())
            }
            Self::Category => all_of(
                filter
                    .categories
                    .iter()
                    .map(|name| code_of_category(name))
                    .collect(),
            ),
            Self::Tag => all_of(filter.tags.iter().map(|name| code_of_tag(name)).collect()),
            Self::Author => one_of(
                column(Column::Author),
                filter.author.as_deref().into_iter().collect(),
            ),
            Self::Visibility => {
                let words = filter.visibilities.iter().map(|word| word.as_str());
                one_of(visibility(), words.collect())
            }
            Self::Status => {
                let words = filter.statuses.iter().map(|status| status.as_str());
                one_of(column(Column::Status), words.collect())
            }
        }
    }

    /// The filter without what it chooses by any facet.
    pub(crate) fn none_in(filter: &ItemFilter) -> ItemFilter {
        ItemFilter {
            kinds: Vec::new(),
            categories: Vec::new(),
            tags: Vec::new(),
            author: None,
            visibilities: Vec::new(),
            statuses: Vec::new(),
            ..filter.clone()
        }
    }
}
