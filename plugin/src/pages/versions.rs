//! What an item's protocol was before it was changed, and what has changed from one version
//! to another.

mod compare;
mod lines;
mod update;

use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::{Item, MAX_LINE, Version};

use super::detail::{skeleton, unavailable};
use crate::components::button::button;
use crate::components::live::live;
use crate::components::reason::{Ask, ask};
use crate::components::rights::rights;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::{Load, Loaded, finish};
use crate::messages::{amount, versions as messages};
use crate::navigation::Navigation;
use crate::route::Route;
use crate::scroll::Scroll;
use crate::session::Session;
use crate::styles;
use crate::text::name_or_untitled;
use crate::time::when;
use crate::title::Title;

pub(super) use update::page as update;

/// The pages of this part of the plugin.
#[derive(Clone, Copy)]
pub(crate) struct VersionPages {
    /// All versions of the item with this id.
    pub versions: fn(String) -> AnyView,
    /// What a copy can take over from its original.
    pub update: fn(String) -> AnyView,
}

/// An item with its versions.
struct History {
    item: Item,
    etag: String,
    /// Newest first.
    versions: Vec<Version>,
}

impl History {
    /// The version before this one, of those that the user may see.
    fn before(&self, version: i32) -> Option<i32> {
        let mut numbers = self.versions.iter().map(|one| one.number);
        numbers.find(|number| *number < version)
    }

    fn newest(&self) -> i32 {
        self.versions.first().map_or(1, |newest| newest.number)
    }
}

/// The page of the versions of the item with this id.
pub(crate) fn page(id: String) -> AnyView {
    let client = Session::current().client;
    let asked = id.clone();
    let history = Loaded::new(move || {
        let (client, id) = (client.clone(), asked.clone());
        async move {
            let (item, etag) = client.item(&id).await?;
            let versions = client.versions(&id).await?;
            Ok(Arc::new(History {
                item,
                etag,
                versions,
            }))
        }
    });
    below_item(id, history, move |found| content(found.clone(), history))
}

/// A page below that of an item: the way back to it, and what has been loaded.
fn below_item<T: Send + Sync + 'static>(
    id: String,
    loaded: Loaded<Arc<T>>,
    content: impl Fn(&Arc<T>) -> AnyView + Send + 'static,
) -> AnyView {
    styles::adopt_form();
    styles::adopt(include_str!("../../styles/versions.css"));
    let scroll = Scroll::current();
    scroll.top();
    let is_loading = move || matches!(*loaded.state.read(), Load::Loading);
    scroll.keep_focus_over(is_loading, ".versions .button");
    view! {
        <nav class="crumbs" aria-label=crate::messages::detail::breadcrumb()>
            <a href=Route::detail(id).hash()>{messages::back()}</a>
        </nav>
        {rights()}
        {live(move || match &*loaded.state.read() {
            Load::Loading => skeleton(),
            Load::Failed(reason) => unavailable(reason, move || loaded.retry()),
            Load::Ready(found) => content(found),
        })}
    }
    .into_any()
}

fn content(history: Arc<History>, loaded: Loaded<Arc<History>>) -> AnyView {
    let name = name_or_untitled(history.item.name.as_deref());
    let title = messages::title(&name);
    Title::current().set(&title);
    let rows = history
        .versions
        .iter()
        .map(|version| row(&history, version, loaded));
    let rows = rows.collect_view();
    view! {
        <div class="head"><h1 dir="auto">{title}</h1></div>
        <ol class="versions" reversed>{rows}</ol>
        {compare::compare(history)}
    }
    .into_any()
}

