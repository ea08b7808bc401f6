//! New items with all that belongs to them, in as few statements as there can
//! be: on `PostgreSQL` every statement is a message there and back, which takes
//! longer than most of the work.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::InsertStatement;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryTrait};
use shared::wire::{AuditAction, CategoryRef, Item, TagRef};

use super::entity::items;
use super::items::model;
use super::relations::Relations;
use super::search::{self, Texts};
use super::{Store, audit, categories, dialect, new_id, now, tags};
use crate::problem::Refusal;

impl Store {
    /// Keeps a new item on behalf of its author and gives it an id and its
    /// times. Tags that do not exist yet are made.
    ///
    /// # Errors
    /// 400 when one of its categories does not exist.
    pub async fn create_item(&self, mut item: Item) -> Result<String, Refusal> {
        item.id = new_id();
        let author = item.author.as_deref().unwrap_or_default();
        let line = audit::line(author, AuditAction::Create, (&item).into(), &audit::NOTHING);
        let tx = self.begin().await?;
        write(&tx, std::slice::from_ref(&item), vec![line]).await?;
        tx.commit().await?;
        Ok(item.id)
    }

    /// Keeps many new items at once, which is faster than one by one, and gives
    /// each an id and its times. Nobody is recorded as having done it.
    ///
    /// # Errors
    /// 400 when one of their categories does not exist; then none is kept.
    pub async fn create_items(&self, items: &mut [Item]) -> Result<(), Refusal> {
        for item in &mut *items {
            item.id = new_id();
        }
        let tx = self.begin().await?;
        write(&tx, items, Vec::new()).await?;
        Ok(tx.commit().await?)
    }
}

/// Tags and categories come first: their rows are locked in the same order by
/// everybody, and the items' own rows keep a copy of them.
async fn write<C: ConnectionTrait>(
    tx: &C,
    items: &[Item],
    more: Vec<InsertStatement>,
) -> Result<(), Refusal> {
    if items.is_empty() {
        return Ok(());
    }
    let tags = tags::ensure(tx, &names(items, |item| &item.tags)).await?;
    let categories = categories::resolve(tx, &names(items, |item| &item.categories)).await?;
    let texts: Vec<Texts<'_>> = items.iter().map(Texts::of).collect();
    let mut statements = rows(tx.get_database_backend(), items, &tags, &categories, now());
    statements.extend(search::inserts(tx, &texts).await?);
    statements.extend(more);
    Ok(dialect::insert_all(tx, statements).await?)
}

fn names(items: &[Item], of: impl Fn(&Item) -> &Vec<String>) -> Vec<String> {
    let names: BTreeSet<&String> = items.iter().flat_map(of).collect();
    names.into_iter().cloned().collect()
}

fn rows(
    backend: DbBackend,
    items: &[Item],
    tags: &[TagRef],
    categories: &[CategoryRef],
    time: DateTime<Utc>,
) -> Vec<InsertStatement> {
    let mut models = Vec::with_capacity(items.len());
    let (mut with_tag, mut in_category, mut in_group) = (Vec::new(), Vec::new(), Vec::new());
    for item in items {
        let tags = tags.iter().filter(|tag| item.tags.contains(&tag.name));
        let categories = categories
            .iter()
            .filter(|category| item.categories.contains(&category.name));
        let groups: BTreeSet<&String> = item.group_list.iter().collect();
        with_tag.extend(tags.clone().map(|tag| [&*item.id, &*tag.id]));
        in_category.extend(categories.clone().map(|found| [&*item.id, &*found.id]));
        in_group.extend(groups.into_iter().map(|group| [&*item.id, &**group]));
        let relations = Relations::new(
            tags.cloned().collect(),
            categories.cloned().collect(),
            item.group_list.clone(),
        );
        let model = items::Model {
            relations: relations.to_json(),
            ..model(item, time)
        };
        models.push(model.into_active_model());
    }
    let ties = [
        ("item_tags", ["item_id", "tag_id"], with_tag),
        ("item_categories", ["item_id", "category_id"], in_category),
        ("item_groups", ["item_id", "name"], in_group),
    ];
    let items = items::Entity::insert_many(models).into_query();
    let ties = ties.into_iter().filter(|(_, _, pairs)| !pairs.is_empty());
    let ties =
        ties.map(|(table, columns, pairs)| dialect::insert_pairs(backend, table, columns, &pairs));
    std::iter::once(items).chain(ties).collect()
}
