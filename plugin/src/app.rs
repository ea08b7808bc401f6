//! The frame around the pages, and the way from the hash to a page.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use crate::chunks;
use crate::components::live::live;
use crate::components::toast::{Toasts, toast_list};
use crate::form::Saving;
use crate::leave::Guard;
use crate::pages;
use crate::pages::list::Shelf;
use crate::route::{Filters, Route};
use crate::scroll::Scroll;
use crate::session::Session;

const STYLES: &str = concat!(
    include_str!("../styles/tokens.css"),
    include_str!("../styles/base.css"),
    include_str!("../styles/list.css"),
    include_str!("../styles/detail.css"),
    include_str!("../styles/form.css"),
);

/// Where the user is. The hash is the truth: this follows it.
#[derive(Clone, Copy)]
pub(crate) struct Place(RwSignal<Route>);

impl Place {
    /// The place of the page that is being built.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// Where the user is now.
    pub(crate) fn get(self) -> Route {
        self.0.get()
    }

    /// Goes to another place, as a link would.
    #[expect(clippy::unused_self, reason = "only who knows the place may leave it")]
    pub(crate) fn go(self, route: &Route) {
        // Setting the hash cannot fail, and the event that follows does the rest.
        let _ = window().location().set_hash(&route.hash());
    }

    /// Goes there without a new entry in the browser's history: for what
    /// changes with every key.
    pub(crate) fn replace(self, route: Route) {
        let address = route.hash();
        let history = window().history();
        // A browser may refuse when there are too many changes in a short
        // time; the next one will get through.
        if let Ok(history) = history {
            let state = history.state().unwrap_or_default();
            let _ = history.replace_state_with_url(&state, "", Some(&address));
        }
        self.0.set(route);
    }

    fn follow_hash(guard: Guard) -> Self {
        let read = || Route::parse(&window().location().hash().unwrap_or_default());
        let place = Self(RwSignal::new(read()));
        let listener = window_event_listener(ev::hashchange, move |_| {
            let (here, route) = (place.0.get_untracked(), read());
            if route == here || !guard.stops_at(&here) {
                place.0.set(route);
            }
        });
        on_cleanup(move || listener.remove());
        place
    }
}

/// A page, whatever part of it or filter shows.
#[derive(Clone, PartialEq, Eq)]
enum Page {
    List,
    Detail(String),
    Create,
    Edit(String),
    Unknown,
}

impl From<Route> for Page {
    fn from(route: Route) -> Self {
        match route {
            Route::List(_) => Self::List,
            Route::Detail { id, .. } => Self::Detail(id),
            Route::Create => Self::Create,
            Route::Edit { id } => Self::Edit(id),
            Route::Unknown => Self::Unknown,
        }
    }
}

/// The whole plugin. Wants a [`Session`] in its context.
pub(crate) fn app() -> AnyView {
    let guard = Guard::new();
    provide_context(guard);
    let place = Place::follow_hash(guard);
    provide_context(place);
    let toasts = Toasts::new();
    provide_context(toasts);
    provide_context(Shelf::new());
    provide_context(Saving::new());

    let page = Memo::new(move |_| Page::from(place.get()));
    let main = NodeRef::<html::Main>::new();
    provide_context(Scroll::around(main));
    Effect::new(move |former: Option<Page>| {
        let page = page.get();
        // Who comes by a link inside the plugin starts reading at its top.
        if former.is_some_and(|former| former != page)
            && let Some(main) = main.get_untracked()
        {
            let _ = main.focus();
        }
        page
    });

    view! {
        <style>{STYLES}</style>
        <div class="app" on:click=move |event| guard.clicked(&event)>
            {header(place)}
            <main node_ref=main tabindex="-1">
                {live(move || match page.get() {
                    Page::List => pages::list::page(),
                    Page::Detail(id) => chunks::show(chunks::detail, move |page| page(id.clone())),
                    Page::Create => chunks::show(chunks::form, |pages| (pages.create)()),
                    Page::Edit(id) => chunks::show(chunks::form, move |pages| (pages.edit)(id.clone())),
                    Page::Unknown => unknown(),
                })}
            </main>
            {toast_list(toasts)}
            {guard.view(place)}
        </div>
    }
    .into_any()
}

fn header(place: Place) -> AnyView {
    let mine = Filters::of_author(&Session::current().user);
    let links = [
        ("Browse", Route::List(Filters::default())),
        ("My templates", Route::List(mine)),
        ("Create", Route::Create),
    ];
    let links = links.map(|(title, route)| {
        let href = route.hash();
        let current = move || (place.get() == route).then(|| "page".to_owned());
        view! { <a href=href aria-current=Signal::derive(current)>{title}</a> }
    });
    view! {
        <div class="top">
            <a class="brand" href="#/">"Marketplace"</a>
            <nav aria-label="Marketplace">{links.collect_view()}</nav>
        </div>
    }
    .into_any()
}

fn unknown() -> AnyView {
    view! {
        <section class="state">
            <h1>"Page not found"</h1>
            <p>"This link leads nowhere. It may be mistyped or out of date."</p>
            <a class="button primary" href="#/">"Go to all templates"</a>
        </section>
    }
    .into_any()
}
