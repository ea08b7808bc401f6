//! A new item, from a file or from typing.

use leptos::prelude::*;

use crate::draft::Draft;
use crate::form::storage::{self, StoredDraft};
use crate::form::{Form, Saving};
use crate::list_cache::ListCache;
use crate::messages;
use crate::scroll::Scroll;
use crate::session::Session;

/// The page.
pub(crate) fn page() -> AnyView {
    let key = storage::key(&Session::current().user, None);
    let cancel = ListCache::current().list_hash();
    Scroll::current().top();
    let form = {
        let key = key.clone();
        move || {
            let stored = storage::load(&key);
            let form = Form {
                item: None,
                restored: stored.is_some(),
                stored: stored.unwrap_or_else(|| StoredDraft {
                    draft: Draft::default(),
                    version: None,
                    attempt: None,
                }),
                conflict: None,
                key: key.clone(),
                action: messages::create::create(),
                cancel: cancel.clone(),
            };
            form.view()
        }
    };
    view! {
        <div class="head"><h1>{messages::create::page()}</h1></div>
        {expect_context::<Saving>().then(key, form)}
    }
    .into_any()
}
