use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::Item;

use crate::components::button::button;
use crate::components::code::{copy, download};
use crate::components::confirm::{Confirm, Question};
use crate::components::failure::unknown;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::{Load, Tasks};
use crate::navigation::Navigation;
use crate::route::{Filters, Route};
use crate::session::Session;
use crate::text::{file_name, name_or_untitled};

/// What can be done with the item: what the user may not do is not offered.
pub(super) fn actions(item: Arc<Item>, etag: String) -> AnyView {
    let session = Session::current();
    let toasts = Toasts::current();
    let using = Route::Use {
        id: item.id.clone(),
    }
    .hash();
    let link = move || {
        let here = window().location().href().unwrap_or_default();
        copy(here, "Link", toasts);
    };
    let writable = {
        let item = item.clone();
        Memo::new(move |_| session.may_write(&item))
    };
    view! {
        <div class="actions">
            <a class="button primary" href=using>"Use"</a>
            {button("button", "Copy link", link)}
            {live(move || writable.get().then(|| change(item.clone(), etag.clone())))}
        </div>
    }
    .into_any()
}

/// Says so if it is not known what the user may do: buttons are missing then.
pub(super) fn rights() -> AnyView {
    let me = Session::current().me;
    live(move || match &*me.state.read() {
        Load::Failed(reason) => unknown(
            "Whether you may change this item could not be found out.",
            reason,
            move || me.retry(),
        ),
        Load::Loading | Load::Ready(_) => ().into_any(),
    })
}

/// What can be done with the text of a protocol.
pub(super) fn protocol_actions(text: String, name: String) -> AnyView {
    let toasts = Toasts::current();
    let copied = text.clone();
    let save = move || {
        if download(&text, &file_name(&name, "yaml")).is_err() {
            toasts.failed("The browser did not save the file.");
        }
    };
    view! {
        <div class="actions">
            {button("button", "Copy", move || copy(copied.clone(), "Protocol", toasts))}
            {button("button", "Download", save)}
        </div>
    }
    .into_any()
}

fn change(item: Arc<Item>, etag: String) -> AnyView {
    let client = Session::current().client;
    let toasts = Toasts::current();
    let navigation = Navigation::current();
    let list_cache = ListCache::current();
    let tasks = Tasks::new();
    let confirm = Confirm::new();
    let busy = RwSignal::new(false);
    let name = name_or_untitled(item.name.as_deref());
    let question = Question {
        id: "delete-question",
        title: format!("Delete “{name}”?"),
        consequence: "It disappears for everybody, and nobody can bring it back.",
        answers: ["Cancel", "Delete"],
        class: "button danger",
    };
    let edit = Route::Edit {
        id: item.id.clone(),
    }
    .hash();
    let delete = move || {
        busy.set(true);
        let (client, item, name) = (client.clone(), item.clone(), name.clone());
        let etag = etag.clone();
        tasks.spawn(async move {
            match client.delete(&item.id, &etag).await {
                Ok(()) => {
                    list_cache.clear();
                    toasts.done(format!("“{name}” is deleted."));
                    navigation.replace(Route::List(Filters::default()));
                }
                Err(failure) => {
                    toasts.refused(&failure);
                    busy.set(false);
                }
            }
        });
    };
    view! {
        <a class="button" href=edit>"Edit"</a>
        <button class="button" type="button" disabled=Signal::derive(move || busy.get()) on:click=move |_| confirm.ask()>
            {live(move || if busy.get() { "Deleting …" } else { "Delete" })}
        </button>
        {confirm.view(question, delete)}
    }
    .into_any()
}
