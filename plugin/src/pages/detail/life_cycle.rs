//! What should not be used any more, and what to use in its place; and whether the user is
//! told when that changes.

use leptos::html;
use leptos::prelude::*;
use shared::wire::{Deprecation, Item, ItemChanges, MAX_LINE, Origin};

use super::Shown;
use crate::components::button::button;
use crate::components::live::live;
use crate::components::reason::{Ask, ask};
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::finish;
use crate::messages::detail as messages;
use crate::route::Route;
use crate::session::Session;
use crate::text::name_or_untitled;

/// Why the item, or its newest version, should not be used, if so. Use warns by it too.
pub(in crate::pages) fn notices(item: &Item) -> AnyView {
    let deprecated = item.deprecation.as_ref().map(|deprecation| {
        let successor = deprecation.successor.clone().map(|successor| {
            if successor.gone {
                return view! { <p>{messages::successor_gone()}</p> }.into_any();
            }
            let href = Route::detail(successor.id.as_str()).hash();
            let name = name_or_untitled(successor.name.as_deref());
            view! { <p>{messages::successor()} " " <a href=href dir="auto">{name}</a></p> }
                .into_any()
        });
        view! {
            <div class="notice" id="deprecated">
                <h2>{messages::deprecated()}</h2>
                <blockquote dir="auto">{deprecation.reason.clone()}</blockquote>
                {successor}
            </div>
        }
    });
    let withdrawn = item.withdrawn.clone().map(|reason| {
        let versions = Route::Versions {
            id: item.id.clone(),
            from: None,
            to: None,
        };
        view! {
            <div class="notice error" id="withdrawn">
                <h2>{messages::withdrawn()}</h2>
                <blockquote dir="auto">{reason}</blockquote>
                <div class="actions">
                    <a class="button" href=versions.hash()>{messages::other_versions()}</a>
                </div>
            </div>
        }
    });
    view! { {deprecated} {withdrawn} }.into_any()
}

/// Whether the user is told what becomes of the item.
pub(super) fn follow(item: &Item) -> AnyView {
    let client = Session::current().client;
    let toasts = Toasts::current();
    let id = item.id.clone();
    let followed = RwSignal::new(item.followed);
    let busy = StoredValue::new(false);
    let toggle = move |_| {
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        let was = followed.get_untracked();
        followed.set(!was);
        let (client, id) = (client.clone(), id.clone());
        finish(async move {
            let outcome = client.follow(&id, !was).await;
            busy.try_set_value(false);
            if let Err(failure) = outcome {
                followed.try_set(was);
                toasts.refused(&failure);
            }
        });
    };
    view! {
        <button
            class="button"
            type="button"
            aria-pressed=Signal::derive(move || followed.get().to_string())
            title=messages::follow_hint()
            on:click=toggle
        >
            {live(move || if followed.get() { messages::following() } else { messages::follow() })}
        </button>
    }
    .into_any()
}

/// For whoever may change the item: says that it should not be used any more, or takes that
/// back.
pub(super) fn deprecate(shown: &Shown) -> AnyView {
    let client = Session::current().client;
    let toasts = Toasts::current();
    let list_cache = ListCache::current();
    let name = name_or_untitled(shown.item.name.as_deref());
    let is_deprecated = shown.item.deprecation.is_some();
    let shown = shown.clone();
    let change = move |deprecation: Option<Deprecation>| {
        let (client, shown) = (client.clone(), shown.clone());
        finish(async move {
            let changes = ItemChanges {
                deprecation: Some(deprecation),
                ..ItemChanges::default()
            };
            match client.update(&shown.item.id, &changes, &shown.etag).await {
                Ok(()) => {}
                Err(failure) if failure.status == Some(412) => {
                    toasts.failed(messages::changed_meanwhile());
                }
                Err(failure) => return toasts.refused(&failure),
            }
            list_cache.clear();
            shown.reload.try_run(());
        });
    };
    if is_deprecated {
        return button("button", messages::undeprecate(), move || change(None));
    }
    let field = NodeRef::<html::Input>::new();
    let more = view! {
        <label class="stack">
            {messages::successor_label()}
            <input type="text" dir="ltr" node_ref=field />
        </label>
    };
    let texts = Ask {
        id: "deprecate-title".to_owned(),
        button: messages::deprecate_ask(),
        title: messages::deprecate_title(&name),
        hint: messages::deprecate_hint(),
        label: messages::deprecate_label(),
        act: messages::deprecate(),
        limit: MAX_LINE,
        ..Ask::reason()
    };
    ask(texts, Some(more.into_any()), move |reason| {
        let link = field.get_untracked().map(|field| field.value());
        let link = link.unwrap_or_default();
        let successor = match link.trim() {
            "" => None,
            link => match id_of(link) {
                Some(id) => Some(Origin::of(id)),
                None => return Some(messages::successor_fault()),
            },
        };
        change(Some(Deprecation {
            reason,
            successor,
            since: None,
        }));
        None
    })
}

/// The item that a link to its page names.
fn id_of(link: &str) -> Option<String> {
    let (_, hash) = link.split_once('#')?;
    match Route::parse(hash) {
        Route::Detail { id, .. } | Route::Use { id } | Route::Versions { id, .. } => Some(id),
        _ => None,
    }
}
