//! The list as it was left, for an instant way back to it.

use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::Item;

use crate::route::{Filters, Route};

/// What the list showed last.
#[derive(Clone, Copy)]
pub(crate) struct ListCache(StoredValue<CachedList>);

/// A list that was shown.
#[derive(Clone, Default)]
pub(crate) struct CachedList {
    /// What it was filtered by.
    pub filters: Filters,
    /// What was on it; none once an item has changed.
    pub items: Option<Arc<Vec<Item>>>,
    /// How far down it was, in pixels.
    pub scroll: i32,
}

impl ListCache {
    /// Nothing was shown yet.
    pub(crate) fn new() -> Self {
        Self(StoredValue::new(CachedList::default()))
    }

    /// That of the app that is being built.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// The list as it was left.
    pub(crate) fn get(self) -> CachedList {
        self.0.get_value()
    }

    /// Changes what is remembered.
    pub(crate) fn update(self, change: impl FnOnce(&mut CachedList)) {
        self.0.update_value(change);
    }

    /// The hash of the list as the user left it.
    pub(crate) fn list_hash(self) -> String {
        Route::List(self.get().filters).hash()
    }

    /// Forgets the items, because one of them has changed.
    pub(crate) fn clear(self) {
        self.update(|cached| cached.items = None);
    }
}
