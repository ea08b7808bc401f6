use leptos::prelude::*;

use crate::components::button::button;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::deletions::Deletions;
use crate::list_cache::{ListCache, Listing};
use crate::load::Tasks;
use crate::messages::{self, number};
use crate::navigation::Navigation;
use crate::pages::list::browse::{Browse, Part};
use crate::route::{MOST, PAGE, Route};
use crate::scroll::Scroll;
use crate::session::Session;

/// The way to the next page; its place in the list is kept in the hash.
pub(super) fn more(browse: Browse, part: Part) -> AnyView {
    let (navigation, list_cache, toasts, scroll) = (
        Navigation::current(),
        ListCache::current(),
        Toasts::current(),
        Scroll::current(),
    );
    let client = Session::current().client;
    let tasks = Tasks::new();
    let is_busy = RwSignal::new(false);
    let deletions = Deletions::current();
    // Those that are there still: the next page begins behind them.
    let here = Memo::new(move |_| {
        part.listing.with(|listing| {
            let items = listing.iter().flat_map(Listing::items);
            items.filter(|item| !deletions.is_gone(&item.id)).count()
        })
    });
    let load = move || {
        // What shows until a list is loaded is another one.
        if is_busy.get_untracked() || untrack(|| part.is_loading()) {
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
                    part.listing.update(|listing| {
                        if let Some(listing) = listing {
                            listing.add(items, total);
                            list_cache.put(part.index, &filters, listing.clone());
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
        let total = part
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
