//! Where the item stands in review: what its author reads, and an admin's verdict.

use leptos::prelude::*;
use shared::access::Facts;
use shared::wire::ItemStatus;

use super::Shown;
use crate::client::Failure;
use crate::components::button::button;
use crate::components::live::live;
use crate::components::reason::{Ask, ask};
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::{Loaded, finish};
use crate::messages::detail as messages;
use crate::route::Route;
use crate::session::Session;
use crate::text::name_or_untitled;

/// A bar for items that review holds back, and for admins.
pub(super) fn review(shown: Shown) -> AnyView {
    let me = Session::current().me;
    let bar = move || {
        let me = me.ready()?;
        let item = &shown.item;
        let status = item.status.filter(|status| status.holds_back());
        let is_judge = me.may_curate();
        if !me.may_see_review(&Facts::from(&**item)) || (status.is_none() && !is_judge) {
            return None;
        }
        // What admins share themselves, and what is official, needs no verdict.
        if status.is_none() && (item.is_official() || item.author.as_deref() == Some(&me.name)) {
            return None;
        }
        let is_author = item.author.as_deref() == Some(&me.name);
        Some(view(&shown, status, is_judge, is_author))
    };
    live(bar)
}

fn view(shown: &Shown, status: Option<ItemStatus>, is_judge: bool, is_author: bool) -> AnyView {
    let item = &shown.item;
    let Some(status) = status else {
        return view! { <div class="verdicts">{verdicts(shown, None)}</div> }.into_any();
    };
    let note = item.review_note.clone().map(|note| {
        let label = if status == ItemStatus::Pending {
            messages::reason_before()
        } else {
            messages::reason()
        };
        view! {
            <p class="label">{label}</p>
            <blockquote dir="auto">{note}</blockquote>
        }
    });
    let (class, title, text) = match (status, is_author) {
        (ItemStatus::Rejected, true) => (
            "notice review error",
            messages::rejected(),
            messages::rejected_author(),
        ),
        (ItemStatus::Rejected, false) => (
            "notice review error",
            messages::rejected(),
            messages::rejected_admin(),
        ),
        (ItemStatus::Quarantined, true) => (
            "notice review error",
            messages::quarantined(),
            messages::quarantined_author(),
        ),
        (ItemStatus::Quarantined, false) => (
            "notice review error",
            messages::quarantined(),
            messages::quarantined_admin(),
        ),
        (_, true) => (
            "notice review",
            messages::pending(),
            messages::pending_author(),
        ),
        (_, false) => (
            "notice review",
            messages::pending(),
            messages::pending_admin(),
        ),
    };
    let mend = (is_author && status == ItemStatus::Rejected).then(|| {
        let edit = Route::Edit {
            id: item.id.clone(),
        }
        .hash();
        view! { <a class="button primary" href=edit aria-describedby="mend-hint">{messages::mend()}</a> }
    });
    let hint = mend.is_some().then(|| {
        view! { <p class="hint" id="mend-hint">{messages::mend_hint()}</p> }
    });
    view! {
        <section class=class aria-labelledby="review-title">
            <h2 id="review-title">{title}</h2>
            <p>{text}</p>
            {note}
            <div class="actions">
                {mend}
                {(status == ItemStatus::Pending).then(|| changes(shown))}
                {is_judge.then(|| verdicts(shown, Some(status)))}
            </div>
            {hint}
        </section>
    }
    .into_any()
}

/// What came of a verdict.
#[derive(Clone)]
struct Verdict {
    shown: Shown,
    busy: RwSignal<bool>,
    toasts: Toasts,
    list_cache: ListCache,
}

impl Verdict {
    fn end(&self, outcome: Result<(), Failure>, done: fn(&str) -> String) {
        self.busy.set(false);
        let name = name_or_untitled(self.shown.item.name.as_deref());
        match outcome {
            Ok(()) => self.toasts.done(done(&name)),
            Err(failure) if failure.status == Some(412) => {
                self.toasts.failed(messages::changed_meanwhile());
            }
            Err(failure) => return self.toasts.refused(&failure),
        }
        self.list_cache.clear();
        self.shown.reload.try_run(());
    }
}

fn verdicts(shown: &Shown, status: Option<ItemStatus>) -> AnyView {
    let client = Session::current().client;
    let verdict = Verdict {
        shown: shown.clone(),
        busy: RwSignal::new(false),
        toasts: Toasts::current(),
        list_cache: ListCache::current(),
    };
    let busy = verdict.busy;
    let approve = {
        let (client, verdict) = (client.clone(), verdict.clone());
        move || {
            if busy.get_untracked() {
                return;
            }
            busy.set(true);
            let (client, verdict) = (client.clone(), verdict.clone());
            finish(async move {
                let Shown { item, etag, .. } = &verdict.shown;
                let outcome = client.approve(&item.id, etag).await;
                verdict.end(outcome, messages::approved);
            });
        }
    };
    let judge = move |reason: String, quarantine: bool| {
        busy.set(true);
        let (client, verdict) = (client.clone(), verdict.clone());
        finish(async move {
            let Shown { item, etag, .. } = &verdict.shown;
            let outcome = client.keep_back(&item.id, etag, &reason, quarantine);
            let done = if quarantine {
                messages::is_quarantined
            } else {
                messages::is_rejected
            };
            verdict.end(outcome.await, done);
        });
        None
    };
    let approve_text = if status == Some(ItemStatus::Quarantined) {
        messages::release()
    } else {
        messages::approve()
    };
    let approve = status.map(|_| button("button primary", approve_text, approve));
    let name = name_or_untitled(shown.item.name.as_deref());
    let reject = matches!(status, None | Some(ItemStatus::Pending)).then(|| {
        let texts = Ask {
            id: "reject-title".to_owned(),
            button: messages::reject_ask(),
            title: messages::reject_title(&name),
            hint: messages::reject_hint(),
            label: messages::reason_label(),
            act: messages::reject(),
            ..Ask::reason()
        };
        let judge = judge.clone();
        ask(texts, None, move |reason| judge(reason, false))
    });
    let quarantine = (status != Some(ItemStatus::Quarantined)).then(|| {
        let texts = Ask {
            id: "quarantine-title".to_owned(),
            button: messages::quarantine_ask(),
            title: messages::quarantine_title(&name),
            hint: messages::quarantine_hint(),
            label: messages::quarantine_label(),
            act: messages::quarantine(),
            ..Ask::reason()
        };
        ask(texts, None, move |reason| judge(reason, true))
    });
    view! { {approve} {reject} {quarantine} }.into_any()
}

/// For whoever reviews it: the way to what has changed since others could see it last.
fn changes(shown: &Shown) -> AnyView {
    let item = shown.item.clone();
    if item.version == 1 {
        return ().into_any();
    }
    let client = Session::current().client;
    let id = item.id.clone();
    let versions = Loaded::new(move || {
        let (client, id) = (client.clone(), id.clone());
        async move { client.versions(&id).await }
    });
    live(move || {
        let versions = versions.ready()?;
        let seen = versions.iter().find(|version| version.shared)?.number;
        (seen < item.version).then(|| {
            let to = Route::Versions {
                id: item.id.clone(),
                from: Some(seen),
                to: Some(item.version),
            };
            let text = messages::changed_since(&seen.to_string());
            view! { <a class="button" href=to.hash()>{text}</a> }
        })
    })
}
