//! Lists of items: which part of them, in which order, and how many there are.

use futures_util::TryStreamExt;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, StreamTrait};
use shared::access::{Caller, ReadScope};
use shared::wire::{Item, ItemFilter};

use super::entity::items;
use super::items::{Detail, Row, chosen, columns, visible};
use super::search::Plan;
use super::{Store, dialect};
use crate::problem::Refusal;

/// The column that says at which moment a page was read.
const MOMENT: &str = "moment";

/// The most items of one page.
pub const MAX_LIMIT: u64 = 500;

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
        let plan = self.plan(filter).await?;
        let request = Request {
            viewer,
            filter,
            plan: plan.as_ref(),
            detail,
            page,
        };
        let total = self.listed(request, &mut each).await?;
        if total > 0 {
            return Ok(total);
        }
        match self.second_thought(plan.clone()).await? {
            None => Ok(0),
            plan => {
                let plan = plan.as_ref();
                self.listed(Request { plan, ..request }, &mut each).await
            }
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
        if plan.is_none() || self.count(scope, filter, plan.as_ref(), None).await? > 0 {
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
        let _turn = match limit {
            None => self.whole_lists.acquire().await.ok(),
            Some(_) => None,
        };
        let mut moment = match &self.watcher {
            // Before anything is read: what is remembered is newer at worst.
            Some(watcher) if limit.is_some() => Some(watcher.moment().await?),
            _ => None,
        };
        let mut rows = self.db.stream(&request.statement(self)).await?;
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
        let Request {
            viewer,
            filter,
            plan,
            ..
        } = request;
        Ok(self.count(viewer.scope, filter, plan, moment).await?)
    }

    /// How many items there are; from memory, if it knows the count at this
    /// very `moment`.
    async fn count(
        &self,
        scope: ReadScope<'_>,
        filter: &ItemFilter,
        plan: Option<&Plan>,
        moment: Option<String>,
    ) -> Result<u64, DbErr> {
        let backend = self.db.get_database_backend();
        let query = matching(scope, filter, plan)
            .expr(Expr::cust("COUNT(*)"))
            .expr(dialect::moment(backend))
            .to_owned();
        let statement = backend.build(&query);
        let question = statement.to_string();
        if let Some(moment) = &moment
            && let Some(count) = self.counts.recall(moment, &question)
        {
            return Ok(count);
        }
        let Some(row) = self.db.query_one_raw(statement).await? else {
            return Ok(0);
        };
        let count = u64::try_from(row.try_get_by_index::<i64>(0)?).unwrap_or(0);
        if let Some(moment) = row.try_get_by_index::<Option<String>>(1)?.or(moment) {
            self.counts.remember(moment, question, count);
        }
        Ok(count)
    }
}

/// What is asked of a list.
#[derive(Clone, Copy)]
struct Request<'a> {
    viewer: Viewer<'a>,
    filter: &'a ItemFilter,
    plan: Option<&'a Plan>,
    detail: Detail,
    page: Page,
}

impl Request<'_> {
    fn statement(&self, store: &Store) -> SelectStatement {
        let Page {
            limit,
            offset,
            sort,
        } = self.page;
        let mut query = matching(self.viewer.scope, self.filter, self.plan);
        columns(&mut query, self.detail, self.viewer.name);
        order(&mut query, sort, self.plan);
        if let Some(limit) = limit {
            query.limit(limit);
            let backend = store.db.get_database_backend();
            query.expr_as(dialect::moment(backend), MOMENT);
        }
        if offset > 0 {
            // SQLite knows no offset without a limit.
            query.limit(limit.unwrap_or(i64::MAX as u64)).offset(offset);
        }
        query
    }
}

/// The items within `scope` that `filter` and its keyword's `plan` let
/// through; what is read of them is still to be said.
pub(super) fn matching(
    scope: ReadScope<'_>,
    filter: &ItemFilter,
    plan: Option<&Plan>,
) -> SelectStatement {
    let mut query = Query::select().from(items::Entity).to_owned();
    if let Some(plan) = plan {
        if plan.is_of_texts() {
            join_search(&mut query);
        }
        query.cond_where(plan.condition());
    }
    query.cond_where(visible(scope)).cond_where(chosen(filter));
    query
}

fn join_search(query: &mut SelectStatement) {
    let same = Expr::col(("item_search", "item_id")).equals((items::Entity, items::Column::Id));
    query.inner_join("item_search", same);
}

fn order(query: &mut SelectStatement, sort: Sort, plan: Option<&Plan>) {
    use items::Column;

    let ensure_joined = |query: &mut SelectStatement| {
        if !plan.is_some_and(Plan::is_of_texts) {
            join_search(query);
        }
    };
    let most = |query: &mut SelectStatement, column: Column| {
        query.order_by((items::Entity, column), Order::Desc);
    };
    match (sort, plan) {
        (Sort::Relevance, Some(plan)) => {
            ensure_joined(query);
            query.order_by_expr(plan.rank(), Order::Desc);
            most(query, Column::CreatedAt);
        }
        (Sort::CreatedAt | Sort::Relevance, _) => most(query, Column::CreatedAt),
        (Sort::UpdatedAt, _) => most(query, Column::UpdatedAt),
        (Sort::StarNumber, _) => most(query, Column::StarNumber),
        (Sort::UseNumber, _) => most(query, Column::UseNumber),
        (Sort::Name, _) => {
            ensure_joined(query);
            query.order_by(("item_search", "name"), Order::Asc);
            query.order_by(("item_search", "item_id"), Order::Asc);
            return;
        }
    }
    query.order_by((items::Entity, Column::Id), Order::Asc);
}
