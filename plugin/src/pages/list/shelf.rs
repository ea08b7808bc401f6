use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::Item;

use super::browse::{Browse, FEW, Shelf};
use super::card;
use crate::components::button::button;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::list_cache::{ListCache, Listing};
use crate::load::Tasks;
use crate::messages::{self, number};
use crate::navigation::Navigation;
use crate::route::{MOST, PAGE, Route};
use crate::scroll::Scroll;
use crate::session::Session;

/// Shows the section as soon as there is something in it.
pub(super) fn view(browse: Browse, shelf: Shelf) -> AnyView {
    let has_some = Memo::new(move |_| shelf.total().is_some_and(|total| total > 0));
    live(move || has_some.get().then(|| part(browse, shelf)))
}

fn part(browse: Browse, shelf: Shelf) -> AnyView {
    let id = format!("part-{}", shelf.index);
    let labelled = id.clone();
    let total = move || shelf.total().unwrap_or_default();
    let heading = match shelf.section {
        None => live(move || messages::list::items(total())),
        Some(section) => {
            view! { {section.title()} " " <span class="count">{live(total)}</span> }.into_any()
        }
    };
    let end = match shelf.section {
        None => more(browse, shelf),
        Some(section) => live(move || {
            (total() > FEW).then(|| {
                let href = Route::List(section.filters()).hash();
                let name = messages::list::show_all_of(section.title());
                view! { <p class="end"><a class="button" href=href aria-label=name>{messages::list::show_all(total())}</a></p> }
            })
        }),
    };
    view! {
        <section class="part" aria-labelledby=labelled>
            <h2 id=id>{heading}</h2>
            <ul class="cards">
                <For each=move || shelf.pages() key=|page| Arc::as_ptr(page).addr() let:page>
                    {cards(browse, page)}
                </For>
            </ul>
            {end}
        </section>
    }
    .into_any()
}

/// The way to the next page; its place in the list is kept in the hash.
fn more(browse: Browse, shelf: Shelf) -> AnyView {
    let (navigation, list_cache, toasts, scroll) = (
        Navigation::current(),
        ListCache::current(),
        Toasts::current(),
        Scroll::current(),
    );
    let client = Session::current().client;
    let tasks = Tasks::new();
    let is_busy = RwSignal::new(false);
    let here = Memo::new(move |_| {
        shelf
            .listing
            .with(|listing| listing.as_ref().map_or(0, Listing::len))
    });
    let load = move || {
        // What shows until a list is loaded is another one.
        if is_busy.get_untracked() || untrack(|| shelf.is_loading()) {
            return;
        }
        is_busy.set(true);
        let client = client.clone();
        let filters = browse.filters.get_untracked();
        let before = here.get_untracked();
        tasks.spawn(async move {
            match client.page(&filters.query(), before, PAGE).await {
                Err(reason) => toasts.refused(&reason),
                Ok(_) if browse.filters.try_get_untracked() != Some(filters.clone()) => {}
                Ok((items, total)) => {
                    let next = items
                        .first()
                        .map(|item| Route::detail(item.id.as_str()).hash());
                    let filters = filters.showing(before + items.len());
                    shelf.listing.update(|listing| {
                        if let Some(listing) = listing {
                            listing.add(items, total);
                            list_cache.keep(shelf.index, &filters, listing.clone());
                        }
                    });
                    navigation.replace(Route::List(filters));
                    // The button has moved away from where one reads.
                    if let Some(next) = next {
                        scroll.focus(format!("a[href=\"{next}\"]"));
                    }
                }
            }
            is_busy.set(false);
        });
    };
    let load = StoredValue::new(load);
    live(move || {
        let total = shelf
            .listing
            .with(|listing| listing.as_ref().map_or(0, |listing| listing.total));
        let here = here.get();
        (here < total).then(|| {
            let on = if here < MOST {
                button("button", messages::list::more(), move || load.with_value(|load| load()))
            } else {
                messages::list::narrow_down().into_any()
            };
            view! { <p class="end" class:busy=is_busy>{on} " " <span>{messages::list::so_many_of(&number(here), &number(total))}</span></p> }
        })
    })
}

fn cards(browse: Browse, page: Arc<Vec<Item>>) -> AnyView {
    let cards = (0..page.len()).map(|index| card::card(browse, page.clone(), index));
    cards.collect_view().into_any()
}
