//! New items: each is inserted in one transaction with all that belongs to it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use shared::wire::{CategoryRef, Item, TagRef};

use super::audit;
use super::entity::items;
use super::idempotency::{self, IdempotencyKey};
use super::items::model;
use super::labels::by_name;
use super::links::{self, LabelKind};
use super::relations::{self, Relations};
use super::search::{Entry, Index, vocabulary};
use super::{ItemToCreate, Store, StoreError, Transaction, dialect};

impl Store {
    /// Makes an item on behalf of its author and answers its id. Tags that do not exist
    /// yet are made. If its author has made an item with the key, that one's id is
    /// answered instead.
    ///
    /// # Errors
    /// [`StoreError::NoSuchCategory`], and [`StoreError::KeyReused`] when the key was
    /// used for another body.
    pub async fn create_item(
        &self,
        item: ItemToCreate,
        key: Option<&IdempotencyKey>,
    ) -> Result<String, StoreError> {
        let time = self.clock.now();
        let mut item = item.into_item(self.ids.next(), time, time);
        let author = item.author.clone().unwrap_or_default();
        let line = audit::created(time, &author, &item);
        let id = item.id.clone();
        let items = std::slice::from_mut(&mut item);
        let index = Index::of(items);
        let tx = self.begin().await?;
        if let Some(key) = key
            && let Some(made) = idempotency::claim(&tx, &author, key, &id).await?
        {
            return Ok(made);
        }
        insert(&tx, items, &[(time, time)], index, vec![line]).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Makes many items in one transaction and answers their ids. Nobody is recorded
    /// as having done it. A thousand at a time: their tags are one statement.
    ///
    /// # Errors
    /// [`StoreError::NoSuchCategory`]; then none is inserted.
    pub async fn create_items(&self, items: Vec<ItemToCreate>) -> Result<Vec<String>, StoreError> {
        let time = self.clock.now();
        let mut items: Vec<Item> = items
            .into_iter()
            .map(|item| item.into_item(self.ids.next(), time, time))
            .collect();
        let times = vec![(time, time); items.len()];
        let index = Index::of(&items);
        let tx = self.begin().await?;
        insert(&tx, &mut items, &times, index, Vec::new()).await?;
        tx.commit().await?;
        Ok(items.into_iter().map(|item| item.id).collect())
    }
}

/// Inserts the items, made and last changed at `times`, what `index` finds them by, and
/// lines of the audit: nothing for no items. Each table's rows are one statement.
///
/// # Errors
/// [`StoreError::NoSuchCategory`].
pub(super) async fn insert(
    tx: &Transaction,
    items: &mut [Item],
    times: &[(DateTime<Utc>, DateTime<Utc>)],
    mut index: Index,
    lines: Vec<audit::Line>,
) -> Result<(), StoreError> {
    if items.is_empty() {
        return Ok(());
    }
    // Tags and categories come first: their rows are locked in the same order by
    // everybody, and the items' own rows hold a copy of them.
    let tags = by_name::ensure_tags(tx, &names(items, |item| &item.tags)).await?;
    if rename_tags(items, &tags) {
        index = Index::of(items);
    }
    let categories = by_name::find_categories(tx, &names(items, |item| &item.categories)).await?;
    vocabulary::learn(tx, &index.tokens).await?;
    let rows = rows(items, times, index.entries, &tags, &categories);
    dialect::insert_items(tx, &rows.items).await?;
    links::insert(tx, LabelKind::Tag.links(), &rows.tags).await?;
    links::insert(tx, LabelKind::Category.links(), &rows.categories).await?;
    links::insert(tx, relations::GROUPS, &rows.groups).await?;
    Ok(audit::insert(tx, lines).await?)
}

/// Gives the items' tags the names that they have, which may be of another case than
/// those that were given; answers whether any differ.
fn rename_tags(items: &mut [Item], tags: &BTreeMap<String, TagRef>) -> bool {
    let mut differ = false;
    for name in items.iter_mut().flat_map(|item| &mut item.tags) {
        if let Some(tag) = tags.get(name)
            && tag.name != *name
        {
            name.clone_from(&tag.name);
            differ = true;
        }
    }
    differ
}

/// All names of the items' tags or categories.
fn names(items: &[Item], of: impl Fn(&Item) -> &Vec<String>) -> Vec<String> {
    let names: BTreeSet<&String> = items.iter().flat_map(of).collect();
    names.into_iter().cloned().collect()
}

/// The rows of new items. Links are pairs of an item's id and what it is linked to.
#[derive(Default)]
struct Rows {
    /// With the codes that each is found by.
    items: Vec<(items::Model, Vec<i64>)>,
    tags: Vec<[String; 2]>,
    categories: Vec<[String; 2]>,
    groups: Vec<[String; 2]>,
}

fn rows(
    items: &[Item],
    times: &[(DateTime<Utc>, DateTime<Utc>)],
    entries: Vec<Entry>,
    tags: &BTreeMap<String, TagRef>,
    categories: &[CategoryRef],
) -> Rows {
    // By id: several names may have led to one.
    let tags: BTreeMap<&str, &TagRef> = tags.values().map(|tag| (&*tag.id, tag)).collect();
    let mut rows = Rows::default();
    for ((item, entry), (created_at, updated_at)) in items.iter().zip(entries).zip(times) {
        let pair = |other: &str| [item.id.clone(), other.to_owned()];
        let tags = tags.values().filter(|tag| item.tags.contains(&tag.name));
        let categories = categories
            .iter()
            .filter(|category| item.categories.contains(&category.name));
        let groups: BTreeSet<&String> = item.group_list.iter().collect();
        rows.tags.extend(tags.clone().map(|tag| pair(&tag.id)));
        rows.categories
            .extend(categories.clone().map(|category| pair(&category.id)));
        rows.groups
            .extend(groups.into_iter().map(|name| pair(name)));
        let mut relations = Relations {
            tags: tags.map(|tag| (*tag).clone()).collect(),
            categories: categories.cloned().collect(),
            groups: item.group_list.clone(),
        };
        relations.sort();
        let row = items::Model {
            relations: relations.to_json(),
            search_name: Some(entry.name),
            search_text: Some(entry.text),
            updated_at: *updated_at,
            ..model(item, *created_at)
        };
        rows.items.push((row, entry.codes));
    }
    rows
}
