//! New items with all that belongs to them.
//!
//! On `PostgreSQL` every statement is a message there and back, which takes
//! longer than most of the work. So a server [remembers](memory) the tags,
//! categories and words that items usually come with, and keeps an item in one
//! statement, which sees to it that what is remembered is still true. Only if it
//! is not, or if there is nothing to remember, are they asked for. On both
//! databases, items that come at the same time [share](queue) what there is to
//! wait for.

mod memory;
mod queue;

use std::collections::BTreeSet;

use sea_orm::{DatabaseConnection, DbBackend};
use shared::wire::{AuditAction, CategoryRef, Item, TagRef};

use memory::Memory;
pub(super) use queue::Queue;

use super::audit::{self, Line};
use super::dialect::{self, New, NewItem};
use super::entity::items;
use super::items::model;
use super::relations::Relations;
use super::search::{Entry, Index, vocabulary};
use super::{Store, begin, categories, new_id, now, tags};
use crate::problem::{self, Refusal};

/// Keeps new items.
pub(super) struct Creator {
    writer: DatabaseConnection,
    memory: Memory,
}

impl Store {
    /// Keeps a new item on behalf of its author and gives it an id and its
    /// times. Tags that do not exist yet are made.
    ///
    /// # Errors
    /// 400 when one of its categories does not exist.
    pub async fn create_item(&self, mut item: Item) -> Result<String, Refusal> {
        item.id = new_id();
        let id = item.id.clone();
        let author = item.author.as_deref().unwrap_or_default();
        let line = audit::line(author, AuditAction::Create, (&item).into(), &audit::NOTHING);
        self.newcomers.keep(item, line).await?;
        Ok(id)
    }

    /// Keeps many new items at once, which is faster than one by one, and gives
    /// each an id and its times. Nobody is recorded as having done it. Thousands
    /// are more than one statement takes.
    ///
    /// # Errors
    /// 400 when one of their categories does not exist; then none is kept.
    pub async fn create_items(&self, items: &mut [Item]) -> Result<(), Refusal> {
        for item in &mut *items {
            item.id = new_id();
        }
        self.creator.create_step_by_step(items, &[]).await
    }
}

impl Creator {
    pub(super) fn new(writer: DatabaseConnection) -> Self {
        Self {
            writer,
            memory: Memory::default(),
        }
    }

    /// Keeps all of the items, or none.
    async fn create(&self, items: &[Item], lines: &[Line]) -> Result<(), Refusal> {
        if self.create_from_memory(items, lines).await? {
            return Ok(());
        }
        self.create_step_by_step(items, lines).await
    }

    /// Answers whether that was enough; if not, nothing was kept.
    async fn create_from_memory(&self, items: &[Item], lines: &[Line]) -> Result<bool, Refusal> {
        if self.writer.get_database_backend() != DbBackend::Postgres {
            return Ok(false);
        }
        let index = Index::of(items);
        let Some(known) = self.memory.recall(items, &index.pieces) else {
            return Ok(false);
        };
        let mut new = rows(items, index.entries, known.tags, known.categories);
        new.keys = vocabulary::keys(&known.new_pieces);
        let pieces = index.pieces.difference(&known.new_pieces);
        new.known_keys = pieces.map(|piece| vocabulary::whole(piece)).collect();
        new.lines = lines.to_vec();
        let kept = dialect::create(&self.writer, new).await?;
        if kept {
            self.memory.learn(&known.new_pieces);
        } else {
            self.memory.forget();
        }
        Ok(kept)
    }

    /// Tags and categories come first: their rows are locked in the same order
    /// by everybody, and the items' own rows keep a copy of them.
    async fn create_step_by_step(&self, items: &[Item], lines: &[Line]) -> Result<(), Refusal> {
        let index = Index::of(items);
        let tx = begin(&self.writer).await?;
        let tags = tags::ensure(&tx, &names(items, |item| &item.tags)).await?;
        let categories = categories::resolve(&tx, &names(items, |item| &item.categories)).await?;
        let new_pieces = vocabulary::unknown(&tx, &index.pieces).await?;
        let new = New {
            keys: vocabulary::keys(&new_pieces),
            lines: lines.to_vec(),
            ..rows(items, index.entries, tags.clone(), categories.clone())
        };
        if !dialect::create(&tx, new).await? {
            return Err(problem::internal(
                "a tag or category changed while it was locked",
            ));
        }
        tx.commit().await?;
        self.memory.remember(tags, categories);
        self.memory.learn(&index.pieces);
        Ok(())
    }
}

fn names(items: &[Item], of: impl Fn(&Item) -> &Vec<String>) -> Vec<String> {
    let names: BTreeSet<&String> = items.iter().flat_map(of).collect();
    names.into_iter().cloned().collect()
}

/// The items' own rows, and what ties them to others.
fn rows(
    items: &[Item],
    entries: Vec<Entry>,
    tags: Vec<TagRef>,
    categories: Vec<CategoryRef>,
) -> New {
    let time = now();
    let mut new = New::default();
    for (item, entry) in items.iter().zip(entries) {
        let with = |other: &str| [item.id.clone(), other.to_owned()];
        let tags = tags.iter().filter(|tag| item.tags.contains(&tag.name));
        let categories = categories
            .iter()
            .filter(|category| item.categories.contains(&category.name));
        let groups: BTreeSet<&String> = item.group_list.iter().collect();
        new.with_tag.extend(tags.clone().map(|tag| with(&tag.id)));
        let ties = categories.clone().map(|category| with(&category.id));
        new.in_category.extend(ties);
        new.in_group
            .extend(groups.into_iter().map(|name| with(name)));
        let relations = Relations::new(
            tags.cloned().collect(),
            categories.cloned().collect(),
            item.group_list.clone(),
        );
        let row = items::Model {
            relations: relations.to_json(),
            search_name: Some(entry.name),
            search_text: Some(entry.text),
            ..model(item, time)
        };
        let codes = entry.codes;
        new.items.push(NewItem { row, codes });
    }
    new.tags = tags;
    new.categories = categories;
    new
}
