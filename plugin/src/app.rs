//! The frame around the pages, and the way from the hash to a page.

use std::time::Duration;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use crate::chunks::show;
use crate::components::banner::banner;
use crate::components::button::button;
use crate::components::leave::Guard;
use crate::components::live::live;
use crate::components::toast::{Toasts, toast_list};
use crate::deletions::Deletions;
use crate::form::Saving;
use crate::list_cache::ListCache;
use crate::load::Loaded;
use crate::messages;
use crate::navigation::Navigation;
use crate::pages::news::Unread;
use crate::pages::{self, chunks};
use crate::route::{AdminPart, Filters, Route};
use crate::scroll::Scroll;
use crate::session::Session;
use crate::styles;
use crate::title::Title;

const STYLES: &str = concat!(
    include_str!("../styles/tokens.css"),
    include_str!("../styles/base.css"),
    include_str!("../styles/list.css"),
);

/// So long after the app the bell comes, which nobody waits for.
const BELL_AFTER: Duration = Duration::from_secs(1);

/// Follows the hash, unless the user is asked whether to leave and stays.
fn follow_hash(guard: Guard) -> Navigation {
    let read = || Route::parse(&window().location().hash().unwrap_or_default());
    let navigation = Navigation::new(read());
    let listener = window_event_listener(ev::hashchange, move |_| {
        let (here, route) = (navigation.get_untracked(), read());
        if route == here || !guard.stops_at(&here) {
            navigation.show(route);
        }
    });
    on_cleanup(move || listener.remove());
    navigation
}

/// A page, whatever part of it or filter shows.
#[derive(Clone, PartialEq, Eq)]
enum Page {
    List,
    Detail(String),
    Create,
    Edit(String),
    Drafts,
    CheckJobs,
    Admin,
    News,
    Use(String),
    Versions(String),
    Update(String),
    Unknown,
}

impl From<Route> for Page {
    fn from(route: Route) -> Self {
        match route {
            Route::List(_) => Self::List,
            Route::Detail { id, .. } => Self::Detail(id),
            Route::Create => Self::Create,
            Route::Edit { id } => Self::Edit(id),
            Route::Drafts => Self::Drafts,
            Route::CheckJobs => Self::CheckJobs,
            Route::Admin(_) => Self::Admin,
            Route::News => Self::News,
            Route::Use { id } => Self::Use(id),
            Route::Versions { id, .. } => Self::Versions(id),
            Route::Update { id } => Self::Update(id),
            Route::Unknown => Self::Unknown,
        }
    }
}

impl Page {
    /// What it is called until it names itself.
    fn title(&self) -> &'static str {
        match self {
            Self::List => messages::app::browse(),
            Self::Detail(_) => messages::app::item(),
            Self::Create => messages::app::create(),
            Self::Edit(_) => messages::app::edit(),
            Self::News => messages::news::title(),
            Self::Use(_) => messages::app::using(),
            Self::Versions(_) => messages::app::versions(),
            Self::Update(_) => messages::app::update(),
            Self::Admin => messages::app::admin(),
            Self::Drafts => messages::list::drafts(),
            Self::CheckJobs => messages::jobs::title(),
            Self::Unknown => messages::app::lost_title(),
        }
    }
}

/// The whole plugin. Wants a [`Session`] in its context.
pub(crate) fn app() -> AnyView {
    styles::adopt(STYLES);
    let guard = Guard::new();
    provide_context(guard);
    let navigation = follow_hash(guard);
    provide_context(navigation);
    let toasts = Toasts::new();
    provide_context(toasts);
    provide_context(ListCache::new());
    provide_context(Saving::new());
    provide_context(Unread::new());
    provide_context(Deletions::new(toasts));

    let page = Memo::new(move |_| Page::from(navigation.get()));
    let main = NodeRef::<html::Main>::new();
    provide_context(Scroll::around(main));
    let title = Title::of(main);
    provide_context(title);
    Effect::new(move |former: Option<Page>| {
        let page = page.get();
        title.set(page.title());
        // Who comes by a link inside the plugin starts reading at its top.
        if former.is_some_and(|former| former != page)
            && let Some(main) = main.get_untracked()
        {
            let _ = main.focus();
        }
        page
    });

    let skip = move || {
        if let Some(main) = main.get_untracked() {
            let _ = main.focus();
        }
    };
    view! {
        <div class="app" lang=messages::language() on:click=move |event| guard.clicked(&event)>
            {button("button skip", messages::app::skip(), skip)}
            {header(navigation)}
            {banner()}
            <main node_ref=main tabindex="-1">
                {live(move || match page.get() {
                    Page::List => pages::list::page(),
                    Page::Detail(id) => show(chunks::detail, move |page| page(id.clone())),
                    Page::Create => show(chunks::form, |pages| (pages.create)()),
                    Page::Drafts => show(chunks::form, |pages| (pages.drafts)()),
                    Page::CheckJobs => show(chunks::check_jobs, |page| page()),
                    Page::Edit(id) => show(chunks::form, move |pages| (pages.edit)(id.clone())),
                    Page::Admin => show(chunks::admin, |pages| (pages.page)()),
                    Page::News => show(chunks::news, |parts| (parts.page)()),
                    Page::Use(id) => show(chunks::using, move |page| page(id.clone())),
                    Page::Versions(id) => show(chunks::versions, move |pages| (pages.versions)(id.clone())),
                    Page::Update(id) => show(chunks::versions, move |pages| (pages.update)(id.clone())),
                    Page::Unknown => unknown(),
                })}
            </main>
            {toast_list(toasts)}
            {guard.view(navigation)}
        </div>
    }
    .into_any()
}

