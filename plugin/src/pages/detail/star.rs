use leptos::prelude::*;
use shared::wire::Item;

use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::finish;
use crate::messages::{detail as messages, number};
use crate::session::Session;

/// The user's own star, and how many there are.
pub(super) fn star(item: &Item) -> AnyView {
    let client = Session::current().client;
    let toasts = Toasts::current();
    let list_cache = ListCache::current();
    let id = item.id.clone();
    let state = RwSignal::new((item.starred, item.star_number));
    let busy = StoredValue::new(false);
    let starred = move || state.get().0;
    let toggle = move |_| {
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        let before = state.get_untracked();
        let (was, count) = before;
        // Shown at once, and taken back if the marketplace does not agree.
        state.set((!was, (count + if was { -1 } else { 1 }).max(0)));
        let (client, id) = (client.clone(), id.clone());
        finish(async move {
            let outcome = client.star(&id, !was).await;
            busy.try_set_value(false);
            match outcome {
                Ok(()) => list_cache.change(&id, |item| {
                    item.starred = !was;
                    item.star_number += if was { -1 } else { 1 };
                }),
                Err(failure) => {
                    state.try_set(before);
                    toasts.refused(&failure);
                }
            }
        });
    };
    let count = move || number(usize::try_from(state.get().1).unwrap_or_default());
    view! {
        <button
            class="button star"
            type="button"
            aria-pressed=Signal::derive(move || starred().to_string())
            title=messages::star_hint()
            on:click=toggle
        >
            <span aria-hidden="true">{live(move || if starred() { "★" } else { "☆" })}</span>
            {messages::star()}
            <span class="count" aria-hidden="true">{live(count)}</span>
            <span class="sr">{live(move || messages::stars(usize::try_from(state.get().1).unwrap_or_default()))}</span>
        </button>
    }
    .into_any()
}
