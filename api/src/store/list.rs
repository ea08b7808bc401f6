//! Lists of items: which part of them, in which order, and how many there are.

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use shared::access::ReadScope;
use shared::wire::{Item, ItemFilter};

use super::Store;
use super::entity::items;
use super::items::{Detail, Row, assemble, chosen, columns, visible};
use super::search::Plan;

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

/// A part of a list.
#[derive(Debug)]
pub struct Listed {
    /// The items of the page.
    pub items: Vec<Item>,
    /// How many there are on all pages.
    pub total: u64,
}

impl Store {
    /// All items within `scope` that `filter` lets through, newest first.
    pub async fn items(
        &self,
        scope: ReadScope<'_>,
        filter: &ItemFilter,
        detail: Detail,
    ) -> Result<Vec<Item>, DbErr> {
        let listed = self.list(scope, filter, detail, Page::default()).await?;
        Ok(listed.items)
    }

    /// A page of the items within `scope` that `filter` lets through, and how
    /// many those are.
    pub async fn list(
        &self,
        scope: ReadScope<'_>,
        filter: &ItemFilter,
        detail: Detail,
        page: Page,
    ) -> Result<Listed, DbErr> {
        let plan = self.plan(filter).await?;
        let listed = self
            .listed(scope, filter, plan.as_ref(), detail, page)
            .await?;
        if listed.total > 0 {
            return Ok(listed);
        }
        match self.second_thought(plan).await? {
            None => Ok(listed),
            plan => {
                self.listed(scope, filter, plan.as_ref(), detail, page)
                    .await
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
        if plan.is_none() || self.count(scope, filter, plan.as_ref()).await? > 0 {
            return Ok(plan);
        }
        Ok(self.second_thought(plan.clone()).await?.or(plan))
    }

    async fn listed(
        &self,
        scope: ReadScope<'_>,
        filter: &ItemFilter,
        plan: Option<&Plan>,
        detail: Detail,
        page: Page,
    ) -> Result<Listed, DbErr> {
        let mut query = matching(scope, filter, plan);
        columns(&mut query, detail);
        order(&mut query, page.sort, plan);
        if let Some(limit) = page.limit {
            query.limit(limit);
        }
        if page.offset > 0 {
            // SQLite knows no offset without a limit.
            query
                .limit(page.limit.unwrap_or(i64::MAX as u64))
                .offset(page.offset);
        }
        let rows = self.db.query_all(&query).await?;
        let rows: Vec<Row> = rows
            .iter()
            .map(|row| Row::from_query_result(row, ""))
            .collect::<Result<_, _>>()?;
        let found = rows.len() as u64;
        let is_last =
            page.limit.is_none_or(|limit| found < limit) && (found > 0 || page.offset == 0);
        let total = if is_last {
            page.offset + found
        } else {
            self.count(scope, filter, plan).await?
        };
        Ok(Listed {
            items: assemble(&self.db, rows).await?,
            total,
        })
    }

    async fn count(
        &self,
        scope: ReadScope<'_>,
        filter: &ItemFilter,
        plan: Option<&Plan>,
    ) -> Result<u64, DbErr> {
        let query = matching(scope, filter, plan)
            .expr(Expr::cust("COUNT(*)"))
            .to_owned();
        let row = self.db.query_one(&query).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
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
        join_search(&mut query);
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

    let most = |query: &mut SelectStatement, column: Column| {
        query.order_by((items::Entity, column), Order::Desc);
    };
    match (sort, plan) {
        (Sort::Relevance, Some(plan)) => {
            query.order_by_expr(plan.rank(), Order::Desc);
            most(query, Column::CreatedAt);
        }
        (Sort::CreatedAt | Sort::Relevance, _) => most(query, Column::CreatedAt),
        (Sort::UpdatedAt, _) => most(query, Column::UpdatedAt),
        (Sort::StarNumber, _) => most(query, Column::StarNumber),
        (Sort::UseNumber, _) => most(query, Column::UseNumber),
        (Sort::Name, plan) => {
            if plan.is_none() {
                join_search(query);
            }
            query.order_by(("item_search", "name"), Order::Asc);
            query.order_by(("item_search", "item_id"), Order::Asc);
            return;
        }
    }
    query.order_by((items::Entity, Column::Id), Order::Asc);
}