fn row(history: &Arc<History>, version: &Version, loaded: Loaded<Arc<History>>) -> AnyView {
    let this = version.number;
    let is_newest = this == history.newest();
    let title = messages::number(&amount(this.into()));
    let newest = is_newest.then(|| view! { <span class="badge">{messages::newest()}</span> });
    let author = version
        .author
        .clone()
        .map(|author| view! { <span dir="auto">{author}</span> });
    let again = version
        .restored_from
        .map(|from| messages::again(&amount(from.into())));
    let note = version
        .note
        .clone()
        .map(|note| view! { <p dir="auto">{note}</p> });
    let withdrawn = version.withdrawn.clone().map(|reason| {
        view! {
            <p class="withdrawn"><span class="badge rejected">{messages::withdrawn()}</span> " " <span dir="auto">{reason}</span></p>
        }
    });
    let to_changes = Route::Versions {
        id: history.item.id.clone(),
        from: history.before(this),
        to: Some(this),
    };
    let (text, label) = match history.before(this) {
        Some(_) => (messages::what_changed(), messages::what_changed_in(&title)),
        None => (messages::show(), messages::show_version(&title)),
    };
    let is_writer = Session::current().may_write(&history.item);
    let restore = (!is_newest && is_writer).then(|| restore(history.clone(), this, loaded));
    let withdraw = is_writer.then(|| withdraw(history, version, loaded));
    view! {
        <li value=this.to_string()>
            <div class="version">
                <b>{title}</b>
                {newest}
                {when(&version.created_at)}
                {author}
                {again.map(|again| view! { <span>{again}</span> })}
            </div>
            {note}
            {withdrawn}
            <div class="actions">
                <a class="button" href=to_changes.hash() aria-label=label>{text}</a>
                {restore}
                {withdraw}
            </div>
        </li>
    }
    .into_any()
}

/// A button that makes a version the newest again. Nothing is lost by it, so it does not
/// ask first.
fn restore(history: Arc<History>, this: i32, loaded: Loaded<Arc<History>>) -> AnyView {
    let client = Session::current().client;
    let toasts = Toasts::current();
    let list_cache = ListCache::current();
    let navigation = Navigation::current();
    let busy = StoredValue::new(false);
    let act = move || {
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        let (client, history) = (client.clone(), history.clone());
        finish(async move {
            let id = &history.item.id;
            let outcome = client.restore(id, this, &history.etag).await;
            let is_here = busy.try_set_value(false).is_none();
            match outcome {
                Ok(()) => toasts.done(messages::restored(&amount(this.into()))),
                Err(failure) if failure.status == Some(412) => {
                    toasts.failed(crate::messages::detail::changed_meanwhile());
                }
                Err(failure) => return toasts.refused(&failure),
            }
            list_cache.clear();
            if is_here {
                navigation.replace(Route::Versions {
                    id: id.clone(),
                    from: None,
                    to: None,
                });
                loaded.retry();
            }
        });
    };
    button("button", messages::restore(), act)
}

/// A button that says that a version should not be used any more, or takes that back.
fn withdraw(history: &Arc<History>, version: &Version, loaded: Loaded<Arc<History>>) -> AnyView {
    let client = Session::current().client;
    let toasts = Toasts::current();
    let list_cache = ListCache::current();
    let this = version.number;
    let id = history.item.id.clone();
    let set = move |reason: Option<String>| {
        let (client, id) = (client.clone(), id.clone());
        finish(async move {
            match client.withdraw(&id, this, reason).await {
                Ok(()) => {
                    list_cache.clear();
                    loaded.retry();
                }
                Err(failure) => toasts.refused(&failure),
            }
        });
    };
    if version.withdrawn.is_some() {
        return button("button", messages::reinstate(), move || set(None));
    }
    let texts = Ask {
        id: format!("withdraw-{this}"),
        button: messages::withdraw_ask(),
        title: messages::withdraw_title(&this.to_string()),
        hint: messages::withdraw_hint(),
        label: messages::withdraw_label(),
        act: messages::withdraw(),
        limit: MAX_LINE,
        ..Ask::reason()
    };
    ask(texts, None, move |reason| {
        set(Some(reason));
        None
    })
}
