//! Lists of items: which of them ([`item_query`]), which part, in which order, and
//! how many there are ([`count`]).

mod count;
pub mod facets;
pub(super) mod item_query;
pub(super) mod scan;

use futures_util::{StreamExt, TryStreamExt};
use sea_orm::sea_query::{Expr, Order, SelectStatement};
use sea_orm::{DbBackend, DbErr, FromQueryResult, StreamTrait};
use shared::access::ReadScope;
use shared::wire::{Item, ItemFilter};

use super::entity::items;
use super::items::{Detail, Row, columns};
use super::search::Plan;
use super::{CallbackError, Store, dialect, usage};
use crate::scan_strategy::{Asked, Rule, ScanStrategy, is_indexed, reads_many_texts};
use crate::viewer::visible;
use count::CountQuery;
use item_query::ItemQuery;
pub use item_query::Viewer;

/// The column that says at which version of the data a page was read.
const DATA_VERSION: &str = "data_version";

/// The most items of one page.
pub const MAX_LIMIT: u64 = 500;

/// The most texts that are read for one list, those of the newest items. Only words
/// that are a part of hundreds of others, and stand alone, lead to more.
const MAX_READ: u64 = 20_000;
/// The most items of a short page.
const MAX_SHORT: u64 = 100;

/// The order of a list. Ties are settled by id, so that pages neither overlap
/// nor leave gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    #[default]
    CreatedAt,
    /// What fits the keyword best first; newest first without a keyword.
    Relevance,
    /// What was changed last first.
    UpdatedAt,
    /// By name, in any case, by the numbers of its characters.
    Name,
    /// What has the most stars first.
    StarNumber,
    /// What was used most first.
    UseNumber,
    /// What has the best figures of runs first, and last what has none.
    Success,
    /// What the viewer has used last first: an order of those few.
    UsedAt,
}

/// Which part of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The most items; all without it.
    pub limit: Option<u64>,
    /// How many are left out before the first one.
    pub offset: u64,
    /// In which order.
    pub sort: Sort,
}

impl Page {
    /// Whether it is one that somebody looks at, and no list to go through: those
    /// take turns.
    pub fn is_short(self) -> bool {
        self.limit.is_some_and(|limit| limit <= MAX_SHORT)
    }
}

impl Store {
    /// Hands each item of a page of those that `viewer` may see and `filter`
    /// lets through to `each`, and answers how many there are on all pages.
    ///
    /// # Errors
    /// What `each` fails with; no item after that is read.
    pub async fn list<E>(
        &self,
        viewer: Viewer<'_>,
        filter: &ItemFilter,
        detail: Detail,
        page: Page,
        mut each: impl FnMut(Item) -> Result<(), E> + Send,
    ) -> Result<u64, CallbackError<E>> {
        let _turn = if page.is_short() {
            None
        } else {
            self.whole_lists.acquire().await.ok()
        };
        let request = |plan| Request {
            item_query: ItemQuery {
                viewer,
                filter,
                plan,
            },
            detail,
            page,
        };
        let plan = self.plan(filter).await?;
        let total = self.listed(request(plan.as_ref()), &mut each).await?;
        if total > 0 {
            return Ok(total);
        }
        match self.fuzzy_fallback(viewer.scope, plan.as_ref()).await? {
            None => Ok(0),
            plan => self.listed(request(plan.as_ref()), &mut each).await,
        }
    }

    /// What the filter's keyword means.
    pub(super) async fn plan(&self, filter: &ItemFilter) -> Result<Option<Plan>, DbErr> {
        let Some(keyword) = &filter.keyword else {
            return Ok(None);
        };
        let mut plan = Plan::exact(&self.db, keyword).await?;
        if plan.reads() && self.size().await? > MAX_READ {
            plan.most_read = Some(MAX_READ);
        }
        Ok(Some(plan))
    }

    /// What a keyword that finds nothing within `scope` may have been meant to be.
    pub(super) async fn fuzzy_fallback(
        &self,
        scope: ReadScope<'_>,
        plan: Option<&Plan>,
    ) -> Result<Option<Plan>, DbErr> {
        match plan {
            Some(plan) => plan.forgiving(&self.db, &visible(scope)).await,
            None => Ok(None),
        }
    }

