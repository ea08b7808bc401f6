//! The labels and groups of items, of which their own rows keep a copy.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use shared::wire::{CategoryRef, TagRef};

use super::dialect;
use super::entity::item_groups;
use super::links::{self, LabelKind, LinkedLabel};

/// Ids in one list, which is a single parameter: well below a megabyte.
const IDS_PER_QUERY: usize = 1_000;

/// The table of groups, and its column beside `item_id`.
pub(super) const GROUPS: (&str, &str) = ("item_groups", "name");

/// What belongs to one item.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Relations {
    pub(super) tags: Vec<TagRef>,
    pub(super) categories: Vec<CategoryRef>,
    pub(super) groups: Vec<String>,
}

impl Relations {
    /// Reads what the item's own row keeps of it.
    pub(super) fn from_json(json: &str) -> Result<Self, DbErr> {
        serde_json::from_str(json).map_err(|error| DbErr::Json(error.to_string()))
    }

    /// What the item's own row keeps of it.
    pub(super) fn to_json(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// Puts all of it in the order of names, as it is kept.
    pub(super) fn sort(&mut self) {
        self.tags.sort_by(|a, b| a.name.cmp(&b.name));
        self.categories.sort_by(|a, b| a.name.cmp(&b.name));
        self.groups.sort_unstable();
    }
}

/// Reads what belongs to the items; those with nothing are missing from the
/// answer.
pub(super) async fn of_items<C: ConnectionTrait>(
    db: &C,
    ids: &[String],
) -> Result<HashMap<String, Relations>, DbErr> {
    let mut all: HashMap<String, Relations> = HashMap::new();
    for ids in ids.chunks(IDS_PER_QUERY) {
        for LinkedLabel {
            item_id,
            id,
            name,
            color,
        } in links::of_items(db, LabelKind::Tag, ids).await?
        {
            let tags = &mut all.entry(item_id).or_default().tags;
            tags.push(TagRef { id, name, color });
        }
        for LinkedLabel {
            item_id, id, name, ..
        } in links::of_items(db, LabelKind::Category, ids).await?
        {
            let categories = &mut all.entry(item_id).or_default().categories;
            categories.push(CategoryRef { id, name });
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
    let pairs = names.iter().map(|name| [item_id.to_owned(), name.clone()]);
    links::insert(db, GROUPS, &pairs.collect::<Vec<_>>()).await
}
