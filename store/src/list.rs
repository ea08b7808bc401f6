//! Lists of items: which part of them, in which order, and how many there are.

use futures_util::{StreamExt, TryStreamExt};
use sea_orm::sea_query::{Expr, Order, SelectStatement};
use sea_orm::{DbBackend, DbErr, FromQueryResult, StreamTrait};
use shared::access::ReadScope;
use shared::wire::{Item, ItemFilter};

use super::counts::Question;
use super::entity::items;
use super::items::{Detail, Row, columns};
use super::scan_strategy::ScanStrategy;
use super::search::Plan;
pub use super::wanted::Viewer;
use super::wanted::{Wanted, visible};
use super::{CallbackError, Store, dialect, usage};

/// The column that says at which moment a page was read.
const MOMENT: &str = "moment";

/// The most items of one page.
pub const MAX_LIMIT: u64 = 500;

/// Items of which a list by relevance is a question that costs: it reads the text of
/// each.
const MANY: u64 = 2_000;

/// The most texts that are read for one question, those of the newest items. Only words
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
            wanted: Wanted {
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
        match self.second_thought(viewer.scope, plan.as_ref()).await? {
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
    pub(super) async fn second_thought(
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
        let question = self.question(request.wanted);
        let reads = request.wanted.plan.is_some_and(Plan::reads)
            || request.page.sort == Sort::Relevance
                && request.wanted.plan.is_some()
                && self.guess(&question).is_some_and(|found| found > MANY);
        let (scan, _read) = if reads {
            (Some(self.begin_scan().await?), None)
        } else {
            (None, self.long_reads.acquire().await.ok())
        };
        let mut moment = match &self.watcher {
            // Before anything is read: what is remembered is newer at worst.
            Some(watcher) if limit.is_some() => Some(watcher.moment().await?),
            _ => None,
        };
        let strategy = self
            .scan_strategy(request.wanted, request.page, &question)
            .await?;
        let statement = request.statement(self.db.get_database_backend(), strategy);
        let mut rows = match &scan {
            Some(scan) => scan.tx.stream(&statement).await?.boxed(),
            None => self.db.stream(&statement).await?.boxed(),
        };
        let mut found = 0;
        while let Some(row) = rows.try_next().await? {
            if found == 0 && limit.is_some() && moment.is_none() {
                moment = row.try_get::<Option<String>>("", MOMENT)?;
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
            Some(scan) => self.count_on(&scan.tx, &question, moment).await?,
            None => self.count(&question, moment).await?,
        })
    }

    /// How to come by a page of what `question` counts. It is the database's to choose
    /// where only its own columns are asked, and for whole lists.
    async fn scan_strategy(
        &self,
        wanted: Wanted<'_>,
        page: Page,
        question: &Question,
    ) -> Result<Option<ScanStrategy>, DbErr> {
        let Page {
            limit: Some(limit),
            offset,
            sort,
        } = page
        else {
            return Ok(None);
        };
        if !wanted.is_indexed() {
            return Ok(None);
        }
        // There is no index of what fits best. And what a keyword finds often has it
        // in the name, so that it stands together, maybe at the end of all names.
        let has_keyword = wanted.plan.is_some();
        if has_keyword && matches!(sort, Sort::Relevance | Sort::Name) {
            return Ok(Some(ScanStrategy::IndexThenSort));
        }
        let Some(found) = self.guess(question) else {
            return Ok(Some(ScanStrategy::IndexThenSort));
        };
        let rows = offset.saturating_add(limit);
        let all = self.size().await?;
        Ok(Some(ScanStrategy::choose(rows, found, all)))
    }
}

/// What is asked of a list.
#[derive(Clone, Copy)]
struct Request<'a> {
    wanted: Wanted<'a>,
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
        let mut query = self.wanted.query(backend, strategy);
        columns(&mut query, self.detail, self.wanted.viewer.name);
        order(&mut query, strategy, sort, self.wanted);
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

fn order(
    query: &mut SelectStatement,
    strategy: Option<ScanStrategy>,
    sort: Sort,
    wanted: Wanted<'_>,
) {
    use items::Column;

    let key = |column: Column| ScanStrategy::sort_key(strategy, Expr::col((items::Entity, column)));
    if let (Sort::Relevance, Some(plan)) = (sort, wanted.plan) {
        query.order_by_expr(plan.rank(), Order::Desc);
    }
    if sort == Sort::UsedAt {
        query.order_by_expr(usage::used_at(wanted.viewer.name), Order::Desc);
    }
    let (column, direction) = match sort {
        Sort::CreatedAt | Sort::Relevance | Sort::UsedAt => (Column::CreatedAt, Order::Desc),
        Sort::UpdatedAt => (Column::UpdatedAt, Order::Desc),
        Sort::StarNumber => (Column::StarNumber, Order::Desc),
        Sort::UseNumber => (Column::UseNumber, Order::Desc),
        Sort::Name => (Column::SearchName, Order::Asc),
    };
    query.order_by_expr(key(column), direction);
    query.order_by((items::Entity, Column::Id), Order::Asc);
}
