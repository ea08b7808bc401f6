use leptos::prelude::*;
use shared::wire::OFFICIAL_CATEGORY;

use super::Shown;
use crate::client::admin::Labels;
use crate::client::{Client, Failure};
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::finish;
use crate::messages::detail as messages;
use crate::session::Session;
use crate::text::name_or_untitled;

/// For admins: a button that makes the item an official template, or takes that back.
pub(super) fn official(shown: &Shown) -> AnyView {
    let Session { client, me, .. } = Session::current();
    let toasts = Toasts::current();
    let list_cache = ListCache::current();
    let busy = StoredValue::new(false);
    let is_official = shown.item.is_official();
    let shown = shown.clone();
    let toggle = move || {
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        let (client, shown) = (client.clone(), shown.clone());
        finish(async move {
            let outcome = set(&client, &shown, !is_official).await;
            busy.set_value(false);
            match outcome {
                Ok(()) => {
                    let name = name_or_untitled(shown.item.name.as_deref());
                    toasts.done(if is_official {
                        messages::unofficial_now(&name)
                    } else {
                        messages::official_now(&name)
                    });
                }
                Err(failure) if failure.status == Some(412) => {
                    toasts.failed(messages::changed_meanwhile());
                }
                Err(failure) => return toasts.refused(&failure),
            }
            list_cache.clear();
            shown.reload.try_run(());
        });
    };
    let name = if is_official {
        messages::make_unofficial()
    } else {
        messages::make_official()
    };
    let is_admin = Memo::new(move |_| me.ready().is_some_and(|me| me.may_curate()));
    live(move || {
        let toggle = toggle.clone();
        is_admin
            .get()
            .then(|| crate::components::button::button("button", name, toggle))
    })
}

/// Puts an item into the official category, which is made if there is none yet, or takes it
/// out.
async fn set(client: &Client, shown: &Shown, on: bool) -> Result<(), Failure> {
    let mut found = category(client).await?;
    if found.is_none() {
        let name = OFFICIAL_CATEGORY;
        client.make_label(Labels::Categories, name).await?;
        found = category(client).await?;
    }
    let id = found.ok_or_else(|| Failure::local(messages::no_official_category()))?;
    let Shown { item, etag, .. } = shown;
    client.set_category(&item.id, &id, on, etag).await
}

async fn category(client: &Client) -> Result<Option<String>, Failure> {
    let all = client.labels(Labels::Categories).await?;
    let found = all.into_iter().find(|one| one.name == OFFICIAL_CATEGORY);
    Ok(found.map(|one| one.id))
}
