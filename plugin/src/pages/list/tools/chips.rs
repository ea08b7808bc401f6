use leptos::prelude::*;

use super::names;
use crate::components::live::live;
use crate::messages;
use crate::route::{Facet, Filters, Route};

/// What is chosen, each with a way to take it away.
pub(super) fn chips(filters: Memo<Filters>) -> AnyView {
    let chosen = Memo::new(move |_| {
        filters.with(|filters| {
            let chosen = filters.chosen().iter();
            let chosen = chosen.filter(|(facet, _)| *facet != Facet::Sort);
            chosen.cloned().collect::<Vec<_>>()
        })
    });
    let is_any = Memo::new(move |_| chosen.with(|chosen| !chosen.is_empty()));
    live(move || {
        is_any.get().then(|| {
            view! {
                <ul class="chips" aria-label=messages::list::active_filters()>
                    <For each=move || chosen.get() key=Clone::clone let:one>
                        {chip(filters, one)}
                    </For>
                    <li><a href="#/">{messages::list::clear_filters()}</a></li>
                </ul>
            }
        })
    })
}

fn chip(filters: Memo<Filters>, (facet, value): (Facet, String)) -> AnyView {
    let name = names::value(facet, &value);
    let text = match facet {
        Facet::Official | Facet::Starred | Facet::Used | Facet::Runs => name,
        _ => messages::list::filter(names::facet(facet), &name),
    };
    let href =
        move || filters.with(|filters| Route::List(filters.without(facet, Some(&value))).hash());
    view! {
        <li>
            <a class="chip" dir="auto" href=Signal::derive(href) aria-label=messages::list::remove_filter(&text)>
                {text.clone()} <span aria-hidden="true">" ×"</span>
            </a>
        </li>
    }
    .into_any()
}
