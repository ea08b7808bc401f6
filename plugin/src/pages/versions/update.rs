//! What has changed in the original of a copy since it was copied, and how the copy takes
//! it over.

use std::sync::Arc;

use leptos::prelude::*;
use shared::diff::{Conflict, Side, Unmerged, merge, merge_preferring};
use shared::wire::{Item, ItemChanges, Origin};

use super::below_item;
use crate::changes;
use crate::client::Failure;
use crate::components::button::button;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::{Loaded, finish};
use crate::messages::{amount, versions as messages};
use crate::navigation::Navigation;
use crate::route::Route;
use crate::session::Session;
use crate::text::name_or_untitled;
use crate::title::Title;

/// A copy, and two versions of its original.
struct Update {
    copy: Item,
    etag: String,
    origin: Origin,
    /// The number of the newest version.
    newest: i32,
    /// What was copied.
    base: String,
    /// What the original is now.
    theirs: String,
}

/// The page of the copy with this id.
pub(crate) fn page(id: String) -> AnyView {
    let client = Session::current().client;
    let asked = id.clone();
    let update = Loaded::new(move || {
        let (client, id) = (client.clone(), asked.clone());
        async move {
            let (copy, etag) = client.item(&id).await?;
            let origin = copy.copied_from.clone().unwrap_or_default();
            let (Some(copied), Some(newest)) = (origin.version, origin.newest) else {
                return Err(Failure::local(messages::no_origin()));
            };
            Ok(Arc::new(Update {
                base: client.version(&origin.id, copied).await?,
                theirs: client.version(&origin.id, newest).await?,
                copy,
                etag,
                origin,
                newest,
            }))
        }
    });
    below_item(id, update, content)
}

fn content(update: &Arc<Update>) -> AnyView {
    let name = name_or_untitled(update.origin.name.as_deref());
    let title = messages::update_title(&name);
    Title::current().set(&title);
    let mine = update.copy.protocol.clone().unwrap_or_default();
    let outcome = if update.origin.version == update.origin.newest {
        view! { <p class="hint">{messages::up_to_date()}</p> }.into_any()
    } else {
        match merge(&update.base, &mine, &update.theirs) {
            Ok(merged) => view! { {result(&mine, &merged)} {actions(update, vec![(messages::take_over(), merged)])} }
                .into_any(),
            Err(Unmerged::Conflicts(conflicts)) => in_conflict(update, &mine, &conflicts),
            Err(Unmerged::Unreadable | Unmerged::Texts) => {
                let choices = vec![(messages::take_theirs_whole(), update.theirs.clone())];
                view! { <p class="notice">{messages::not_merged()}</p> {actions(update, choices)} }.into_any()
            }
        }
    };
    view! {
        <div class="head"><h1 dir="auto">{title}</h1></div>
        <section class="compare">
            <h2>{messages::original_changed()}</h2>
            {changes::list(&update.base, &update.theirs)}
            {outcome}
        </section>
    }
    .into_any()
}

/// What the copy will mean differently.
fn result(mine: &str, merged: &str) -> AnyView {
    view! {
        <h2>{messages::copy_changes()}</h2>
        {changes::list(mine, merged)}
    }
    .into_any()
}

fn in_conflict(update: &Arc<Update>, mine: &str, conflicts: &[Conflict]) -> AnyView {
    let rows = conflicts.iter().map(|conflict| {
        let side = |value: &Option<String>| {
            let text = value
                .clone()
                .unwrap_or_else(|| messages::not_there().to_owned());
            view! { <td><pre dir="auto">{text}</pre></td> }
        };
        view! {
            <tr>
                <th scope="row"><code dir="auto">{conflict.path.clone()}</code></th>
                {side(&conflict.base)}
                {side(&conflict.ours)}
                {side(&conflict.theirs)}
            </tr>
        }
    });
    let rows = rows.collect_view();
    let preferring = |side| merge_preferring(side, &update.base, mine, &update.theirs).ok();
    let choices = [
        (messages::prefer_mine(), preferring(Side::Ours)),
        (messages::prefer_theirs(), preferring(Side::Theirs)),
    ];
    let choices = choices
        .into_iter()
        .filter_map(|(text, merged)| Some((text, merged?)))
        .collect();
    view! {
        <h2>{messages::conflicts()}</h2>
        <p>{messages::conflicts_hint()}</p>
        <div class="scroll" tabindex="0" role="group" aria-label=messages::conflicts()>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{messages::place()}</th>
                        <th scope="col">{messages::was_copied()}</th>
                        <th scope="col">{messages::in_copy()}</th>
                        <th scope="col">{messages::in_original()}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {actions(update, choices)}
    }
    .into_any()
}

/// Buttons that save one of these protocols, for who may change the copy.
fn actions(update: &Arc<Update>, choices: Vec<(&'static str, String)>) -> AnyView {
    let session = Session::current();
    if session.me.ready().is_none() {
        return ().into_any();
    }
    if !session.may_write(&update.copy) {
        return view! { <p class="hint">{messages::not_yours()}</p> }.into_any();
    }
    let toasts = Toasts::current();
    let list_cache = ListCache::current();
    let navigation = Navigation::current();
    let busy = StoredValue::new(false);
    let save = {
        let update = update.clone();
        move |protocol: String| {
            if busy.get_value() {
                return;
            }
            busy.set_value(true);
            let (client, update) = (session.client.clone(), update.clone());
            finish(async move {
                let newest = update.newest.to_string();
                let changes = ItemChanges {
                    protocol: Some(protocol),
                    copied_version: Some(update.newest),
                    version_note: Some(messages::note(&newest)),
                    ..ItemChanges::default()
                };
                let id = &update.copy.id;
                let outcome = client.update(id, &changes, &update.etag).await;
                let is_here = busy.try_set_value(false).is_none();
                match outcome {
                    Ok(()) => {
                        toasts.done(messages::taken_over(&amount(update.newest.into())));
                        list_cache.clear();
                        if is_here {
                            navigation.replace(Route::detail(id.as_str()));
                        }
                    }
                    Err(failure) if failure.status == Some(412) => {
                        toasts.failed(crate::messages::detail::changed_meanwhile());
                    }
                    Err(failure) => toasts.refused(&failure),
                }
            });
        }
    };
    let buttons = choices
        .into_iter()
        .enumerate()
        .map(|(index, (text, protocol))| {
            let save = save.clone();
            let class = if index == 0 {
                "button primary"
            } else {
                "button"
            };
            button(class, text, move || save(protocol.clone()))
        });
    let buttons = buttons.collect_view();
    let edit = Route::Edit {
        id: update.copy.id.clone(),
    }
    .hash();
    view! {
        <div class="actions">
            {buttons}
            <a class="button" href=edit>{messages::by_hand()}</a>
        </div>
    }
    .into_any()
}
