//! The catalogue: what there is to start from, narrowed down by the hash. Without filters
//! it has a section for each reason why the user sees an item; with filters it is one list.
//!
//! What the first cards do not need comes right after them, in a chunk ([`tools`]).

mod browse;
mod card;
mod part;
mod search;
mod section;
mod several;
mod tools;

use leptos::prelude::*;

use self::browse::{Browse, Part};
use crate::chunks::show;
use crate::components::failure::failure;
use crate::components::live::live;
use crate::list_cache::ListCache;
use crate::messages;
use crate::navigation::Navigation;
use crate::route::{Facet, Filters, Route};
use crate::scroll::Scroll;
use crate::session::Session;
use crate::title::Title;

/// The list page.
pub(crate) fn page() -> AnyView {
    let session = Session::current();
    let (navigation, scroll) = (Navigation::current(), Scroll::current());
    let filters = Memo::new(move |former: Option<&Filters>| match navigation.get() {
        Route::List(filters) => filters,
        // On the way to another page: nothing to load any more.
        _ => former.cloned().unwrap_or_default(),
    });
    come_back(&filters.get_untracked());
    let browse = Browse::new(filters);
    // Who takes a filter away goes on from where it was.
    Effect::new(move |former: Option<()>| {
        filters.track();
        if former.is_some() {
            scroll.keep_focus(".chip");
        }
    });
    let user = session.user;
    let is_mine = Memo::new(move |_| {
        filters.with(|filters| {
            filters.get(Facet::Author) == Some(&user)
                || filters.has(Facet::Starred, "true")
                || filters.has(Facet::Used, "true")
        })
    });
    let title = Title::current();
    Effect::new(move |_| {
        title.set(if is_mine.get() {
            messages::app::my_things()
        } else {
            messages::app::browse()
        });
    });
    let heading = move || {
        if is_mine.get() {
            messages::list::my_things()
        } else {
            messages::list::title()
        }
    };
    view! {
        <div class="head">
            <h1>{live(heading)}</h1>
            <a class="button primary" href=Route::Create.hash()>{messages::list::create()}</a>
        </div>
        {search::field(filters)}
        {results(browse)}
    }
    .into_any()
}

/// Puts the list back to where the user left it, and keeps where that was.
fn come_back(filters: &Filters) {
    let (list_cache, scroll, navigation) = (
        ListCache::current(),
        Scroll::current(),
        Navigation::current(),
    );
    let kept = list_cache.get();
    if kept.filters == *filters && !kept.sections.is_empty() {
        scroll.restore(kept.scroll);
        if let Some(item) = kept.left_to {
            scroll.focus(format!("a[href=\"{}\"]", Route::detail(item).hash()));
        }
    } else {
        scroll.restore(0);
        list_cache.update(|kept| {
            kept.filters = filters.clone();
            kept.sections.clear();
        });
    }
    on_cleanup(move || {
        let left_to = match navigation.get_untracked() {
            Route::Detail { id, .. } => Some(id),
            _ => None,
        };
        list_cache.update(|kept| {
            kept.scroll = scroll.get();
            kept.left_to = left_to;
        });
    });
}

/// All below the search field.
fn results(browse: Browse) -> AnyView {
    let Browse {
        parts,
        total,
        reload,
        ..
    } = browse;
    let failure_now = move || browse.failure();
    let has_failed = Memo::new(move |_| failure_now().is_some());
    let is_busy = Memo::new(move |_| parts.get().into_iter().any(Part::is_loading));
    // From the first cards on, or from what stands in their place.
    let has_begun = Memo::new(move |former: Option<&bool>| {
        former.is_some_and(|begun| *begun) || has_failed.get() || parts.get()[0].total().is_some()
    });
    let found = move || match (is_busy.get(), total.get()) {
        (false, Some(total)) => messages::list::items(total),
        _ => String::new(),
    };
    let bar = move || {
        has_begun.get().then(|| {
            show(tools::list_tools, move |tools| {
                browse.tools.set(Some(tools));
                (tools.bar)(browse)
            })
        })
    };
    let facets = move || browse.tools.get().map(|tools| (tools.facets)(browse));
    let shown = move || {
        let parts = parts.get().into_iter();
        let shown = parts.scan(Signal::stored(true), move |all_before, part| {
            // They come one below the other: what one reads must not move down.
            let before = *all_before;
            let is_next = Memo::new(move |_| before.get());
            *all_before = Signal::derive(move || before.get() && part.total().is_some());
            Some(live(move || {
                is_next.get().then(|| part::view(browse, part))
            }))
        });
        shown.collect_view()
    };
    let rest = move || match total.get() {
        _ if has_failed.get() => ().into_any(),
        // The sections that are here already are followed by the others.
        None if parts.get()[0].total().is_some() => ().into_any(),
        None => skeleton(),
        Some(0) => live(move || browse.tools.get().map(|tools| (tools.nothing)(browse))),
        Some(_) => ().into_any(),
    };
    view! {
        <p class="sr" role="status">{live(found)}</p>
        <div class="bar">{live(bar)}</div>
        <div class="browse">
            <div class="side">{live(facets)}</div>
            <div
                class="results"
                class:stale=Signal::derive(move || is_busy.get())
                aria-busy=Signal::derive(move || is_busy.get().to_string())
            >
                {live(move || failure_now().map(|reason| failure(&reason, move || reload.notify())))}
                {live(shown)}
                {live(rest)}
            </div>
        </div>
        {live(move || browse.tools.get().map(|tools| (tools.dock)(browse)))}
    }
    .into_any()
}

/// Stands for cards that are on their way.
fn skeleton() -> AnyView {
    let cards =
        (0..8).map(|_| view! { <li><div class="card skeleton"><i></i><i></i><i></i></div></li> });
    view! { <ul class="cards" aria-hidden="true">{cards.collect_view()}</ul> }.into_any()
}
