//! The form for an item that exists.

use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::Item;

use super::detail::{skeleton, unavailable};
use crate::app::Place;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::draft::Draft;
use crate::form::{Form, storage};
use crate::load::{Load, Loaded};
use crate::pages::list::Shelf;
use crate::route::Route;
use crate::scroll::Scroll;
use crate::session::Session;

/// The page for the item with this id.
pub(crate) fn page(id: String) -> AnyView {
    let session = Session::current();
    let client = session.client.clone();
    // Whether the user may edit is known when both answers are there.
    let loaded = Loaded::new(move || {
        let (client, id) = (client.clone(), id.clone());
        async move { Ok(Arc::new(client.item(&id).await?)) }
    });
    Scroll::current().top();
    view! {
        {live(move || match (&*loaded.state.read(), &*session.me.state.read()) {
            (Load::Failed(reason), _) => unavailable(reason, move || loaded.retry()),
            (_, Load::Failed(reason)) => unavailable(reason, move || session.me.retry()),
            (Load::Ready(item), Load::Ready(_)) if session.may_write(item) => form(item.clone()),
            (Load::Ready(item), Load::Ready(_)) => read_only(item),
            _ => skeleton(),
        })}
    }
    .into_any()
}

fn form(item: Arc<Item>) -> AnyView {
    let Session { client, user, .. } = Session::current();
    let (toasts, place, shelf) = (
        Toasts::current(),
        Place::current(),
        expect_context::<Shelf>(),
    );
    let key = storage::key(&user, Some(&item.id));
    let form = Form {
        draft: storage::load(&key).unwrap_or_else(|| Draft::of(&item)),
        key,
        action: "Save",
        cancel: Route::detail(item.id.as_str()).hash(),
    };
    let view = form.view(move |draft: Draft| {
        let (client, item) = (client.clone(), item.clone());
        async move {
            client.update(&item.id, &draft.to_changes()).await?;
            shelf.clear();
            toasts.done(format!("“{}” is saved.", draft.name.trim()));
            place.go(&Route::detail(item.id.as_str()));
            Ok(())
        }
    });
    view! {
        <div class="head"><h1>"Edit"</h1></div>
        {view}
    }
    .into_any()
}

fn read_only(item: &Item) -> AnyView {
    view! {
        <section class="state">
            <h1>"You may not edit this item"</h1>
            <p>"Its author and admins may; official templates only admins."</p>
            <a class="button" href=Route::detail(item.id.as_str()).hash()>"Back to the item"</a>
        </section>
    }
    .into_any()
}
