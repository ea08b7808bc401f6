//! What the user has begun to write and not sent yet, in this tab.

use std::time::Duration;

use leptos::prelude::*;

use super::mine;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::form::storage;
use crate::messages;
use crate::route::Route;
use crate::session::Session;
use crate::styles;
use crate::text::name_or_untitled;

/// So long a draft that was discarded can be taken back.
const UNDO: Duration = Duration::from_secs(10);

/// The page of drafts.
pub(super) fn page() -> AnyView {
    styles::adopt(include_str!("../../styles/browse.css"));
    let user = Session::current().user;
    let toasts = Toasts::current();
    let all = RwSignal::new(storage::of_user(&user));
    let row = move |(key, item): (String, Option<String>)| {
        let stored = storage::load(&key)?;
        let name = name_or_untitled(Some(&stored.draft.name));
        let (what, route) = match item.clone() {
            None => (messages::list::draft_new(), Route::Create),
            Some(id) => (messages::list::draft_change(), Route::Edit { id }),
        };
        let discarded = messages::list::draft_discarded(&name);
        let label = messages::list::discard_one(&name);
        let discard = move || {
            let Some(stored) = storage::load(&key) else {
                return;
            };
            storage::forget(&key);
            all.update(|all| all.retain(|(other, _)| *other != key));
            let (key, item) = (key.clone(), item.clone());
            toasts.offer(
                discarded.clone(),
                messages::list::undo(),
                UNDO,
                move || {
                    storage::store(&key, &stored);
                    all.try_update(|all| all.push((key.clone(), item.clone())));
                },
                || (),
            );
        };
        Some(view! {
            <li class="draft">
                <p>
                    <a dir="auto" href=route.hash()>{name}</a>
                    <br />
                    {what}
                </p>
                <button class="button" type="button" aria-label=label on:click=move |_| discard()>
                    {messages::list::discard()}
                </button>
            </li>
        })
    };
    view! {
        <div class="head"><h1>{messages::list::my_things()}</h1></div>
        {mine::tabs(&Route::Drafts)}
        {live(move || {
            if all.with(Vec::is_empty) {
                view! {
                    <section class="state">
                        <h2>{messages::list::no_drafts_title()}</h2>
                        <p>{messages::list::no_drafts()}</p>
                        <a class="button primary" href=Route::Create.hash()>{messages::list::create_first()}</a>
                    </section>
                }
                .into_any()
            } else {
                view! {
                    <p>{messages::list::drafts_where()}</p>
                    <ul class="drafts">{all.get().into_iter().filter_map(row).collect_view()}</ul>
                }
                .into_any()
            }
        })}
    }
    .into_any()
}
