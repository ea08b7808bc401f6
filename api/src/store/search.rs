//! What a keyword is looked for in, and how.

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr};
use sea_orm::{Condition, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait};

use super::entity::{item_search, item_tags, items, tags};

/// Folds the case the same way for every database.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// Writes down anew what a keyword is looked for in.
pub(crate) async fn index<C: ConnectionTrait>(db: &C, item: &items::Model) -> Result<(), DbErr> {
    use sea_orm::sea_query::OnConflict;

    let fields = [&item.name, &item.author, &item.summary, &item.description];
    let texts: Vec<&str> = fields.into_iter().flatten().map(String::as_str).collect();
    let row = item_search::Model {
        item_id: item.id.clone(),
        haystack: fold(&texts.join("\n")),
    };
    item_search::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(item_search::Column::ItemId)
                .update_column(item_search::Column::Haystack)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Items in which `keyword` occurs, in any case: in name, author, summary,
/// description or a tag's name (contract, section 3).
pub(super) fn matches(keyword: &str) -> Condition {
    let needle = contains(&fold(keyword));
    let in_text: SelectStatement = item_search::Entity::find()
        .select_only()
        .column(item_search::Column::ItemId)
        .filter(item_search::Column::Haystack.like(needle.clone()))
        .into_query();
    let in_tags = Query::select()
        .column((item_tags::Entity, item_tags::Column::ItemId))
        .from(item_tags::Entity)
        .inner_join(
            tags::Entity,
            Expr::col((tags::Entity, tags::Column::Id))
                .equals((item_tags::Entity, item_tags::Column::TagId)),
        )
        .and_where(Expr::col((tags::Entity, tags::Column::SearchName)).like(needle))
        .to_owned();
    Condition::any()
        .add(items::Column::Id.in_subquery(in_text))
        .add(items::Column::Id.in_subquery(in_tags))
}

/// A pattern that finds `text` anywhere; `%` and `_` in it are plain
/// characters.
fn contains(text: &str) -> LikeExpr {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}
