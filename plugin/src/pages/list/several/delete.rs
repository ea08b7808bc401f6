use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::wire::Item;

use crate::client::Client;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::messages::list as text;
use crate::pages::list::browse::Browse;
use crate::session::Session;

/// So long one may still change one's mind.
const PATIENCE: Duration = Duration::from_secs(8);

/// Deletes items after a while in which that can be undone.
#[derive(Clone, Copy)]
pub(super) struct Deletion {
    browse: Browse,
    client: StoredValue<Client>,
    list_cache: ListCache,
    toasts: Toasts,
}

/// Items that are about to be deleted; none when that is under way, or was undone.
type Waiting = Rc<RefCell<Option<Vec<Item>>>>;

impl Deletion {
    pub(super) fn new(browse: Browse) -> Self {
        Self {
            browse,
            client: StoredValue::new(Session::current().client),
            list_cache: ListCache::current(),
            toasts: Toasts::current(),
        }
    }

    /// Takes the items off the list. They are deleted when nobody undoes it in time, and
    /// when the document is left before; leaving the page changes nothing.
    pub(super) fn begin(self, items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        let gone = self.list_cache.gone();
        let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
        gone.update(|gone| gone.extend(ids.clone()));
        self.browse.selected.set(None);
        let (toasts, client) = (self.toasts, self.client.get_value());
        let (list_cache, reload) = (self.list_cache, self.browse.reload);
        let number = items.len() as u64;
        let waiting: Waiting = Rc::new(RefCell::new(Some(items)));

        let leaving = {
            let (waiting, client) = (waiting.clone(), client.clone());
            window_event_listener_untyped("pagehide", move |_| {
                for item in waiting.take().into_iter().flatten() {
                    client.delete_at_last(&item.id);
                }
            })
        };
        let leaving = Rc::new(RefCell::new(Some(leaving)));
        let undo = {
            let (waiting, leaving) = (waiting.clone(), leaving.clone());
            move || {
                if waiting.take().is_some() {
                    gone.try_update(|gone| gone.retain(|id| !ids.contains(id)));
                }
                if let Some(leaving) = leaving.take() {
                    leaving.remove();
                }
            }
        };
        toasts.offer(text::will_be_deleted(number), text::undo(), undo);
        set_timeout(
            move || {
                if let Some(leaving) = leaving.take() {
                    leaving.remove();
                }
                let Some(items) = waiting.take() else {
                    return;
                };
                spawn_local(async move {
                    let mut refused = Vec::new();
                    for item in items {
                        if let Err(reason) = client.delete(&item.id, "").await {
                            gone.try_update(|gone| gone.retain(|id| *id != item.id));
                            refused.push((item, reason));
                        }
                    }
                    for (item, reason) in &refused {
                        let name = crate::text::name_or_untitled(item.name.as_deref());
                        toasts.failed(text::not_deleted(&name, &reason.text));
                    }
                    list_cache.try_clear();
                    reload.try_update(|()| ());
                });
            },
            PATIENCE,
        );
    }
}
