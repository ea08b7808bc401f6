//! One item: what it is, what it asks for, and what can be done with it.

mod actions;
mod copy;
mod description;
mod header;
pub(super) mod life_cycle;
mod official;
mod review;
mod share;
mod star;

use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::Item;

use super::runs::runs;
use crate::chunks::show;
use crate::client::Failure;
use crate::components::button::button;
use crate::components::failure::failure;
use crate::components::live::live;
use crate::components::rights::rights;
use crate::components::tabs::tabs;
use crate::deletions::Deletions;
use crate::fit;
use crate::list_cache::ListCache;
use crate::load::{Load, Loaded};
use crate::messages::detail as messages;
use crate::navigation::Navigation;
use crate::reader::with_reader;
use crate::route::{Route, Tab};
use crate::scroll::Scroll;
use crate::session::Session;
use crate::styles;
use crate::text::name_or_untitled;
use crate::title::Title;

/// An item as it was loaded.
#[derive(Clone)]
struct Shown {
    item: Arc<Item>,
    /// The version that this is.
    etag: String,
    /// Loads it again, after something has changed.
    reload: Callback<()>,
}

/// The page of the item with this id.
pub(crate) fn page(id: String) -> AnyView {
    styles::adopt_form();
    styles::adopt(include_str!("../../styles/detail.css"));
    let client = Session::current().client;
    let deletions = Deletions::current();
    let asked = id.clone();
    let item = Loaded::new(move || {
        let (client, id) = (client.clone(), asked.clone());
        async move {
            let (item, etag) = client.item(&id).await?;
            Ok((Arc::new(item), etag))
        }
    });
    let back = ListCache::current().list_hash();
    let scroll = Scroll::current();
    scroll.top();
    let is_loading = move || matches!(*item.state.read(), Load::Loading);
    scroll.keep_focus_over(is_loading, ".head .button");
    let reload = Callback::new(move |()| item.retry());
    let is_deleted = Memo::new({
        let id = id.clone();
        move |_| deletions.has(&id)
    });
    view! {
        <nav class="crumbs" aria-label=messages::breadcrumb()>
            <a href=back>{messages::to_list()}</a>
        </nav>
        {live(move || match &*item.state.read() {
            _ if is_deleted.get() => deleted(id.clone()),
            Load::Loading => skeleton(),
            Load::Failed(reason) => unavailable(reason, move || item.retry()),
            Load::Ready((item, etag)) => content(Shown {
                item: item.clone(),
                etag: etag.clone(),
                reload,
            }),
        })}
    }
    .into_any()
}

fn content(shown: Shown) -> AnyView {
    let item = shown.item.clone();
    Title::current().set(&name_or_untitled(item.name.as_deref()));
    let navigation = Navigation::current();
    let id = StoredValue::new(item.id.clone());
    let tab = Memo::new(move |former| match (navigation.get(), former) {
        (Route::Detail { tab, .. }, _) | (_, Some(&tab)) => tab,
        (_, None) => Tab::default(),
    });
    let choose = move |tab| {
        navigation.replace(Route::Detail {
            id: id.get_value(),
            tab,
        });
    };
    let part = {
        let item = item.clone();
        move || match tab.get() {
            Tab::Description => description::description(&item),
            Tab::Detail => {
                let item = item.clone();
                with_reader(move |reader| reader.job(&item))
            }
            Tab::Protocol => protocol(&item),
            Tab::Runs => {
                let item = item.clone();
                show(runs, move |part| part(item.clone()))
            }
        }
    };
    view! {
        <article class="item">
            <div class="head">
                {header::header(&item)}
                {actions::actions(&shown)}
            </div>
            {rights()}
            {life_cycle::notices(&item)}
            {review::review(shown)}
            {fit::section(item.protocol.clone().unwrap_or_default())}
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

fn protocol(item: &Item) -> AnyView {
    let text = item.protocol.clone().unwrap_or_default();
    if text.trim().is_empty() {
        return view! { <p class="hint">{messages::no_protocol()}</p> }.into_any();
    }
    let name = name_or_untitled(item.name.as_deref());
    let shown = text.clone();
    view! {
        {actions::protocol_actions(text, name)}
        {with_reader(move |reader| reader.source(&shown))}
    }
    .into_any()
}

/// What shows in the place of an item that is about to be deleted.
fn deleted(id: String) -> AnyView {
    let (deletions, scroll) = (Deletions::current(), Scroll::current());
    Title::current().set(messages::being_deleted());
    view! {
        <section class="state">
            <h1>{messages::being_deleted()}</h1>
            <p>{messages::being_deleted_hint()}</p>
            {button("button", messages::undo(), move || {
                deletions.undo(&id);
                scroll.keep_focus(".head .button");
            })}
        </section>
    }
    .into_any()
}

/// What shows in the place of an item that cannot be shown.
pub(super) fn unavailable(reason: &Failure, retry: impl Fn() + 'static) -> AnyView {
    let (title, text) = match reason.status {
        Some(404) => (messages::no_such_item(), messages::no_such_item_hint()),
        Some(403) => (messages::not_shared(), messages::not_shared_hint()),
        _ => return failure(reason, retry),
    };
    Title::current().set(title);
    view! {
        <section class="state">
            <h1>{title}</h1>
            <p>{text}</p>
            <a class="button" href="#/">{crate::messages::app::go_to_list()}</a>
        </section>
    }
    .into_any()
}

/// What shows while an item is on its way.
pub(super) fn skeleton() -> AnyView {
    view! {
        <p class="sr" role="status">{crate::messages::common::loading()}</p>
        <div class="card skeleton tall" aria-hidden="true"><i></i><i></i><i></i><i></i></div>
    }
    .into_any()
}