    async fn listed<E>(
        &self,
        request: Request<'_>,
        each: &mut (impl FnMut(Item) -> Result<(), E> + Send),
    ) -> Result<u64, CallbackError<E>> {
        let Page { limit, offset, .. } = request.page;
        let count_query = self.count_query(request.item_query);
        let reads = reads_many_texts(
            !request.item_query.plan.is_some_and(Plan::reads),
            request.item_query.plan.is_some() && request.page.sort == Sort::Relevance,
            self.last_count(&count_query),
        );
        let (scan, _read) = if reads {
            (Some(self.begin_scan().await?), None)
        } else {
            (None, self.long_reads.acquire().await.ok())
        };
        let mut data_version = match &self.data_versions {
            // Before anything is read: what is remembered is newer at worst.
            Some(data_versions) if limit.is_some() => Some(data_versions.read().await?),
            _ => None,
        };
        let strategy = self
            .scan_strategy(request.item_query, request.page, &count_query)
            .await?;
        let statement = request.statement(self.db.get_database_backend(), strategy);
        let mut rows = match &scan {
            Some(scan) => scan.tx.stream(&statement).await?.boxed(),
            None => self.db.stream(&statement).await?.boxed(),
        };
        let mut found = 0;
        while let Some(row) = rows.try_next().await? {
            if found == 0 && limit.is_some() && data_version.is_none() {
                data_version = row.try_get::<Option<String>>("", DATA_VERSION)?;
            }
            let item = Row::from_query_result(&row, "")?.into_item()?;
            each(item).map_err(CallbackError::Callback)?;
            found += 1;
        }
        drop(rows);
        let is_last = limit.is_none_or(|limit| found < limit) && (found > 0 || offset == 0);
        if is_last {
            return Ok(offset + found);
        }
        Ok(match &scan {
            Some(scan) => self.count(&scan.tx, &count_query, data_version).await?,
            None => self.count(&self.db, &count_query, data_version).await?,
        })
    }

    /// How to come by a page of what `count_query` counts.
    async fn scan_strategy(
        &self,
        item_query: ItemQuery<'_>,
        page: Page,
        count_query: &CountQuery,
    ) -> Result<Option<ScanStrategy>, DbErr> {
        let has_keyword = item_query.plan.is_some();
        let asked = Asked {
            rows: page.limit.map(|limit| page.offset.saturating_add(limit)),
            is_indexed: is_indexed(item_query.filter, has_keyword),
            is_by_keyword: has_keyword && matches!(page.sort, Sort::Relevance | Sort::Name),
            found: self.last_count(count_query),
        };
        Ok(match asked.rule() {
            Rule::Databases => None,
            Rule::Always(strategy) => Some(strategy),
            Rule::ByNumbers { rows, found } => {
                Some(ScanStrategy::choose(rows, found, self.size().await?))
            }
        })
    }
}

/// What is asked of a list.
#[derive(Clone, Copy)]
struct Request<'a> {
    item_query: ItemQuery<'a>,
    detail: Detail,
    page: Page,
}

impl Request<'_> {
    fn statement(self, backend: DbBackend, strategy: Option<ScanStrategy>) -> SelectStatement {
        let Page {
            limit,
            offset,
            sort,
        } = self.page;
        let mut query = self.item_query.query(backend, strategy);
        columns(&mut query, self.detail, self.item_query.viewer.name);
        order(&mut query, strategy, sort, self.item_query);
        if let Some(limit) = limit {
            query.limit(limit);
            query.expr_as(dialect::data_version(backend), DATA_VERSION);
        }
        if offset > 0 {
            // SQLite knows no offset without a limit.
            query.limit(limit.unwrap_or(i64::MAX as u64)).offset(offset);
        }
        query
    }
}

fn order(
    query: &mut SelectStatement,
    strategy: Option<ScanStrategy>,
    sort: Sort,
    item_query: ItemQuery<'_>,
) {
    use items::Column;

    let key = |column: Column| ScanStrategy::sort_key(strategy, Expr::col((items::Entity, column)));
    if let (Sort::Relevance, Some(plan)) = (sort, item_query.plan) {
        query.order_by_expr(plan.rank(), Order::Desc);
    }
    if sort == Sort::UsedAt {
        query.order_by_expr(usage::used_at(item_query.viewer.name), Order::Desc);
    }
    let (column, direction) = match sort {
        Sort::CreatedAt | Sort::Relevance | Sort::UsedAt => (Column::CreatedAt, Order::Desc),
        Sort::UpdatedAt => (Column::UpdatedAt, Order::Desc),
        Sort::StarNumber => (Column::StarNumber, Order::Desc),
        Sort::UseNumber => (Column::UseNumber, Order::Desc),
        Sort::Success => (Column::SuccessAtLeast, Order::Desc),
        Sort::Name => (Column::SearchName, Order::Asc),
    };
    query.order_by_expr(key(column), direction);
    query.order_by((items::Entity, Column::Id), Order::Asc);
}
