//! The catalogue: what there is to start from, narrowed down by the hash.

mod card;
mod filters;
mod sections;

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use shared::wire::Item;

use self::sections::{Section, sections};
use super::chunks;
use crate::components::failure::failure;
use crate::components::live::live;
use crate::list_cache::ListCache;
use crate::load::{Load, Loaded};
use crate::navigation::Navigation;
use crate::route::{Filters, Route};
use crate::scroll::Scroll;
use crate::session::Session;
use crate::text::count;

/// What fills a large screen: so many cards show before the rest is built.
const FIRST: usize = 24;
/// So many are then added at a time, so that the page stays responsive.
const MORE: usize = 64;

/// The list page.
pub(crate) fn page() -> AnyView {
    let session = Session::current();
    let navigation = Navigation::current();
    let list_cache = ListCache::current();
    let filters = Memo::new(move |former: Option<&Filters>| match navigation.get() {
        Route::List(filters) => filters,
        // On the way to another page: nothing to load any more.
        _ => former.cloned().unwrap_or_default(),
    });
    let kept = list_cache.get();
    let kept = (kept.filters == filters.get_untracked()).then_some(kept);
    let items = RwSignal::new(kept.as_ref().and_then(|kept| kept.items.clone()));
    let client = session.client.clone();
    let loaded = Loaded::new(move || {
        let client = client.clone();
        let filters = filters.get();
        async move {
            let items = client.items(&filters.to_wire()).await?;
            Ok((filters, Arc::new(items)))
        }
    });
    Effect::new(move |_| {
        if let Some((filters, fresh)) = loaded.ready() {
            chunks::prefetch();
            list_cache.update(|kept| {
                kept.filters = filters;
                kept.items = Some(fresh.clone());
            });
            if items.with_untracked(|old| old.as_ref() != Some(&fresh)) {
                items.set(Some(fresh));
            }
        }
    });
    let restore = kept
        .filter(|kept| kept.items.is_some())
        .map(|kept| kept.scroll);
    // To get back to a place, everything above it must be there.
    let first = if restore.is_some_and(|scroll| scroll > 0) {
        usize::MAX
    } else {
        FIRST
    };
    remember_scroll(list_cache, restore);

    let failed = Memo::new(move |_| match &*loaded.state.read() {
        Load::Failed(failure) => Some(failure.clone()),
        _ => None,
    });
    let stale = move || matches!(*loaded.state.read(), Load::Loading);
    let mine = Some(session.user);
    let title = move || {
        if filters.get().author == mine {
            "My templates"
        } else {
            "Templates and data"
        }
    };
    view! {
        <div class="head">
            <h1>{live(title)}</h1>
            <a class="button primary" href=Route::Create.hash()>"Create"</a>
        </div>
        {filters::bar(filters)}
        <div class="results" class:stale=Signal::derive(stale) aria-busy=Signal::derive(move || stale().to_string())>
            {live(move || match (failed.get(), items.get()) {
                (Some(reason), _) => failure(&reason, move || loaded.retry()),
                (None, None) => skeleton(),
                (None, Some(items)) if items.is_empty() => nothing(&filters.get_untracked()),
                (None, Some(items)) => catalogue(&items, first),
            })}
        </div>
    }
    .into_any()
}

/// Puts the list back to where the user left it, and keeps where that was.
fn remember_scroll(list_cache: ListCache, restore: Option<i32>) {
    let scroll = Scroll::current();
    scroll.restore(restore.unwrap_or_default());
    on_cleanup(move || list_cache.update(|kept| kept.scroll = scroll.get()));
}

fn catalogue(items: &[Item], first: usize) -> AnyView {
    let total = items.len();
    let limit = RwSignal::new(first);
    Effect::new(move |_| {
        let now = limit.get();
        if now < total
            && let Ok(timer) =
                set_timeout_with_handle(move || limit.set(now + MORE), Duration::ZERO)
        {
            on_cleanup(move || timer.clear());
        }
    });
    let mut before = 0;
    let all = sections(items).into_iter().map(|(section, items)| {
        let start = before;
        before += items.len();
        part(
            section,
            items,
            Signal::derive(move || limit.get().saturating_sub(start)),
        )
    });
    let all = all.collect_view();
    view! {
        <p class="sr" role="status">{format!("{} found", count(total, "item"))}</p>
        {all}
    }
    .into_any()
}

fn part(section: Section, items: Vec<Item>, limit: Signal<usize>) -> AnyView {
    let number = items.len();
    let items = StoredValue::new(items);
    let shown = Memo::new(move |_| limit.get().min(number));
    view! {
        <section class="part" aria-labelledby=section.id()>
            <h2 id=section.id()>{section.title()} " " <span class="count">{number}</span></h2>
            <ul class="cards">
                <For each=move || 0..shown.get() key=|index| *index let:index>
                    <li>{items.with_value(|items| card::card(&items[index]))}</li>
                </For>
            </ul>
        </section>
    }
    .into_any()
}

fn nothing(filters: &Filters) -> AnyView {
    let create = Route::Create.hash();
    if *filters == Filters::default() {
        view! {
            <section class="state">
                <h2>"The catalogue is empty"</h2>
                <p>"Nobody has shared a template with you yet. Be the first to share one."</p>
                <a class="button primary" href=create>"Create a template"</a>
            </section>
        }
        .into_any()
    } else {
        view! {
            <section class="state">
                <h2>"Nothing matches"</h2>
                <p>"No item that you may see fits these filters. Take one away, or create what you miss."</p>
                <div class="actions">
                    <a class="button" href="#/">"Clear filters"</a>
                    <a class="button" href=create>"Create a template"</a>
                </div>
            </section>
        }
        .into_any()
    }
}

fn skeleton() -> AnyView {
    let cards =
        (0..8).map(|_| view! { <li><div class="card skeleton"><i></i><i></i><i></i></div></li> });
    view! {
        <p class="sr" role="status">"Loading"</p>
        <ul class="cards" aria-hidden="true">{cards.collect_view()}</ul>
    }
    .into_any()
}
