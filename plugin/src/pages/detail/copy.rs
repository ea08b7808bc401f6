use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::wire::{Item, MAX_LINE, NewItem, OFFICIAL_CATEGORY, Origin};

use crate::components::button::button;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::messages::detail as messages;
use crate::navigation::Navigation;
use crate::route::Route;
use crate::session::Session;
use crate::text::name_or_untitled;

/// A button that makes a private copy of the item, for its user to change.
pub(super) fn copy(item: &Item) -> AnyView {
    let Session { client, user, .. } = Session::current();
    let toasts = Toasts::current();
    let navigation = Navigation::current();
    let list_cache = ListCache::current();
    let new = of(item, &user);
    let here = Route::detail(item.id.as_str());
    // One copy for one visit: an answer that got lost is asked for again by its key.
    let key = format!(
        "{:x}-{:x}",
        js_sys::Math::random().to_bits(),
        js_sys::Math::random().to_bits()
    );
    let busy = StoredValue::new(false);
    button("button", messages::copy_item(), move || {
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        let (client, new, key, here) = (client.clone(), new.clone(), key.clone(), here.clone());
        spawn_local(async move {
            let outcome = client.create(&new, &key).await;
            busy.try_set_value(false);
            match outcome {
                Ok(made) => {
                    list_cache.clear();
                    toasts.done(messages::copied(new.name.as_deref().unwrap_or_default()));
                    // Who has gone elsewhere meanwhile stays there.
                    let is_here = navigation.get_untracked();
                    if matches!((&is_here, &here), (Route::Detail { id, .. }, Route::Detail { id: item, .. }) if id == item)
                    {
                        navigation.go(&Route::Edit { id: made.id });
                    }
                }
                Err(failure) => toasts.refused(&failure),
            }
        });
    })
}

fn of(item: &Item, user: &str) -> NewItem {
    let name = name_or_untitled(item.name.as_deref());
    let mark = messages::copy_mark();
    let room = MAX_LINE - mark.chars().count() - 1;
    let name: String = name.chars().take(room).collect();
    let mut categories = item.categories.clone();
    categories.retain(|category| category != OFFICIAL_CATEGORY);
    NewItem {
        name: Some(format!("{name} {mark}")),
        author: Some(user.to_owned()),
        kind: item.kind,
        is_private: Some(true),
        data_type: item.data_type,
        data_url: item.data_url.clone(),
        license: item.license.clone(),
        use_blob: Some(item.use_blob),
        categories: Some(categories),
        tags: Some(item.tags.clone()),
        summary: item.summary.clone(),
        description: item.description.clone(),
        protocol: item.protocol.clone(),
        copied_from: Some(Origin {
            version: Some(item.version),
            ..Origin::of(item.id.as_str())
        }),
        ..NewItem::default()
    }
}
