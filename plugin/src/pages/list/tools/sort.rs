use leptos::prelude::*;

use crate::components::live::live;
use crate::messages::list as text;
use crate::navigation::Navigation;
use crate::route::{Facet, Filters, Route};

/// The orders that the list may have. The first one is that which fits what is asked for.
pub(super) fn menu(filters: Memo<Filters>) -> AnyView {
    let navigation = Navigation::current();
    let now = Memo::new(move |_| {
        filters.with(|filters| filters.get(Facet::Sort).unwrap_or_default().to_owned())
    });
    let natural = Memo::new(move |_| {
        filters.with(|filters| {
            if filters.without(Facet::Sort, None).is_empty() {
                text::sort_sections()
            } else if filters.get(Facet::Keyword).is_some() {
                text::sort_relevance()
            } else if filters.has(Facet::Used, "true") {
                text::sort_used()
            } else {
                text::sort_created()
            }
        })
    });
    let choose = move |event| {
        let value = event_target_value(&event);
        let filters = filters.get_untracked().with(Facet::Sort, &value);
        navigation.go(&Route::List(filters));
    };
    let options = [
        ("-updatedAt", text::sort_updated()),
        ("-starNumber", text::sort_stars()),
        ("-useNumber", text::sort_uses()),
        ("-success", text::sort_success()),
        ("name", text::sort_name()),
        ("-createdAt", text::sort_created()),
    ];
    let options = options.map(|(value, name)| {
        let is_now = move || now.with(|now| now == value);
        view! { <option value=value selected=Signal::derive(is_now)>{name}</option> }
    });
    view! {
        <label class="sort">
            <span>{text::sort()}</span>
            <select on:change=choose prop:value=Signal::derive(move || now.get())>
                <option value="">{live(move || natural.get())}</option>
                {options.into_iter().collect_view()}
            </select>
        </label>
    }
    .into_any()
}
