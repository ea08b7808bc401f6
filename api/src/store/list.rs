//! Lists of items: which part of them, in which order, and how many there are.

use futures_util::TryStreamExt;
use sea_orm::sea_query::{Expr, Order, SelectStatement};
use sea_orm::{DbBackend, DbErr, FromQueryResult, StreamTrait};
use shared::access::{Caller, ReadScope};
use shared::wire::{Item, ItemFilter};

use super::entity::items;
use super::items::{Detail, Row, columns};
use super::search::Plan;
use super::wanted::Wanted;
use super::way::Way;
use super::{Store, dialect};
use crate::problem::Refusal;

/// The column that says at which moment a page was read.
const MOMENT: &str = "moment";

/// The most items of one page.
pub const MAX_LIMIT: u64 = 500;

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

/// Who looks at a list.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// Whose stars are marked.
    pub name: &'a str,
    /// What may be seen.
    pub scope: ReadScope<'a>,
}

impl<'a> From<&'a Caller> for Viewer<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self {
            name: &caller.name,
            scope: caller.read_scope(),
        }
    }
}

impl Store {
    /// Hands each item of a page of those that `viewer` may see and `filter`
    /// lets through to `each`, and answers how many there are on all pages.
    ///
    /// # Errors
    /// What `each` fails with; no item after that is read.
    pub async fn list(
        &self,
        viewer: Viewer<'_>,
        filter: &ItemFilter,
        detail: Detail,
        page: Page,
        mut each: impl FnMut(Item) -> Result<(), Refusal> + Send,
    ) -> Result<u64, Refusal> {
        let _turn = if page.is_short() {
            None
        } else {
            self.whole_lists.acquire().await.ok()
        };
        let _read = self.long_reads.acquire().await.ok();
        let request = |plan| Request {
            viewer: viewer.name,
            wanted: Wanted {
                scope: viewer.scope,
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
        match self.second_thought(plan.clone()).await? {
            None => Ok(0),
            plan => self.listed(request(plan.as_ref()), &mut each).await,
        }
    }

    /// What the filter's keyword means.
    async fn plan(&self, filter: &ItemFilter) -> Result<Option<Plan>, DbErr> {
        match &filter.keyword {
            Some(keyword) => Plan::exact(&self.db, keyword).await.map(Some),
            None => Ok(None),
        }
    }

    /// What a keyword that finds nothing may have been meant to be.
    async fn second_thought(&self, plan: Option<Plan>) -> Result<Option<Plan>, DbErr> {
        match plan {
            Some(plan) => plan.forgiving(&self.db).await,
            None => Ok(None),
        }
    }

    /// The plan under which `filter` finds something within `scope`, if any
    /// does.
    pub(super) async fn working_plan(
        &self,
        scope: ReadScope<'_>,
        filter: &ItemFilter,
    ) -> Result<Option<Plan>, DbErr> {
        let plan = self.plan(filter).await?;
        let wanted = Wanted {
            scope,
            filter,
            plan: plan.as_ref(),
        };
        if plan.is_none() || self.count(&self.question(wanted), None).await? > 0 {
            return Ok(plan);
        }
        Ok(self.second_thought(plan.clone()).await?.or(plan))
    }

    async fn listed(
        &self,
        request: Request<'_>,
        each: &mut (impl FnMut(Item) -> Result<(), Refusal> + Send),
    ) -> Result<u64, Refusal> {
        let Page { limit, offset, .. } = request.page;
        let mut moment = match &self.watcher {
            // Before anything is read: what is remembered is newer at worst.
            Some(watcher) if limit.is_some() => Some(watcher.moment().await?),
            _ => None,
        };
        let question = self.question(request.wanted);
        let way = self.way(request.wanted, request.page, &question).await?;
        let statement = request.statement(self.db.get_database_backend(), way);
        let mut rows = self.db.stream(&statement).await?;
        let mut found = 0;
        while let Some(row) = rows.try_next().await? {
            if found == 0 && limit.is_some() && moment.is_none() {
                moment = row.try_get::<Option<String>>("", MOMENT)?;
            }
            each(Row::from_query_result(&row, "")?.into_item()?)?;
            found += 1;
        }
        drop(rows);
        let is_last = limit.is_none_or(|limit| found < limit) && (found > 0 || offset == 0);
        if is_last {
            return Ok(offset + found);
        }
        Ok(self.count(&question, moment).await?)
    }
}

/// What is asked of a list.
#[derive(Clone, Copy)]
struct Request<'a> {
    /// Whose stars are marked.
    viewer: &'a str,
    wanted: Wanted<'a>,
    detail: Detail,
    page: Page,
}

impl Request<'_> {
    fn statement(self, backend: DbBackend, way: Option<Way>) -> SelectStatement {
        let Page {
            limit,
            offset,
            sort,
        } = self.page;
        let mut query = self.wanted.query(backend, way);
        columns(&mut query, self.detail, self.viewer);
        order(&mut query, way, sort, self.wanted.plan);
        if let Some(limit) = limit {
            query.limit(limit);
            query.expr_as(dialect::moment(backend), MOMENT);
        }
        if offset > 0 {
            // SQLite knows no offset without a limit.
            query.limit(limit.unwrap_or(i64::MAX as u64)).offset(offset);
        }
        query
    }
}

fn order(query: &mut SelectStatement, way: Option<Way>, sort: Sort, plan: Option<&Plan>) {
    use items::Column;

    let key = |column: Column| Way::key(way, Expr::col((items::Entity, column)));
    if let (Sort::Relevance, Some(plan)) = (sort, plan) {
        query.order_by_expr(plan.rank(), Order::Desc);
    }
    let (column, direction) = match sort {
        Sort::CreatedAt | Sort::Relevance => (Column::CreatedAt, Order::Desc),
        Sort::UpdatedAt => (Column::UpdatedAt, Order::Desc),
        Sort::StarNumber => (Column::StarNumber, Order::Desc),
        Sort::UseNumber => (Column::UseNumber, Order::Desc),
        Sort::Name => (Column::SearchName, Order::Asc),
    };
    query.order_by_expr(key(column), direction);
    query.order_by((items::Entity, Column::Id), Order::Asc);
}
