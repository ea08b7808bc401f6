//! One item: what it is, what it asks for, and what can be done with it.

mod actions;
mod description;

use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::Item;

use crate::client::Failure;
use crate::components::badge::{badges, tags};
use crate::components::code::numbered;
use crate::components::failure::failure;
use crate::components::live::live;
use crate::components::tabs::tabs;
use crate::list_cache::ListCache;
use crate::load::{Load, Loaded};
use crate::navigation::Navigation;
use crate::reader::with_reader;
use crate::route::{Route, Tab};
use crate::scroll::Scroll;
use crate::session::Session;
use crate::text::name_or_untitled;
use crate::time::when;

/// The page of the item with this id.
pub(crate) fn page(id: String) -> AnyView {
    let client = Session::current().client;
    let asked = id.clone();
    let item = Loaded::new(move || {
        let (client, id) = (client.clone(), asked.clone());
        async move {
            let (item, etag) = client.item(&id).await?;
            Ok((Arc::new(item), etag))
        }
    });
    let back = ListCache::current().list_hash();
    Scroll::current().top();
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <a href=back>"‹ All templates"</a>
        </nav>
        {live(move || match &*item.state.read() {
            Load::Loading => skeleton(),
            Load::Failed(reason) => unavailable(reason, move || item.retry()),
            Load::Ready(item) => content(&item.0, &item.1),
        })}
    }
    .into_any()
}

fn content(item: &Arc<Item>, etag: &str) -> AnyView {
    let item = item.clone();
    let navigation = Navigation::current();
    let id = item.id.clone();
    let tab = Memo::new(move |former| match (navigation.get(), former) {
        (Route::Detail { tab, .. }, _) | (_, Some(&tab)) => tab,
        (_, None) => Tab::default(),
    });
    let id = StoredValue::new(id);
    let choose = move |tab| {
        navigation.replace(Route::Detail {
            id: id.get_value(),
            tab,
        });
    };
    let summary = item
        .summary
        .clone()
        .map(|summary| view! { <p class="lead">{summary}</p> });
    let part = {
        let item = item.clone();
        move || match tab.get() {
            Tab::Description => description::description(&item),
            Tab::Detail => {
                let item = item.clone();
                with_reader(move |reader| reader.job(&item))
            }
            Tab::Protocol => protocol(&item),
        }
    };
    view! {
        <article class="item">
            <div class="head">
                <div>
                    {badges(&item)}
                    <h1>{name_or_untitled(item.name.as_deref())}</h1>
                </div>
                {actions::actions(item.clone(), etag.to_owned())}
            </div>
            {actions::rights()}
            {facts(&item)}
            {summary}
            {tags(&item.tags, usize::MAX)}
            {tabs(tab, choose)}
            <div
                id="tab-panel"
                class="panel"
                role="tabpanel"
                aria-labelledby=Signal::derive(move || format!("tab-{}", tab.get().as_str()))
            >
                {live(part)}
            </div>
        </article>
    }
    .into_any()
}

fn facts(item: &Item) -> AnyView {
    let author = item.author.clone().map(|author| {
        let href = Route::List(crate::route::Filters::of_author(&author)).hash();
        view! { <div><dt>"Author"</dt><dd><a href=href>{author}</a></dd></div> }
    });
    view! {
        <dl class="facts">
            {author}
            <div><dt>"Created"</dt><dd>{when(&item.created_at)}</dd></div>
            <div><dt>"Updated"</dt><dd>{when(&item.updated_at)}</dd></div>
            <div><dt>"Uses"</dt><dd>{item.use_number}</dd></div>
        </dl>
    }
    .into_any()
}

fn protocol(item: &Item) -> AnyView {
    let text = item.protocol.clone().unwrap_or_default();
    if text.trim().is_empty() {
        return view! { <p class="hint">"This item has no protocol."</p> }.into_any();
    }
    let name = item.name.clone().unwrap_or_default();
    view! {
        {actions::protocol_actions(text.clone(), name)}
        {numbered(&text)}
    }
    .into_any()
}

/// What shows in the place of an item that cannot be shown.
pub(super) fn unavailable(reason: &Failure, retry: impl Fn() + 'static) -> AnyView {
    let (title, text) = match reason.status {
        Some(404) => (
            "No such item",
            "It may have been deleted, or the link is mistyped.",
        ),
        Some(403) => (
            "Not shared with you",
            "Its author has not shared this item with you or a group of yours. Ask them, or an admin.",
        ),
        _ => return failure(reason, retry),
    };
    view! {
        <section class="state">
            <h1>{title}</h1>
            <p>{text}</p>
            <a class="button" href="#/">"Go to all templates"</a>
        </section>
    }
    .into_any()
}

/// What shows while an item is on its way.
pub(super) fn skeleton() -> AnyView {
    view! {
        <p class="sr" role="status">"Loading"</p>
        <div class="card skeleton tall" aria-hidden="true"><i></i><i></i><i></i><i></i></div>
    }
    .into_any()
}
