//! How many items there are of each kind.
//!
//! One statement reads the items that are found without the filters that facets have,
//! and says of each whether it passes these. Each facet counts those that pass all but
//! its own.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{
    CaseStatement, CommonTableExpression, Expr, ExprTrait, Order, Query, SelectStatement,
    UnionType, WithClause, WithQuery,
};
use sea_orm::{Condition, DbBackend};
use shared::wire::{FacetValue, Facets, ItemFilter};

use super::item_query::{Facet, ItemQuery, Viewer, runs_here, visibility};
use crate::entity::items;
use crate::links::LabelKind;
use crate::search::Plan;
use crate::{Store, StoreError};

/// The most values of one facet: more than a page shows, few enough to send.
pub const MAX_VALUES: u64 = 100;

/// The items that are counted, as the statement calls them.
const FOUND: &str = "found";

/// What the statement calls the number of items that pass all filters.
const TOTAL: &str = "total";

/// What it calls the number of those of them that run where the viewer may submit.
const RUNS: &str = "runs_here";

impl Store {
    /// Counts the items that `viewer` may see and `filter` lets through by type,
    /// category, tag, author, visibility and state in review, at most [`MAX_VALUES`] of
    /// each. What a facet itself is filtered by does not count for it. With `runs` also
    /// how many of those that pass all filters run where the viewer may submit.
    ///
    /// # Errors
    /// [`StoreError::SearchBusy`] when too many others ask for what reads many texts.
    pub async fn facets(
        &self,
        viewer: Viewer<'_>,
        filter: &ItemFilter,
        runs: bool,
    ) -> Result<(Facets, u64), StoreError> {
        let plan = self.plan(filter).await?;
        let found = self.counted(viewer, filter, plan.as_ref(), runs).await?;
        let fallback = match found.total {
            // As the list does.
            0 => self.fuzzy_fallback(viewer.scope, plan.as_ref()).await?,
            _ => None,
        };
        let found = match fallback {
            None => found,
            plan => self.counted(viewer, filter, plan.as_ref(), runs).await?,
        };
        Ok((found.facets, found.runs))
    }

    /// The facets of what is looked for once.
    async fn counted(
        &self,
        viewer: Viewer<'_>,
        filter: &ItemFilter,
        plan: Option<&Plan>,
        runs: bool,
    ) -> Result<Counts, StoreError> {
        let backend = self.db.get_database_backend();
        let statement = backend.build(&statement(backend, viewer, filter, plan, runs));
        let rows = if plan.is_some_and(Plan::reads) {
            let scan = self.begin_scan().await?;
            scan.tx.query_all_raw(statement).await?
        } else {
            let _read = self.long_reads.acquire().await.ok();
            self.db.query_all_raw(statement).await?
        };
        let mut counts = Counts::default();
        for row in rows {
            let facet: String = row.try_get_by_index(0)?;
            let count = u64::try_from(row.try_get_by_index::<i64>(2)?).unwrap_or(0);
            if facet == TOTAL {
                counts.total = count;
            } else if facet == RUNS {
                counts.runs = count;
            } else if let Some(facet) = Facet::ALL.into_iter().find(|f| f.as_str() == facet) {
                let value = row.try_get_by_index(1)?;
                values(&mut counts.facets, facet).push(FacetValue { value, count });
            }
        }
        for facet in Facet::ALL {
            // Databases sort texts each in their own way.
            values(&mut counts.facets, facet)
                .sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        }
        Ok(counts)
    }
}

/// How many items there are.
#[derive(Default)]
struct Counts {
    facets: Facets,
    /// That pass all filters.
    total: u64,
    /// That do, and run where the viewer may submit.
    runs: u64,
}

fn values(facets: &mut Facets, facet: Facet) -> &mut Vec<FacetValue> {
    match facet {
        Facet::Type => &mut facets.kind,
        Facet::Category => &mut facets.category,
        Facet::Tag => &mut facets.tag,
        Facet::Author => &mut facets.author,
        Facet::Visibility => &mut facets.visibility,
        Facet::Status => &mut facets.status,
    }
}

