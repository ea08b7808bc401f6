//! The list as it was left, for an instant way back to it.

use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::Item;

use crate::route::{Filters, PAGE, Route};

/// What the list showed last.
#[derive(Clone, Copy)]
pub(crate) struct ListCache {
    cached: StoredValue<CachedList>,
    changes: RwSignal<()>,
}

/// A list, or a section of one, as far as it is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    /// Its pages, one after the other.
    pub pages: Vec<Arc<Vec<Item>>>,
    /// How many items there are, here or not.
    pub total: usize,
}

impl PartialEq for Listing {
    /// Wherever its pages end.
    fn eq(&self, other: &Self) -> bool {
        self.total == other.total && self.items().eq(other.items())
    }
}

impl Listing {
    /// The items that are here.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.pages.iter().flat_map(|page| page.iter())
    }

    /// How many items are here.
    pub(crate) fn len(&self) -> usize {
        self.pages.iter().map(|page| page.len()).sum()
    }
}

/// A list that was shown.
#[derive(Clone, Default)]
pub(crate) struct CachedList {
    /// What it was filtered by.
    pub filters: Filters,
    /// What was on it, section by section; none once an item has changed.
    pub sections: Vec<Option<Listing>>,
    /// How far down it was, in pixels.
    pub scroll: i32,
    /// The item that the user went to from there.
    pub left_to: Option<String>,
}

impl ListCache {
    /// Nothing was shown yet.
    pub(crate) fn new() -> Self {
        Self {
            cached: StoredValue::new(CachedList::default()),
            changes: RwSignal::new(()),
        }
    }

    /// That of the app that is being built.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// The list as it was left.
    pub(crate) fn get(self) -> CachedList {
        self.cached.get_value()
    }

    /// Changes what is remembered.
    pub(crate) fn update(self, change: impl FnOnce(&mut CachedList)) {
        self.cached.try_update_value(change);
    }

    /// Remembers a section of the list that was filtered by `filters`.
    pub(crate) fn put(self, section: usize, filters: &Filters, listing: Listing) {
        self.update(|cached| {
            if cached.filters.showing(PAGE) != filters.showing(PAGE) {
                cached.sections.clear();
            }
            cached.filters = filters.clone();
            if cached.sections.len() <= section {
                cached.sections.resize(section + 1, None);
            }
            cached.sections[section] = Some(listing);
        });
    }

    /// Changes an item that may be on the list.
    pub(crate) fn change(self, id: &str, change: impl Fn(&mut Item)) {
        self.update(|cached| {
            let listings = cached.sections.iter_mut().flatten();
            for page in listings.flat_map(|listing| &mut listing.pages) {
                if let Some(index) = page.iter().position(|item| item.id == id) {
                    change(&mut Arc::make_mut(page)[index]);
                }
            }
        });
    }

    /// The hash of the list as the user left it.
    pub(crate) fn list_hash(self) -> String {
        Route::List(self.get().filters).hash()
    }

    /// Forgets the items, because one of them has changed.
    pub(crate) fn clear(self) {
        self.update(|cached| cached.sections.clear());
        self.changes.notify();
    }

    /// Lets what reads this run again each time an item has changed.
    pub(crate) fn track_changes(self) {
        self.changes.track();
    }
}
