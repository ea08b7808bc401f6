//! A new item, from a file or from typing.

use leptos::prelude::*;

use crate::app::Place;
use crate::components::toast::Toasts;
use crate::draft::Draft;
use crate::form::{Form, storage};
use crate::pages::list::Shelf;
use crate::route::Route;
use crate::scroll::Scroll;
use crate::session::Session;

/// The page.
pub(crate) fn page() -> AnyView {
    let Session { client, user, .. } = Session::current();
    let (toasts, place, shelf) = (
        Toasts::current(),
        Place::current(),
        expect_context::<Shelf>(),
    );
    let key = storage::key(&user, None);
    let form = Form {
        draft: storage::load(&key).unwrap_or_default(),
        key,
        action: "Create",
        cancel: shelf.way_back(),
    };
    Scroll::current().top();
    let view = form.view(move |draft: Draft| {
        let (client, user) = (client.clone(), user.clone());
        async move {
            let created = client.create(&draft.to_new(&user)).await?;
            shelf.clear();
            toasts.done(format!("“{}” is in the marketplace.", draft.name.trim()));
            place.go(&Route::detail(created.id));
            Ok(())
        }
    });
    view! {
        <div class="head"><h1>"Create a template"</h1></div>
        {view}
    }
    .into_any()
}
