//! The form for an item that exists.

use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::Item;

use super::detail::{skeleton, unavailable};
use crate::components::live::live;
use crate::draft::{Draft, Version};
use crate::form::storage::{self, StoredDraft};
use crate::form::{Form, Saving};
use crate::load::{Load, Loaded};
use crate::messages;
use crate::route::Route;
use crate::scroll::Scroll;
use crate::session::Session;
use crate::text::name_or_untitled;
use crate::title::Title;

/// The page for the item with this id.
pub(crate) fn page(id: String) -> AnyView {
    let key = storage::key(&Session::current().user, Some(&id));
    Scroll::current().top();
    expect_context::<Saving>().then(key.clone(), move || loaded(id.clone(), key.clone()))
}

fn loaded(id: String, key: String) -> AnyView {
    let session = Session::current();
    let client = session.client.clone();
    // Whether the user may edit is known when both answers are there.
    let loaded = Loaded::new(move || {
        let (client, id) = (client.clone(), id.clone());
        async move { Ok(Arc::new(client.item(&id).await?)) }
    });
    live(
        move || match (&*loaded.state.read(), &*session.me.state.read()) {
            (Load::Failed(reason), _) => unavailable(reason, move || loaded.retry()),
            (_, Load::Failed(reason)) => unavailable(reason, move || session.me.retry()),
            (Load::Ready(item), Load::Ready(_)) if session.may_write(&item.0) => {
                form(&item.0, &item.1, key.clone())
            }
            (Load::Ready(item), Load::Ready(_)) => read_only(&item.0),
            _ => skeleton(),
        },
    )
}

fn form(item: &Item, etag: &str, key: String) -> AnyView {
    let title = messages::edit::page(&name_or_untitled(item.name.as_deref()));
    Title::current().set(&title);
    let now = Version {
        content: Draft::of(item),
        etag: etag.to_owned(),
    };
    let mut stored = storage::load(&key).unwrap_or_else(|| StoredDraft {
        draft: now.content.clone(),
        version: None,
        attempt: None,
    });
    let base = stored.version.take().unwrap_or_else(|| now.clone());
    let conflict = !stored
        .draft
        .conflicts(&base.content, &now.content)
        .is_empty();
    if !conflict {
        // What the form shows was not changed, or to the same.
        stored.draft = stored.draft.merged(&base.content, &now.content);
    }
    let form = Form {
        item: Some(item.id.clone()),
        restored: !conflict && !stored.draft.is_like(&now.content),
        conflict: conflict.then(|| now.clone()),
        stored: StoredDraft {
            version: Some(if conflict { base } else { now }),
            ..stored
        },
        key,
        action: messages::edit::save(),
        cancel: Route::detail(item.id.as_str()).hash(),
    };
    view! {
        <div class="head"><h1 dir="auto">{title}</h1></div>
        {form.view()}
    }
    .into_any()
}

fn read_only(item: &Item) -> AnyView {
    view! {
        <section class="state">
            <h1>{messages::edit::forbidden_title()}</h1>
            <p>{messages::edit::forbidden()}</p>
            <a class="button" href=Route::detail(item.id.as_str()).hash()>{messages::edit::back()}</a>
        </section>
    }
    .into_any()
}
