//! What ties items to tags, categories and groups: read for many items at a
//! time, replaced for one.

pub(super) mod lock;

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
};
use serde::{Deserialize, Serialize};
use shared::wire::{CategoryRef, TagRef};

use super::dialect;
use super::entity::{categories, item_categories, item_groups, item_tags, tags};

/// Ids in one list, which is a single parameter: well below a megabyte.
const IDS_PER_QUERY: usize = 1_000;

/// What belongs to one item.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Relations {
    pub(super) tags: Vec<TagRef>,
    pub(super) categories: Vec<CategoryRef>,
    pub(super) groups: Vec<String>,
}

impl Relations {
    /// Puts together what belongs to an item, in the order of names.
    pub(super) fn new(
        tags: Vec<TagRef>,
        categories: Vec<CategoryRef>,
        groups: Vec<String>,
    ) -> Self {
        let mut relations = Self {
            tags,
            categories,
            groups,
        };
        relations.sort();
        relations
    }

    /// Reads what the item's own row keeps of it.
    pub(super) fn from_json(json: &str) -> Result<Self, DbErr> {
        serde_json::from_str(json).map_err(|error| DbErr::Json(error.to_string()))
    }

    /// What the item's own row keeps of it.
    pub(super) fn to_json(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    fn sort(&mut self) {
        self.tags.sort_by(|a, b| a.name.cmp(&b.name));
        self.categories.sort_by(|a, b| a.name.cmp(&b.name));
        self.groups.sort_unstable();
    }
}

#[derive(FromQueryResult)]
struct TagRow {
    item_id: String,
    id: String,
    name: String,
    color: Option<String>,
}

#[derive(FromQueryResult)]
struct CategoryRow {
    item_id: String,
    id: String,
    name: String,
}

/// Reads what belongs to the items; those with nothing are missing from the
/// answer.
pub(super) async fn of_items<C: ConnectionTrait>(
    db: &C,
    ids: &[&str],
) -> Result<HashMap<String, Relations>, DbErr> {
    let mut all: HashMap<String, Relations> = HashMap::new();
    for ids in ids.chunks(IDS_PER_QUERY) {
        for row in tag_rows(db, ids).await? {
            all.entry(row.item_id).or_default().tags.push(TagRef {
                id: row.id,
                name: row.name,
                color: row.color,
            });
        }
        for row in category_rows(db, ids).await? {
            let relations = all.entry(row.item_id).or_default();
            relations.categories.push(CategoryRef {
                id: row.id,
                name: row.name,
            });
        }
        let groups = item_groups::Entity::find()
            .filter(dialect::among(db.get_database_backend(), "item_id", ids))
            .all(db)
            .await?;
        for row in groups {
            all.entry(row.item_id).or_default().groups.push(row.name);
        }
    }
    all.values_mut().for_each(Relations::sort);
    Ok(all)
}

async fn tag_rows<C: ConnectionTrait>(db: &C, ids: &[&str]) -> Result<Vec<TagRow>, DbErr> {
    let query = Query::select()
        .column((item_tags::Entity, item_tags::Column::ItemId))
        .column((tags::Entity, tags::Column::Id))
        .column((tags::Entity, tags::Column::Name))
        .column((tags::Entity, tags::Column::Color))
        .from(item_tags::Entity)
        .inner_join(
            tags::Entity,
            Expr::col((tags::Entity, tags::Column::Id))
                .equals((item_tags::Entity, item_tags::Column::TagId)),
        )
        .and_where(dialect::among(
            db.get_database_backend(),
            "item_tags.item_id",
            ids,
        ))
        .to_owned();
    let rows = db.query_all(&query).await?;
    rows.iter()
        .map(|row| TagRow::from_query_result(row, ""))
        .collect()
}

async fn category_rows<C: ConnectionTrait>(
    db: &C,
    ids: &[&str],
) -> Result<Vec<CategoryRow>, DbErr> {
    let query = Query::select()
        .column((item_categories::Entity, item_categories::Column::ItemId))
        .column((categories::Entity, categories::Column::Id))
        .column((categories::Entity, categories::Column::Name))
        .from(item_categories::Entity)
        .inner_join(
            categories::Entity,
            Expr::col((categories::Entity, categories::Column::Id))
                .equals((item_categories::Entity, item_categories::Column::CategoryId)),
        )
        .and_where(dialect::among(
            db.get_database_backend(),
            "item_categories.item_id",
            ids,
        ))
        .to_owned();
    let rows = db.query_all(&query).await?;
    rows.iter()
        .map(|row| CategoryRow::from_query_result(row, ""))
        .collect()
}

/// Makes `names` the item's groups.
pub(super) async fn set_groups<C: ConnectionTrait>(
    db: &C,
    item_id: &str,
    names: &[String],
) -> Result<(), DbErr> {
    item_groups::Entity::delete_many()
        .filter(item_groups::Column::ItemId.eq(item_id))
        .exec(db)
        .await?;
    if names.is_empty() {
        return Ok(());
    }
    let rows = names.iter().map(|name| {
        item_groups::Model {
            item_id: item_id.to_owned(),
            name: name.clone(),
        }
        .into_active_model()
    });
    item_groups::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Makes `tag_ids` the item's tags.
pub(super) async fn set_tags<C: ConnectionTrait>(
    db: &C,
    item_id: &str,
    tag_ids: &[String],
) -> Result<(), DbErr> {
    item_tags::Entity::delete_many()
        .filter(item_tags::Column::ItemId.eq(item_id))
        .exec(db)
        .await?;
    if tag_ids.is_empty() {
        return Ok(());
    }
    let rows = tag_ids.iter().map(|tag_id| {
        item_tags::Model {
            item_id: item_id.to_owned(),
            tag_id: tag_id.clone(),
        }
        .into_active_model()
    });
    item_tags::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Gives the item a tag; one that it has already stays.
pub(super) async fn add_tag<C: ConnectionTrait>(
    db: &C,
    item_id: &str,
    tag_id: &str,
) -> Result<(), DbErr> {
    let row = item_tags::Model {
        item_id: item_id.to_owned(),
        tag_id: tag_id.to_owned(),
    };
    item_tags::Entity::insert(row.into_active_model())
        .on_conflict(nothing(item_tags::Column::ItemId, item_tags::Column::TagId))
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Makes `category_ids` the item's categories.
pub(super) async fn set_categories<C: ConnectionTrait>(
    db: &C,
    item_id: &str,
    category_ids: &[String],
) -> Result<(), DbErr> {
    item_categories::Entity::delete_many()
        .filter(item_categories::Column::ItemId.eq(item_id))
        .exec(db)
        .await?;
    if category_ids.is_empty() {
        return Ok(());
    }
    let rows = category_ids.iter().map(|category_id| {
        item_categories::Model {
            item_id: item_id.to_owned(),
            category_id: category_id.clone(),
        }
        .into_active_model()
    });
    item_categories::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Puts the item into a category; one that it is in already stays.
pub(super) async fn add_category<C: ConnectionTrait>(
    db: &C,
    item_id: &str,
    category_id: &str,
) -> Result<(), DbErr> {
    let row = item_categories::Model {
        item_id: item_id.to_owned(),
        category_id: category_id.to_owned(),
    };
    item_categories::Entity::insert(row.into_active_model())
        .on_conflict(nothing(
            item_categories::Column::ItemId,
            item_categories::Column::CategoryId,
        ))
        .exec_without_returning(db)
        .await?;
    Ok(())
}

fn nothing<C: sea_orm::sea_query::IntoIden>(item: C, other: C) -> OnConflict {
    OnConflict::columns([item, other]).do_nothing().to_owned()
}
