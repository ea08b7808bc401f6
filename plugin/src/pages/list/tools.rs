//! What the list page has besides its first cards: filters, sort, stars, ways on, and the
//! way to do something with several items.

mod card_controls;
mod chips;
mod facets;
mod more;
mod names;
mod nothing;
mod slash;
mod sort;

use leptos::prelude::*;

use super::browse::{Browse, Tools};
use super::several;
use crate::chunks::{chunks, show};
use crate::components::button::button;
use crate::components::live::live;
use crate::messages;
use crate::pages::chunks::prefetch;
use crate::pages::mine;
use crate::route::{Facet, Route};
use crate::session::Session;
use crate::styles;

chunks! {
    /// What comes after the first cards of the list.
    list_tools: Tools = Tools {
        bar,
        facets: facets::panel,
        card_controls: card_controls::card_controls,
        dock,
        nothing: nothing::nothing,
        more: more::more,
    };
}

fn bar(browse: Browse) -> AnyView {
    styles::adopt(include_str!("../../../styles/browse.css"));
    prefetch();
    slash::listen();
    let user = Session::current().user;
    let filters = browse.filters;
    let here = Memo::new(move |_| {
        filters.with(|filters| {
            let is_mine = filters.are_mine(&user);
            is_mine.then(|| filters.without(Facet::Sort, None))
        })
    });
    let number = Memo::new(move |_| {
        filters.with(|filters| {
            let chosen = filters.chosen().iter();
            chosen
                .filter(|(facet, _)| !matches!(facet, Facet::Sort | Facet::Keyword))
                .count()
        })
    });
    let open = browse.facets_open;
    let selected = browse.selected;
    view! {
        {live(move || here.get().map(|here| mine::tabs(&Route::List(here))))}
        <div class="row">
            <button
                class="button narrow"
                type="button"
                aria-expanded=Signal::derive(move || open.get().to_string())
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {live(move || match number.get() {
                    0 => messages::list::filters().to_owned(),
                    some => messages::list::filters_set(some),
                })}
            </button>
            {sort::menu(filters)}
            {button("button", messages::list::select(), move || {
                selected.update(|selected| *selected = selected.is_none().then(Vec::new));
            })}
        </div>
        {chips::chips(filters)}
    }
    .into_any()
}

fn dock(browse: Browse) -> AnyView {
    let selected = browse.selected;
    let is_selecting = Memo::new(move |_| selected.with(Option::is_some));
    live(move || {
        is_selecting
            .get()
            .then(|| show(several::several, move |view| view(browse)))
    })
}
