//! What the parts of the list page share.

use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::Item;

use super::section::Section;
use crate::client::{Client, Failure};
use crate::deletions::Deletions;
use crate::list_cache::{ListCache, Listing};
use crate::load::{Load, Loaded};
use crate::route::{Filters, PAGE};
use crate::session::Session;

/// What the parts of the list page share.
#[derive(Clone, Copy)]
pub(crate) struct Browse {
    /// What the list is narrowed down to, how much of it shows included.
    pub(super) filters: Memo<Filters>,
    /// The sections of the list, or the one that is all of it.
    pub(super) parts: Memo<Vec<Part>>,
    /// How many items there are in all; none as long as it is not known.
    pub(super) total: Memo<Option<usize>>,
    /// Asks the server anew.
    pub(super) reload: RwSignal<()>,
    /// The chunk with all that the first cards do not need.
    pub(super) tools: RwSignal<Option<Tools>>,
    /// Whether the filters show where there is no room beside the list.
    pub(super) facets_open: RwSignal<bool>,
    /// The items that are selected; none when nothing is to be selected.
    pub(super) selected: RwSignal<Option<Vec<Item>>>,
}

/// The parts of the list page that come after the first cards.
#[derive(Clone, Copy)]
pub(crate) struct Tools {
    /// What stands above the list.
    pub bar: fn(Browse) -> AnyView,
    /// What stands beside it.
    pub facets: fn(Browse) -> AnyView,
    /// What can be done with an item on its card.
    pub card_controls: fn(Browse, &Item) -> AnyView,
    /// What can be done with several items.
    pub dock: fn(Browse) -> AnyView,
    /// What stands in the place of a list without items.
    pub nothing: fn(Browse) -> AnyView,
    /// What leads to the next page of a list.
    pub more: fn(Browse, Part) -> AnyView,
}

impl Browse {
    /// The state of a list page that is being built.
    pub(super) fn new(filters: Memo<Filters>) -> Self {
        let reload = RwSignal::new(());
        let is_whole = Memo::new(move |_| filters.with(Filters::is_empty));
        let parts = Memo::new_with_compare(
            move |_| {
                if is_whole.get() {
                    let sections = Section::ALL.iter().enumerate();
                    let open = |(index, section): (usize, &Section)| {
                        Part::open(index, Some(*section), filters, reload)
                    };
                    sections.map(open).collect()
                } else {
                    vec![Part::open(0, None, filters, reload)]
                }
            },
            |_, _| true,
        );
        let total = Memo::new(move |_| {
            let totals = parts.get().into_iter().map(Part::total);
            totals.sum::<Option<usize>>()
        });
        Self {
            filters,
            parts,
            total,
            reload,
            tools: RwSignal::new(None),
            facets_open: RwSignal::new(false),
            selected: RwSignal::new(None),
        }
    }
}

impl Browse {
    /// Why the list, or a section of it, is not there.
    pub(super) fn failure(self) -> Option<Failure> {
        self.parts.get().into_iter().find_map(Part::failure)
    }
}

/// So many items of a section show: what a large screen has room for.
pub(super) const FEW: usize = 24;

/// The most items that one request asks for: what the API allows, in whole pages.
const MOST_AT_ONCE: usize = 10 * PAGE;

/// A section of the list, or all of it.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    pub(super) index: usize,
    pub(super) section: Option<Section>,
    loaded: Loaded<Listing>,
    /// What shows: what was there before, until there is something newer.
    pub(super) listing: RwSignal<Option<Listing>>,
    deletions: Deletions,
}

impl Listing {
    /// Adds a page; items may have moved onto it from the one before.
    pub(super) fn add(&mut self, mut items: Vec<Item>, total: usize) {
        items.retain(|item| self.items().all(|old| old.id != item.id));
        self.total = total;
        if !items.is_empty() {
            self.pages.push(Arc::new(items));
        }
    }
}

/// The first `number` items that the query chooses.
async fn first(client: Client, query: String, number: usize) -> Result<Listing, Failure> {
    let mut listing = Listing::default();
    loop {
        let before = listing.len();
        let limit = (number - before).min(MOST_AT_ONCE);
        let (items, total) = client.page(&query, before, limit).await?;
        listing.add(items, total);
        let is_all = listing.len() >= number.min(total);
        if is_all || listing.len() == before {
            return Ok(listing);
        }
    }
}

impl Part {
    /// Begins to load the section, or the list that the filters choose.
    pub(super) fn open(
        index: usize,
        section: Option<Section>,
        filters: Memo<Filters>,
        reload: RwSignal<()>,
    ) -> Self {
        let list_cache = ListCache::current();
        let client = Session::current().client;
        let kept = list_cache.get();
        let is_same = filters.with_untracked(|now| *now == kept.filters);
        let kept = kept.sections.into_iter().nth(index).flatten();
        let listing = RwSignal::new(kept.filter(|_| is_same));
        // How much of it shows makes it no other list.
        let chosen = Memo::new(move |_| filters.with(|filters| filters.showing(PAGE)));
        let loaded = Loaded::new(move || {
            reload.track();
            let (query, number) = if let Some(section) = section {
                (section.filters().query(), FEW)
            } else {
                let number = filters.with_untracked(|filters| filters.shown);
                (chosen.with(Filters::query), number)
            };
            first(client.clone(), query, number)
        });
        Effect::new(move |_| {
            if let Some(fresh) = loaded.ready() {
                let filters = filters.get_untracked();
                list_cache.put(index, &filters, fresh.clone());
                if listing.with_untracked(|old| old.as_ref() != Some(&fresh)) {
                    listing.set(Some(fresh));
                }
            }
        });
        Self {
            index,
            section,
            loaded,
            listing,
            deletions: Deletions::current(),
        }
    }

    /// How many items there are; none as long as that is not known.
    pub(super) fn total(self) -> Option<usize> {
        self.listing.with(|listing| {
            let listing = listing.as_ref()?;
            let is_gone = |item: &&Item| self.deletions.hides(&item.id);
            let gone = listing.items().filter(is_gone);
            Some(listing.total.saturating_sub(gone.count()))
        })
    }

    pub(super) fn failure(self) -> Option<Failure> {
        match &*self.loaded.state.read() {
            Load::Failed(failure) => Some(failure.clone()),
            _ => None,
        }
    }

    pub(super) fn is_loading(self) -> bool {
        matches!(*self.loaded.state.read(), Load::Loading)
    }

    /// The items that are here.
    pub(super) fn pages(self) -> Vec<Arc<Vec<Item>>> {
        self.listing
            .with(|listing| listing.as_ref().map(|listing| listing.pages.clone()))
            .unwrap_or_default()
    }
}
