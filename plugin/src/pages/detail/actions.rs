use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::{Item, ItemStatus};

use super::{Shown, copy as duplicate, life_cycle, official, share, star};
use crate::components::button::button;
use crate::components::code::{copy, download};
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::deletions::Deletions;
use crate::list_cache::ListCache;
use crate::messages::detail as messages;
use crate::navigation::Navigation;
use crate::route::Route;
use crate::session::Session;
use crate::text::{file_name, name_or_untitled};

/// What can be done with the item: what the user may not do is not offered.
pub(super) fn actions(shown: &Shown) -> AnyView {
    let session = Session::current();
    let item = shown.item.clone();
    let etag = shown.etag.clone();
    let using = Route::Use {
        id: item.id.clone(),
    }
    .hash();
    let writable = {
        let item = item.clone();
        Memo::new(move |_| session.may_write(&item))
    };
    let using = (item.status != Some(ItemStatus::Quarantined))
        .then(|| view! { <a class="button primary" href=using>{messages::use_it()}</a> });
    view! {
        <div class="actions">
            {using}
            {star::star(&item)}
            {life_cycle::follow(&item)}
            {duplicate::copy(&item)}
            {share::share(&item, writable)}
            {save(&item)}
            {live({
                let shown = shown.clone();
                move || writable.get().then(|| view! {
                    {change(item.clone(), etag.clone())}
                    {life_cycle::deprecate(&shown)}
                })
            })}
            {official::official(shown)}
        </div>
    }
    .into_any()
}

/// Saves the protocol as a file.
fn save(item: &Item) -> AnyView {
    let toasts = Toasts::current();
    let text = item.protocol.clone().unwrap_or_default();
    if text.trim().is_empty() {
        return ().into_any();
    }
    let name = file_name(&name_or_untitled(item.name.as_deref()), "yaml");
    button("button", messages::download(), move || {
        save_as(&text, &name, toasts);
    })
}

fn save_as(text: &str, name: &str, toasts: Toasts) {
    if download(text, name).is_err() {
        toasts.failed(messages::not_saved());
    }
}

/// What can be done with the text of a protocol.
pub(super) fn protocol_actions(text: String, name: String) -> AnyView {
    let toasts = Toasts::current();
    let copied = text.clone();
    let name = file_name(&name, "yaml");
    view! {
        <div class="actions">
            {button("button", messages::copy_text(), move || copy(copied.clone(), messages::protocol_copied(), toasts))}
            {button("button", messages::save_text(), move || save_as(&text, &name, toasts))}
        </div>
    }
    .into_any()
}

fn change(item: Arc<Item>, etag: String) -> AnyView {
    let navigation = Navigation::current();
    let list_cache = ListCache::current();
    let deletions = Deletions::current();
    let edit = Route::Edit {
        id: item.id.clone(),
    }
    .hash();
    let delete = move || {
        deletions.begin(&item.id, &etag, &name_or_untitled(item.name.as_deref()));
        navigation.replace(Route::List(list_cache.get().filters));
    };
    view! {
        <a class="button" href=edit>{messages::edit()}</a>
        {button("button", messages::delete(), delete)}
    }
    .into_any()
}
