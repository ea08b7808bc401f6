//! The item has been made.

use std::sync::Arc;

use leptos::prelude::*;

use super::State;
use super::steps::Step;
use crate::components::badge::badges;
use crate::components::button::button;
use crate::components::code::copy;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::draft::{Draft, Field};
use crate::load::Loaded;
use crate::messages;
use crate::route::Route;
use crate::session::Session;

/// Where to go on from the new item with this id.
pub(super) fn done(state: State, id: String, again: impl Fn() + 'static) -> AnyView {
    let client = Session::current().client;
    let toasts = Toasts::current();
    let asked = id.clone();
    // Whether it waits for review, only the marketplace knows.
    let item = Loaded::new(move || {
        let (client, id) = (client.clone(), asked.clone());
        async move { Ok(Arc::new(client.item(&id).await?)) }
    });
    let draft = state.draft.get_untracked();
    let hash = Route::detail(id.as_str()).hash();
    let edit = Route::Edit { id }.hash();
    let link = {
        let hash = hash.clone();
        move || {
            let here = window().location().href().unwrap_or_default();
            let page = here.split('#').next().unwrap_or_default();
            copy(
                format!("{page}{hash}"),
                messages::detail::link_copied(),
                toasts,
            );
        }
    };
    let another = move || {
        again();
        state.draft.set(Draft::default());
        state.attempt.set(None);
        state.attempted.set(false);
        state.sent.set(false);
        state.replaced.set(None);
        state.notice.set(None);
        state.done.set(None);
        state.go(Step::Source);
    };
    view! {
        <section class="state" id="done" tabindex="-1" aria-labelledby="done-title">
            <h2 id="done-title">{messages::form::shared(draft.name.trim())}</h2>
            {live(move || item.ready().map(|item| badges(&item.0)))}
            <p dir="auto">{messages::create::done_audience(&draft.shown(Field::Groups))}</p>
            <div class="actions">
                <a class="button primary" href=hash>{messages::create::done_open()}</a>
                {button("button", messages::detail::copy_link(), link)}
                <a class="button" href=edit>{messages::detail::change_audience()}</a>
                {button("button", messages::create::done_another(), another)}
            </div>
        </section>
    }
    .into_any()
}
