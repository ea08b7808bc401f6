//! How many items there are of each kind.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Order, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};
use shared::access::ReadScope;
use shared::wire::{FacetValue, Facets, ItemFilter};

use super::Store;
use super::entity::{categories, item_categories, item_tags, items, tags};
use super::wanted::Wanted;

/// The most values of one facet: more than a page shows, few enough to send.
pub const MAX_VALUES: u64 = 100;

impl Store {
    /// Counts the items within `scope` that `filter` lets through by type,
    /// category, tag, author and visibility, at most [`MAX_VALUES`] of each.
    pub async fn facets(&self, scope: ReadScope<'_>, filter: &ItemFilter) -> Result<Facets, DbErr> {
        use items::Column as C;

        let _read = self.long_reads.acquire().await.ok();
        let plan = self.working_plan(scope, filter).await?;
        let backend = self.db.get_database_backend();
        let wanted = Wanted {
            scope,
            filter,
            plan: plan.as_ref(),
        };
        let items = || wanted.query(backend, None);
        let column = |column| Expr::col((items::Entity, column));
        let visibility = CaseStatement::new()
            .case(column(C::IsPrivate).eq(true), "private")
            .case(column(C::IsPublic).eq(true), "public")
            .finally("protected");
        let in_category = items()
            .inner_join(
                item_categories::Entity,
                Expr::col((item_categories::Entity, item_categories::Column::ItemId))
                    .equals((items::Entity, C::Id)),
            )
            .inner_join(
                categories::Entity,
                Expr::col((categories::Entity, categories::Column::Id))
                    .equals((item_categories::Entity, item_categories::Column::CategoryId)),
            )
            .to_owned();
        let with_tag = items()
            .inner_join(
                item_tags::Entity,
                Expr::col((item_tags::Entity, item_tags::Column::ItemId))
                    .equals((items::Entity, C::Id)),
            )
            .inner_join(
                tags::Entity,
                Expr::col((tags::Entity, tags::Column::Id))
                    .equals((item_tags::Entity, item_tags::Column::TagId)),
            )
            .to_owned();
        let category = Expr::col((categories::Entity, categories::Column::Name));
        let tag = Expr::col((tags::Entity, tags::Column::Name));
        Ok(Facets {
            kind: self.counted(items(), column(C::Kind)).await?,
            category: self.counted(in_category, category).await?,
            tag: self.counted(with_tag, tag).await?,
            author: self.counted(items(), column(C::Author)).await?,
            visibility: self.counted(items(), visibility.into()).await?,
        })
    }

    /// Counts the rows of `query` by `value`, the most frequent first. Rows
    /// of old databases that have none are not counted.
    async fn counted(&self, query: SelectStatement, value: Expr) -> Result<Vec<FacetValue>, DbErr> {
        let query = { query }
            .expr_as(value.clone(), "value")
            .expr_as(Expr::cust("COUNT(*)"), "count")
            .and_where(value.is_not_null())
            .add_group_by([Expr::cust("1")])
            .order_by("count", Order::Desc)
            .order_by("value", Order::Asc)
            .limit(MAX_VALUES)
            .to_owned();
        let rows = self.db.query_all(&query).await?;
        let mut values = rows
            .iter()
            .map(|row| {
                let count: i64 = row.try_get_by_index(1)?;
                Ok(FacetValue {
                    value: row.try_get_by_index(0)?,
                    count: u64::try_from(count).unwrap_or(0),
                })
            })
            .collect::<Result<Vec<_>, DbErr>>()?;
        // Databases sort texts each in their own way.
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        Ok(values)
    }
}
