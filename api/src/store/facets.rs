//! How many items there are of each kind.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{
    CaseStatement, CommonTableExpression, Expr, ExprTrait, Order, Query, SelectStatement,
    UnionType, WithClause,
};
use shared::wire::{FacetValue, Facets, ItemFilter};

use super::Store;
use super::entity::{categories, item_categories, item_tags, items, tags};
use super::list::Viewer;
use super::search::Plan;
use super::wanted::Wanted;
use crate::problem::Refusal;

/// The most values of one facet: more than a page shows, few enough to send.
pub const MAX_VALUES: u64 = 100;

/// The items that are counted, as the statement calls them.
const FOUND: &str = "found";

impl Store {
    /// Counts the items that `viewer` may see and that `filter` lets through by type,
    /// category, tag, author and visibility, at most [`MAX_VALUES`] of each.
    ///
    /// # Errors
    /// 503 when too many others ask for what reads many texts.
    pub async fn facets(&self, viewer: Viewer<'_>, filter: &ItemFilter) -> Result<Facets, Refusal> {
        let wanted = |plan| Wanted {
            viewer: viewer.name,
            scope: viewer.scope,
            filter,
            plan,
        };
        let plan = self.plan(filter).await?;
        let facets = self.counted(wanted(plan.as_ref())).await?;
        if !facets.visibility.is_empty() {
            return Ok(facets);
        }
        match self.second_thought(viewer.scope, plan.as_ref()).await? {
            None => Ok(facets),
            plan => self.counted(wanted(plan.as_ref())).await,
        }
    }

    /// Counts what is wanted, which is looked for once.
    async fn counted(&self, wanted: Wanted<'_>) -> Result<Facets, Refusal> {
        let backend = self.db.get_database_backend();
        let statement = backend.build(&statement(found(wanted.query(backend, None))));
        let rows = if wanted.plan.is_some_and(Plan::reads) {
            let scan = self.begin_scan().await?;
            scan.tx.query_all_raw(statement).await?
        } else {
            let _read = self.long_reads.acquire().await.ok();
            self.db.query_all_raw(statement).await?
        };
        let mut facets = Facets::default();
        for row in rows {
            let count: i64 = row.try_get_by_index(2)?;
            let value = FacetValue {
                value: row.try_get_by_index(1)?,
                count: u64::try_from(count).unwrap_or(0),
            };
            let facet: String = row.try_get_by_index(0)?;
            match &*facet {
                "type" => facets.kind.push(value),
                "category" => facets.category.push(value),
                "tag" => facets.tag.push(value),
                "author" => facets.author.push(value),
                _ => facets.visibility.push(value),
            }
        }
        for values in [
            &mut facets.kind,
            &mut facets.category,
            &mut facets.tag,
            &mut facets.author,
            &mut facets.visibility,
        ] {
            // Databases sort texts each in their own way.
            values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        }
        Ok(facets)
    }
}

/// What is read of the items that are counted.
fn found(mut items: SelectStatement) -> SelectStatement {
    use items::Column as C;

    let column = |column| Expr::col((items::Entity, column));
    let visibility = CaseStatement::new()
        .case(column(C::IsPrivate).eq(true), "private")
        .case(column(C::IsPublic).eq(true), "public")
        .finally("protected");
    items
        .column((items::Entity, C::Id))
        .column((items::Entity, C::Kind))
        .column((items::Entity, C::Author))
        .expr_as(visibility, "visibility")
        .to_owned()
}

/// The statement that counts them by all facets, those of one facet together.
fn statement(found: SelectStatement) -> sea_orm::sea_query::WithQuery {
    let of_found = || Query::select().from(FOUND).to_owned();
    let in_category = of_found()
        .inner_join(
            item_categories::Entity,
            Expr::col((item_categories::Entity, item_categories::Column::ItemId))
                .equals((FOUND, items::Column::Id)),
        )
        .inner_join(
            categories::Entity,
            Expr::col((categories::Entity, categories::Column::Id))
                .equals((item_categories::Entity, item_categories::Column::CategoryId)),
        )
        .to_owned();
    let with_tag = of_found()
        .inner_join(
            item_tags::Entity,
            Expr::col((item_tags::Entity, item_tags::Column::ItemId))
                .equals((FOUND, items::Column::Id)),
        )
        .inner_join(
            tags::Entity,
            Expr::col((tags::Entity, tags::Column::Id))
                .equals((item_tags::Entity, item_tags::Column::TagId)),
        )
        .to_owned();
    let column = |name: &'static str| Expr::col((FOUND, name));
    let category = Expr::col((categories::Entity, categories::Column::Name));
    let tag = Expr::col((tags::Entity, tags::Column::Name));
    let mut all = facet("'type'", of_found(), column("type"));
    for (name, query, value) in [
        ("'category'", in_category, category),
        ("'tag'", with_tag, tag),
        ("'author'", of_found(), column("author")),
        ("'visibility'", of_found(), column("visibility")),
    ] {
        all.union(UnionType::All, facet(name, query, value));
    }
    let found = CommonTableExpression::new()
        .query(found)
        .table_name(FOUND)
        // Once, however often it is named.
        .materialized(true)
        .to_owned();
    all.with(WithClause::new().cte(found).to_owned())
}

/// Counts the rows of `query` by `value`, the most frequent first. Rows
/// of old databases that have none are not counted.
fn facet(name: &'static str, query: SelectStatement, value: Expr) -> SelectStatement {
    let counted = { query }
        .expr_as(Expr::cust(name), "facet")
        .expr_as(value.clone(), "value")
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .and_where(value.is_not_null())
        .add_group_by([Expr::cust("2")])
        .order_by("count", Order::Desc)
        .order_by("value", Order::Asc)
        .limit(MAX_VALUES)
        .to_owned();
    // A part of a union has no order or limit of its own.
    Query::select()
        .expr(Expr::cust("*"))
        .from_subquery(counted, "counted")
        .to_owned()
}
