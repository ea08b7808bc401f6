//! Items that are deleted for their user, but not yet for the marketplace: for some
//! seconds they can be taken back.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::Client;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::messages::detail as messages;
use crate::session::Session;

/// So long an item can be taken back, or until the message that offers it goes: enough to
/// read two sentences, and to get to the button by keyboard.
const GRACE: Duration = Duration::from_secs(10);

/// The items that are about to be deleted. That comes to its end when pages change, and
/// at once when the document is left or the plugin is taken out.
#[derive(Clone, Copy)]
pub(crate) struct Deletions {
    pending: RwSignal<Vec<Deletion>>,
    /// The ids of what is gone for good: lists may have been loaded before.
    gone: RwSignal<Vec<String>>,
    client: StoredValue<Client>,
    toasts: Toasts,
    list_cache: ListCache,
}

#[derive(Clone, PartialEq, Eq)]
struct Deletion {
    id: String,
    etag: String,
    name: String,
    /// The marketplace has been asked: too late to take it back.
    sent: bool,
}

impl Deletions {
    /// Nothing is to be deleted. Call it inside the app's root.
    pub(crate) fn new(toasts: Toasts) -> Self {
        let deletions = Self {
            pending: RwSignal::new(Vec::new()),
            gone: RwSignal::new(Vec::new()),
            client: StoredValue::new(Session::current().client),
            toasts,
            list_cache: ListCache::current(),
        };
        let listener = window_event_listener(ev::pagehide, move |_| deletions.leave());
        on_cleanup(move || {
            listener.remove();
            deletions.leave();
        });
        deletions
    }

    /// Those of the app that is being built.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// Whether the item is about to be deleted, and so not to be shown.
    pub(crate) fn has(self, id: &str) -> bool {
        self.pending.with(|all| all.iter().any(|one| one.id == id))
    }

    /// Whether the item is deleted, or about to be, and so not on any list.
    pub(crate) fn hides(self, id: &str) -> bool {
        self.has(id) || self.is_gone(id)
    }

    /// Whether the item is deleted for good, and so counted no more.
    pub(crate) fn is_gone(self, id: &str) -> bool {
        self.gone.with(|gone| gone.iter().any(|one| one == id))
    }

    /// Deletes items in a while, one after the other, and offers to take that back. They
    /// come with the `ETag` of their version, and their names.
    pub(crate) fn begin_all(self, items: &[[String; 3]]) {
        let deletion = |[id, etag, name]: &[String; 3]| Deletion {
            id: id.clone(),
            etag: etag.clone(),
            name: name.clone(),
            sent: false,
        };
        self.pending
            .update(|all| all.extend(items.iter().map(deletion)));
        let ids: Vec<String> = items.iter().map(|[id, ..]| id.clone()).collect();
        let undone = ids.clone();
        self.toasts.offer(
            messages::several_deleted(items.len()),
            messages::undo(),
            GRACE,
            move || {
                for id in &undone {
                    self.undo(id);
                }
            },
            move || {
                let sent: Vec<_> = ids.iter().filter_map(|id| self.send(id)).collect();
                spawn_local(async move {
                    for deletion in sent {
                        self.finish(deletion).await;
                    }
                });
            },
        );
    }

    /// Deletes the version of an item with this `ETag`, in a while, and offers to take
    /// that back.
    pub(crate) fn begin(self, id: &str, etag: &str, name: &str) {
        let deletion = Deletion {
            id: id.to_owned(),
            etag: etag.to_owned(),
            name: name.to_owned(),
            sent: false,
        };
        self.pending.update(|all| all.push(deletion));
        let (timed, undone) = (id.to_owned(), id.to_owned());
        self.toasts.offer(
            messages::deleted(name),
            messages::undo(),
            GRACE,
            move || self.undo(&undone),
            move || {
                if let Some(deletion) = self.send(&timed) {
                    spawn_local(self.finish(deletion));
                }
            },
        );
    }

    /// Takes back what is not final yet.
    pub(crate) fn undo(self, id: &str) {
        self.remove(id, false);
    }

    /// Takes a deletion off the list, and answers it.
    fn remove(self, id: &str, sent: bool) -> Option<Deletion> {
        let is = |one: &Deletion| one.id == id && one.sent == sent;
        // Nobody is told where there is nothing to take off.
        let known = self.pending.try_with_untracked(|all| all.iter().any(is));
        known.filter(|known| *known)?;
        self.pending.try_update(|all| {
            let index = all.iter().position(is)?;
            Some(all.remove(index))
        })?
    }

    /// Takes note that the marketplace is about to be asked, if that was not taken back.
    fn send(self, id: &str) -> Option<Deletion> {
        let deletion = self.remove(id, false)?;
        let sent = Deletion {
            sent: true,
            ..deletion.clone()
        };
        self.pending.update(|all| all.push(sent));
        Some(deletion)
    }

    async fn finish(self, deletion: Deletion) {
        let Some(client) = self.client.try_get_value() else {
            return;
        };
        let Deletion { id, etag, name, .. } = deletion;
        let outcome = client.delete(&id, &etag).await;
        self.list_cache.clear();
        let failure = match outcome {
            // Somebody else has done it.
            Err(failure) if failure.status != Some(404) => Some(failure),
            _ => None,
        };
        if failure.is_none() {
            self.gone.try_update(|gone| gone.push(id.clone()));
        }
        self.remove(&id, true);
        match failure {
            None => {}
            Some(failure) if failure.signed_out() => self.toasts.refused(&failure),
            Some(failure) => self
                .toasts
                .failed(messages::not_deleted(&name, &failure.text)),
        }
    }

    /// Deletes at once what is not final yet.
    fn leave(self) {
        let pending = self.pending.try_update(std::mem::take);
        let client = self.client.try_get_value();
        let (Some(pending), Some(client)) = (pending, client) else {
            return;
        };
        for deletion in pending.into_iter().filter(|deletion| !deletion.sent) {
            client.delete_on_leaving(&deletion.id, &deletion.etag);
        }
    }
}
