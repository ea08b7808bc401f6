use std::time::Duration;

use leptos::prelude::*;

use crate::messages;
use crate::navigation::Navigation;
use crate::route::{Facet, Filters, Route};

/// After the last key, so long passes before the list follows.
const PAUSE: Duration = Duration::from_millis(200);

/// The search field.
pub(super) fn field(filters: Memo<Filters>) -> AnyView {
    let navigation = Navigation::current();
    let mut follow = debounce(PAUSE, move |text: String| {
        let filters = filters.get_untracked().with(Facet::Keyword, &text);
        navigation.replace(Route::List(filters));
    });
    let keyword =
        move || filters.with(|filters| filters.get(Facet::Keyword).unwrap_or_default().to_owned());
    view! {
        <form class="search" role="search" on:submit=move |event| event.prevent_default()>
            <input
                id="search"
                type="search"
                aria-label=messages::list::search()
                aria-keyshortcuts="/"
                placeholder=messages::list::search_hint()
                maxlength="255"
                prop:value=Signal::derive(keyword)
                on:input=move |event| follow(event_target_value(&event))
            />
        </form>
    }
    .into_any()
}
