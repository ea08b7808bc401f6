use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use shared::wire::{Item, ItemChanges};

use crate::client::{Client, Failure};
use crate::components::button::button;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::finish;
use crate::messages::list as text;
use crate::pages::list::browse::Browse;
use crate::session::Session;
use crate::text::name_or_untitled;

/// What is done with one item.
pub(super) type Step = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

/// What came of one item.
#[derive(Clone)]
enum Outcome {
    Waits,
    Runs,
    Done,
    Failed(String),
}

/// Does something with several items, one after the other, and shows what comes of each.
#[derive(Clone, Copy)]
pub(super) struct Run {
    browse: Browse,
    /// They outlive whatever began it: a form that is gone by then.
    outcomes: RwSignal<Vec<(String, ArcRwSignal<Outcome>)>>,
    is_busy: RwSignal<bool>,
    client: StoredValue<Client>,
    toasts: Toasts,
    list_cache: ListCache,
}

impl Run {
    pub(super) fn new(browse: Browse) -> Self {
        Self {
            browse,
            outcomes: RwSignal::new(Vec::new()),
            is_busy: RwSignal::new(false),
            client: StoredValue::new(Session::current().client),
            toasts: Toasts::current(),
            list_cache: ListCache::current(),
        }
    }

    pub(super) fn is_busy(self) -> bool {
        self.is_busy.get()
    }

    /// Does `step` with each item, and loads the list anew in the end.
    pub(super) fn start(self, items: Vec<Item>, step: impl Fn(Client, Item) -> Step + 'static) {
        self.start_then(items, step, || ());
    }

    /// The same, and `then` something when all are through.
    pub(super) fn start_then(
        self,
        items: Vec<Item>,
        step: impl Fn(Client, Item) -> Step + 'static,
        then: impl FnOnce() + 'static,
    ) {
        let outcomes: Vec<_> = items
            .iter()
            .map(|item| {
                let name = name_or_untitled(item.name.as_deref());
                (name, ArcRwSignal::new(Outcome::Waits))
            })
            .collect();
        self.outcomes.set(outcomes.clone());
        self.is_busy.set(true);
        let client = self.client.get_value();
        finish(async move {
            for (item, (_, outcome)) in items.into_iter().zip(outcomes) {
                outcome.set(Outcome::Runs);
                outcome.set(match step(client.clone(), item).await {
                    Ok(()) => Outcome::Done,
                    Err(reason) => {
                        if reason.signed_out() {
                            self.toasts.refused(&reason);
                        }
                        Outcome::Failed(reason.text)
                    }
                });
            }
            self.is_busy.set(false);
            then();
            self.list_cache.clear();
            self.browse.reload.notify();
        });
    }

    /// What has come of it so far.
    pub(super) fn view(self) -> AnyView {
        let done = move || {
            let outcomes = self.outcomes.get();
            let number = |is: fn(&Outcome) -> bool| {
                outcomes
                    .iter()
                    .filter(|(_, outcome)| outcome.with(is))
                    .count()
            };
            if self.is_busy.get() {
                return text::under_way().to_owned();
            }
            let failed = number(|outcome| matches!(outcome, Outcome::Failed(_)));
            let done = number(|outcome| matches!(outcome, Outcome::Done));
            text::outcome(&text::done(done), &text::failed(failed))
        };
        let row = |(name, outcome): (String, ArcRwSignal<Outcome>)| {
            let failed = outcome.clone();
            let state = move || match outcome.get() {
                Outcome::Waits => text::waits().to_owned(),
                Outcome::Runs => text::under_way().to_owned(),
                Outcome::Done => text::is_done().to_owned(),
                Outcome::Failed(reason) => reason,
            };
            let is_bad = move || failed.with(|outcome| matches!(outcome, Outcome::Failed(_)));
            view! {
                <li class:bad=Signal::derive(is_bad)>
                    <span dir="auto">{name}</span>
                    " – "
                    {live(state)}
                </li>
            }
        };
        live(move || {
            let outcomes = self.outcomes.get();
            (!outcomes.is_empty()).then(|| {
                view! {
                    <div class="outcomes">
                        <p role="status">{live(done)}</p>
                        <ul>{outcomes.into_iter().map(row).collect_view()}</ul>
                        {button("button", text::close(), move || {
                            if !self.is_busy.get_untracked() {
                                self.outcomes.set(Vec::new());
                            }
                        })}
                    </div>
                }
            })
        })
    }
}

/// Changes an item as it is now, if nobody else does so meanwhile.
pub(super) fn change(
    client: Client,
    item: Item,
    make: impl Fn(&Item) -> ItemChanges + 'static,
) -> Step {
    Box::pin(async move {
        let (item, etag) = client.item(&item.id).await?;
        client.update(&item.id, &make(&item), &etag).await
    })
}