/// Where the ways in the header lead.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Browse,
    Mine,
    Create,
}

impl Part {
    /// That which a route belongs to, if it belongs to one.
    fn of(route: &Route, user: &str) -> Option<Self> {
        match route {
            Route::List(filters) if !filters.are_mine(user) => Some(Self::Browse),
            Route::List(_) | Route::Drafts | Route::CheckJobs => Some(Self::Mine),
            Route::Create => Some(Self::Create),
            _ => None,
        }
    }
}

fn header(navigation: Navigation) -> AnyView {
    let user = Session::current().user;
    let mine = Filters::of_author(&user);
    let links = [
        (
            Part::Browse,
            messages::app::browse(),
            Route::List(Filters::default()),
        ),
        (Part::Mine, messages::app::my_things(), Route::List(mine)),
        (Part::Create, messages::app::create(), Route::Create),
    ];
    let links = links.map(|(part, title, route)| {
        let (href, user) = (route.hash(), user.clone());
        let is_here = move || Part::of(&navigation.get(), &user) == Some(part);
        let current = Signal::derive(move || is_here().then(|| "page".to_owned()));
        view! { <a href=href aria-current=current>{title}</a> }
    });
    view! {
        <div class="top">
            <a class="brand" href="#/">{messages::app::name()}</a>
            <nav aria-label=messages::app::name()>{links.collect_view()} {admin_link(navigation)} {news_link(navigation)}</nav>
        </div>
    }
    .into_any()
}

/// The way to what is new. The bell comes after what the page itself asks for.
fn news_link(navigation: Navigation) -> AnyView {
    let on_news = Memo::new(move |_| navigation.get() == Route::News);
    let is_late = RwSignal::new(false);
    let late = set_timeout_with_handle(move || is_late.set(true), BELL_AFTER);
    on_cleanup(move || {
        if let Ok(late) = late {
            late.clear();
        }
    });
    let current = Signal::derive(move || on_news.get().then(|| "page".to_owned()));
    view! {
        <a href=Route::News.hash() aria-current=current>
            {messages::news::link()} " "
            {live(move || is_late.get().then(|| {
                let parts = Loaded::new(chunks::news);
                live(move || parts.ready().map(|parts| (parts.bell)()))
            }))}
        </a>
    }
    .into_any()
}

/// The way to what admins do, with how much waits there for them.
fn admin_link(navigation: Navigation) -> AnyView {
    let session = Session::current();
    let is_admin = Memo::new(move |_| session.me.ready().is_some_and(|me| me.may_curate()));
    let on_admin = Memo::new(move |_| matches!(navigation.get(), Route::Admin(_)));
    live(move || {
        is_admin.get().then(|| {
            // Without it the link leads there all the same.
            let pages = Loaded::new(chunks::admin);
            let count = move || pages.ready().map(|pages| (pages.count)());
            let current = Signal::derive(move || on_admin.get().then(|| "page".to_owned()));
            view! {
                <a href=Route::Admin(AdminPart::default()).hash() aria-current=current>
                    {messages::app::admin()} " " {live(count)}
                </a>
            }
        })
    })
}

fn unknown() -> AnyView {
    view! {
        <section class="state">
            <h1>{messages::app::lost_title()}</h1>
            <p>{messages::app::lost()}</p>
            <a class="button primary" href="#/">{messages::app::go_to_list()}</a>
        </section>
    }
    .into_any()
}
