use leptos::prelude::*;
use shared::wire::Item;

use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::finish;
use crate::messages::{self, number};
use crate::pages::list::browse::Browse;
use crate::session::Session;
use crate::text::name_or_untitled;

/// The user's star on an item, and whether it is selected.
pub(super) fn card_controls(browse: Browse, item: &Item) -> AnyView {
    let name = name_or_untitled(item.name.as_deref());
    let star = star(item, &name);
    let selected = browse.selected;
    let item = StoredValue::new(item.clone());
    let is_selecting = Memo::new(move |_| selected.with(Option::is_some));
    let is_selected = move || {
        let id = item.with_value(|item| item.id.clone());
        selected.with(|selected| selected.iter().flatten().any(|item| item.id == id))
    };
    let select = move |event| {
        let item = item.get_value();
        selected.update(|selected| {
            if let Some(selected) = selected {
                selected.retain(|other| other.id != item.id);
                if event_target_checked(&event) {
                    selected.push(item);
                }
            }
        });
    };
    let choice = move || {
        is_selecting.get().then(|| {
            view! {
                <label class="pick">
                    <input
                        type="checkbox"
                        aria-label=messages::list::select_one(&name)
                        prop:checked=Signal::derive(is_selected)
                        on:change=select
                    />
                </label>
            }
        })
    };
    view! { {star} {live(choice)} }.into_any()
}

/// Shows at once what the user wants, and takes it back when that fails.
fn star(item: &Item, name: &str) -> AnyView {
    let client = Session::current().client;
    let (toasts, list_cache) = (Toasts::current(), ListCache::current());
    let id = item.id.clone();
    let starred = RwSignal::new(item.starred);
    let stars = RwSignal::new(item.star_number);
    let is_busy = StoredValue::new(false);
    let toggle = move |_| {
        if is_busy.get_value() {
            return;
        }
        is_busy.set_value(true);
        let wanted = !starred.get_untracked();
        let step = |wanted: bool| if wanted { 1 } else { -1 };
        starred.set(wanted);
        stars.update(|stars| *stars += step(wanted));
        let (client, id) = (client.clone(), id.clone());
        finish(async move {
            match client.star(&id, wanted).await {
                Ok(()) => list_cache.change(&id, |item| {
                    item.starred = wanted;
                    item.star_number += step(wanted);
                }),
                Err(reason) => {
                    starred.set(!wanted);
                    stars.update(|stars| *stars -= step(wanted));
                    toasts.refused(&reason);
                }
            }
            is_busy.set_value(false);
        });
    };
    let shown = move || number(usize::try_from(stars.get()).unwrap_or_default());
    view! {
        <button
            class="star"
            type="button"
            aria-pressed=Signal::derive(move || starred.get().to_string())
            title=messages::list::star_hint()
            on:click=toggle
        >
            <span class="sr">{messages::list::star(name)} " "</span>
            <span aria-hidden="true">{live(move || if starred.get() { "★ " } else { "☆ " })}</span>
            {live(shown)}
        </button>
    }
    .into_any()
}
