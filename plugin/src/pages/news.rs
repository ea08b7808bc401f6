//! What has become of what the user follows or has used: a bell that counts, and a page.

use std::sync::Arc;

use js_sys::Date;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::wire::{News, NewsEntry, NewsKind};

use super::detail::skeleton;
use crate::components::button::button;
use crate::components::code::copy;
use crate::components::failure::failure;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::load::{Load, Loaded};
use crate::messages::{news as messages, number};
use crate::navigation::Navigation;
use crate::route::Route;
use crate::scroll::Scroll;
use crate::session::Session;
use crate::styles;
use crate::text::name_or_untitled;
use crate::time::when;

/// So often, in milliseconds, the bell asks again, when the user goes to another page.
const AGAIN_AFTER: f64 = 300_000.0;

/// How many entries the user has not read, as far as it is known.
#[derive(Clone, Copy)]
pub(crate) struct Unread(RwSignal<usize>);

impl Unread {
    /// Nothing is known yet. Call it inside the app's root.
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(0))
    }
}

/// The parts of this.
#[derive(Clone, Copy)]
pub(crate) struct NewsParts {
    /// The page.
    pub page: fn() -> AnyView,
    /// The bell's picture and count, for the way there.
    pub bell: fn() -> AnyView,
}

/// A bell, with how many entries the user has not read. That it could not be found out
/// is nothing to bother anybody with.
pub(super) fn bell() -> AnyView {
    styles::adopt(include_str!("../../styles/news.css"));
    let Unread(unread) = expect_context();
    let client = Session::current().client;
    let navigation = Navigation::current();
    let asked = StoredValue::new(0.0);
    let ask = move || {
        asked.set_value(Date::now());
        let client = client.clone();
        spawn_local(async move {
            if let Ok(news) = client.news().await {
                unread.try_set(news.unread);
            }
        });
    };
    ask();
    Effect::new(move |_| {
        let route = navigation.get();
        let last = asked.get_value();
        if route != Route::News && Date::now() - last > AGAIN_AFTER {
            ask();
        }
    });
    let picture = r#"<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.4" aria-hidden="true"><path d="M3 11.5h10L11.7 9.6V6.5a3.7 3.7 0 0 0-7.4 0v3.1zM6.6 13.6h2.8M8 2.8V1.5"/></svg>"#;
    view! {
        <span class="bell" inner_html=picture></span>
        {live(move || {
            let count = unread.get();
            (count > 0).then(|| view! {
                <span class="count" aria-hidden="true">{number(count)}</span>
                <span class="sr">{messages::unread(count)}</span>
            })
        })}
    }
    .into_any()
}

/// The page.
pub(super) fn page() -> AnyView {
    styles::adopt_form();
    styles::adopt(include_str!("../../styles/news.css"));
    Scroll::current().top();
    let client = Session::current().client;
    let Unread(unread) = expect_context();
    let news = Loaded::new(move || {
        let client = client.clone();
        async move {
            let news = client.news().await?;
            // What shows is read; that it could not be noted is told by the bell next time.
            if news.unread > 0
                && let Some(newest) = news.entries.first()
                && client.read_news(&newest.at).await.is_ok()
            {
                unread.try_set(0);
            }
            Ok(Arc::new(news))
        }
    });
    view! {
        <div class="head"><h1>{messages::title()}</h1></div>
        {live(move || match &*news.state.read() {
            Load::Loading => skeleton(),
            Load::Failed(reason) => failure(reason, move || news.retry()),
            Load::Ready(news) => content(news),
        })}
        {feed()}
    }
    .into_any()
}

fn content(news: &News) -> AnyView {
    if news.entries.is_empty() {
        return view! {
            <section class="state">
                <h2>{messages::nothing()}</h2>
                <p>{messages::nothing_hint()}</p>
                <a class="button primary" href="#/">{crate::messages::app::go_to_list()}</a>
            </section>
        }
        .into_any();
    }
    view! { <ol class="news">{news.entries.iter().map(row).collect_view()}</ol> }.into_any()
}

fn row(entry: &NewsEntry) -> AnyView {
    let name = name_or_untitled(entry.item_name.as_deref());
    let version = entry.version.unwrap_or(1);
    let shown = version.to_string();
    let what = match entry.kind {
        NewsKind::Version => messages::version(&shown),
        NewsKind::Withdrawn => messages::withdrawn(&shown),
        NewsKind::Deprecated => messages::deprecated().to_owned(),
        NewsKind::Quarantined => messages::quarantined().to_owned(),
    };
    let to = match entry.kind {
        NewsKind::Version | NewsKind::Withdrawn => Route::Versions {
            id: entry.item_id.clone(),
            from: None,
            to: Some(version),
        },
        NewsKind::Deprecated | NewsKind::Quarantined => Route::detail(entry.item_id.as_str()),
    };
    // Who may not see an item in quarantine has nothing to open.
    let title = if entry.kind == NewsKind::Quarantined {
        view! { <b dir="auto">{name}</b> }.into_any()
    } else {
        view! { <a dir="auto" href=to.hash()>{name}</a> }.into_any()
    };
    let class = match entry.kind {
        NewsKind::Version => "",
        NewsKind::Deprecated => "warns",
        NewsKind::Withdrawn | NewsKind::Quarantined => "alarms",
    };
    let unread = entry
        .unread
        .then(|| view! { <span class="badge">{messages::is_new()}</span> });
    let used = (entry.used && entry.kind != NewsKind::Version)
        .then(|| view! { <p>{messages::used()}</p> });
    let note = entry
        .note
        .clone()
        .map(|note| view! { <blockquote dir="auto">{note}</blockquote> });
    view! {
        <li class=class>
            <p>{title} ": " {what} " " {unread}</p>
            <p class="quiet">{when(&entry.at)}</p>
            {note}
            {used}
        </li>
    }
    .into_any()
}

/// Where feed readers find the same.
fn feed() -> AnyView {
    let toasts = Toasts::current();
    let client = Session::current().client;
    let here = window().location().href().unwrap_or_default();
    let Some(address) = client.feed_address(&here) else {
        return ().into_any();
    };
    let field = NodeRef::<html::Input>::new();
    let select = move |_| {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    view! {
        <details class="box">
            <summary>{messages::feed()}</summary>
            <p>{messages::feed_hint()}</p>
            <label class="stack">
                {messages::feed_address()}
                <input type="text" readonly dir="ltr" node_ref=field prop:value=address.clone() on:focus=select />
            </label>
            <div class="actions">
                {button("button", messages::copy(), move || copy(address.clone(), messages::copied(), toasts))}
            </div>
        </details>
    }
    .into_any()
}
