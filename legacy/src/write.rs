//! Writing rows of ours, many at a time.

use std::collections::HashSet;

use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel};
use shared::wire::OFFICIAL_CATEGORY;

use super::names::Entry;
use store::Transaction;
use store::entity::{categories, item_categories, item_groups, item_tags, items, stars, tags};
use store::official;
use store::search;

/// Rows that one statement inserts: the widest table has some 40 columns, so they
/// stay below the 65,535 parameters that `PostgreSQL` takes.
const ROWS_PER_INSERT: usize = 500;

/// Rows of ours that are ready to be written.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) items: Vec<items::Model>,
    pub(super) item_tags: Vec<item_tags::Model>,
    pub(super) item_categories: Vec<item_categories::Model>,
    pub(super) groups: Vec<item_groups::Model>,
    pub(super) stars: Vec<stars::Model>,
}

impl Rows {
    pub(super) async fn write(self, tx: &Transaction) -> Result<(), DbErr> {
        let ids: Vec<String> = self.items.iter().map(|item| item.id.clone()).collect();
        insert::<items::Entity, _>(tx, self.items).await?;
        insert::<item_tags::Entity, _>(tx, self.item_tags).await?;
        insert::<item_categories::Entity, _>(tx, self.item_categories).await?;
        insert::<item_groups::Entity, _>(tx, self.groups).await?;
        insert::<stars::Entity, _>(tx, self.stars).await?;
        // After the rest, because tags are looked for too.
        search::refresh(tx, &ids).await
    }
}

/// Inserts the rows, a few hundred at a time.
pub(super) async fn insert<E, A>(tx: &Transaction, rows: Vec<E::Model>) -> Result<(), DbErr>
where
    E: EntityTrait<ActiveModel = A>,
    E::Model: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E>,
{
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    while rows.len() > 0 {
        E::insert_many(rows.by_ref().take(ROWS_PER_INSERT))
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// The row of a tag; `taken` are the folded names of all others.
pub(super) fn tag(name: Entry, taken: &mut HashSet<String>) -> tags::Model {
    let mut search_name = search::fold(&name.name);
    if !taken.insert(search_name.clone()) {
        search_name = format!("{search_name}\u{1}{}", name.id);
    }
    tags::Model {
        search_name,
        is_explicit: name.color.is_some() || name.description.is_some() || name.extras.is_some(),
        id: name.id,
        name: name.name,
        color: name.color,
        description: name.description,
        extras: name.extras,
        created_at: name.created_at,
        updated_at: name.updated_at,
    }
}

/// The row of a category.
pub(super) fn category(name: Entry) -> categories::Model {
    let kept = (name.name == OFFICIAL_CATEGORY).then(|| official::DESCRIPTION.to_owned());
    categories::Model {
        id: name.id,
        name: name.name,
        description: name.description.or(kept),
        extras: name.extras,
        created_at: name.created_at,
        updated_at: name.updated_at,
    }
}