/// The column that says whether an item passes the filter of a facet.
fn passes(facet: Facet) -> String {
    format!("passes_{}", facet.as_str())
}

/// The statement that counts by all facets, the values of one together, and all of it
/// as [`TOTAL`].
fn statement(
    backend: DbBackend,
    viewer: Viewer<'_>,
    filter: &ItemFilter,
    plan: Option<&Plan>,
    with_runs: bool,
) -> WithQuery {
    let base = Facet::none_in(filter);
    let item_query = ItemQuery {
        viewer,
        filter: &base,
        plan,
    };
    let mut found = item_query.query(backend, None);
    found
        .column((items::Entity, items::Column::Id))
        .column((items::Entity, items::Column::Kind))
        .column((items::Entity, items::Column::Author))
        .column((items::Entity, items::Column::Status))
        .expr_as(visibility(), "visibility");
    let mut filtered = Vec::new();
    for facet in Facet::ALL {
        if let Some(condition) = facet.filter(backend, None, filter) {
            let flag = CaseStatement::new().case(condition, 1).finally(0);
            found.expr_as(flag, passes(facet));
            filtered.push(facet);
        }
    }
    let passing = |but: Option<Facet>| {
        let others = filtered.iter().filter(|facet| Some(**facet) != but);
        others.fold(Condition::all(), |all, facet| {
            all.add(Expr::col((FOUND, passes(*facet))).eq(1))
        })
    };
    let total = |name: &str| {
        Query::select()
            .expr(Expr::cust(format!("'{name}'")))
            .expr(Expr::cust("''"))
            .expr(Expr::cust("COUNT(*)"))
            .from(FOUND)
            .cond_where(passing(None))
            .to_owned()
    };
    let mut all = total(TOTAL);
    if with_runs {
        let flag = CaseStatement::new().case(runs_here(backend, None, viewer), 1);
        found.expr_as(flag.finally(0), RUNS);
        let mut running = total(RUNS);
        running.and_where(Expr::col((FOUND, RUNS)).eq(1));
        all.union(UnionType::All, running);
    }
    for facet in Facet::ALL {
        all.union(UnionType::All, counts(facet, passing(Some(facet))));
    }
    let found = CommonTableExpression::new()
        .query(found)
        .table_name(FOUND)
        // Once, however often it is named.
        .materialized(true)
        .to_owned();
    all.with(WithClause::new().cte(found).to_owned())
}

/// Counts the items that pass by the values of a facet, the most frequent first. Rows of
/// old databases that have none are not counted.
fn counts(facet: Facet, passing: Condition) -> SelectStatement {
    let mut query = Query::select();
    query.from(FOUND).cond_where(passing);
    let value = match facet {
        Facet::Category => join(&mut query, LabelKind::Category),
        Facet::Tag => join(&mut query, LabelKind::Tag),
        Facet::Type | Facet::Author | Facet::Visibility | Facet::Status => {
            Expr::col((FOUND, facet.as_str()))
        }
    };
    query
        .expr_as(Expr::cust(format!("'{}'", facet.as_str())), "facet")
        .expr_as(value.clone(), "value")
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .and_where(value.is_not_null())
        .add_group_by([Expr::cust("2")])
        .order_by("count", Order::Desc)
        .order_by("value", Order::Asc)
        .limit(MAX_VALUES);
    // A part of a union has no order or limit of its own.
    Query::select()
        .expr(Expr::cust("*"))
        .from_subquery(query, "counted")
        .to_owned()
}

/// Joins the labels of what was found; answers their names.
fn join(query: &mut SelectStatement, kind: LabelKind) -> Expr {
    let (links, column) = kind.links();
    let label = |column| Expr::col((kind.table(), column));
    query
        .inner_join(
            links,
            Expr::col((links, "item_id")).equals((FOUND, items::Column::Id)),
        )
        .inner_join(kind.table(), label("id").equals((links, column)));
    label("name")
}
