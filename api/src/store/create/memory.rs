//! What new items usually come with. It is a guess that the statement which
//! relies on it checks, so nothing has to keep it up to date.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::wire::{CategoryRef, Item, TagRef};

use crate::store::search::pieces;

/// New pieces beyond these are looked up instead of taken for new ones: each is
/// a dozen rows, which are there already if the guess is wrong.
const MAX_NEW_PIECES: usize = 64;

/// Tags, and as many categories: well below a megabyte.
const MAX_NAMES: usize = 2_000;

/// Pieces, eight bytes each and what the set takes: below two megabytes.
const MAX_PIECES: usize = 100_000;

/// What a server remembers.
#[derive(Default)]
pub(super) struct Memory(Mutex<Known>);

#[derive(Default)]
struct Known {
    tags: HashMap<String, TagRef>,
    categories: HashMap<String, CategoryRef>,
    pieces: HashSet<i64>,
}

/// What is remembered for some items.
pub(super) struct Recalled {
    pub(super) tags: Vec<TagRef>,
    pub(super) categories: Vec<CategoryRef>,
    /// Pieces that are probably in no item yet.
    pub(super) new_pieces: BTreeSet<String>,
}

impl Memory {
    /// What to keep the items with, unless there is a tag or a category among
    /// theirs that is not remembered, or many of their pieces are new.
    pub(super) fn recall(&self, items: &[Item], pieces: &BTreeSet<String>) -> Option<Recalled> {
        let known = self.known();
        let tags: BTreeSet<&String> = items.iter().flat_map(|item| &item.tags).collect();
        let categories: BTreeSet<&String> =
            items.iter().flat_map(|item| &item.categories).collect();
        let new = pieces
            .iter()
            .filter(|piece| !known.pieces.contains(&pieces::code(piece)));
        let new: BTreeSet<String> = new.take(MAX_NEW_PIECES + 1).cloned().collect();
        if new.len() > MAX_NEW_PIECES {
            return None;
        }
        Some(Recalled {
            tags: all(tags, &known.tags)?,
            categories: all(categories, &known.categories)?,
            new_pieces: new,
        })
    }

    pub(super) fn remember(&self, tags: Vec<TagRef>, categories: Vec<CategoryRef>) {
        let mut known = self.known();
        known
            .tags
            .extend(tags.into_iter().map(|tag| (tag.name.clone(), tag)));
        let categories = categories.into_iter();
        known
            .categories
            .extend(categories.map(|category| (category.name.clone(), category)));
        if known.tags.len().max(known.categories.len()) > MAX_NAMES {
            known.tags.clear();
            known.categories.clear();
        }
    }

    /// Notes pieces that are in the vocabulary.
    pub(super) fn learn(&self, pieces: &BTreeSet<String>) {
        let mut known = self.known();
        known
            .pieces
            .extend(pieces.iter().map(|piece| pieces::code(piece)));
        if known.pieces.len() > MAX_PIECES {
            known.pieces.clear();
        }
    }

    pub(super) fn forget(&self) {
        *self.known() = Known::default();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn all<T: Clone>(names: BTreeSet<&String>, known: &HashMap<String, T>) -> Option<Vec<T>> {
    names
        .into_iter()
        .map(|name| known.get(name).cloned())
        .collect()
}
