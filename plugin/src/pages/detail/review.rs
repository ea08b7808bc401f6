//! Where the item stands in review: what its author reads, and an admin's verdict.

use leptos::html;
use leptos::prelude::*;
use shared::access::Facts;
use shared::wire::{ItemStatus, MAX_REASON};

use super::Shown;
use crate::client::Failure;
use crate::components::button::button;
use crate::components::dialog::Dialog;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::Tasks;
use crate::messages::{detail as messages, number};
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
        let label = if status == ItemStatus::Rejected {
            messages::reason()
        } else {
            messages::reason_before()
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
        view! { <a class="button primary" href=edit>{messages::mend()}</a> }
    });
    view! {
        <section class=class aria-labelledby="review-title">
            <h2 id="review-title">{title}</h2>
            <p>{text}</p>
            {note}
            <div class="actions">
                {mend}
                {is_judge.then(|| verdicts(shown, Some(status)))}
            </div>
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
        self.shown.reload.run(());
    }
}

fn verdicts(shown: &Shown, status: Option<ItemStatus>) -> AnyView {
    let client = Session::current().client;
    let tasks = Tasks::new();
    let verdict = Verdict {
        shown: shown.clone(),
        busy: RwSignal::new(false),
        toasts: Toasts::current(),
        list_cache: ListCache::current(),
    };
    let busy = verdict.busy;
    let approve = {
        let (client, tasks, verdict) = (client.clone(), tasks.clone(), verdict.clone());
        move || {
            if busy.get_untracked() {
                return;
            }
            busy.set(true);
            let (client, verdict) = (client.clone(), verdict.clone());
            tasks.spawn(async move {
                let Shown { item, etag, .. } = &verdict.shown;
                let outcome = client.approve(&item.id, etag).await;
                verdict.end(outcome, messages::approved);
            });
        }
    };
    let reject = move |reason: String| {
        busy.set(true);
        let (client, verdict) = (client.clone(), verdict.clone());
        tasks.spawn(async move {
            let Shown { item, etag, .. } = &verdict.shown;
            let outcome = client.reject(&item.id, etag, &reason).await;
            verdict.end(outcome, messages::is_rejected);
        });
    };
    let approve = status.map(|_| button("button primary", messages::approve(), approve));
    let name = name_or_untitled(shown.item.name.as_deref());
    view! {
        {approve}
        {(status != Some(ItemStatus::Rejected)).then(|| asking(&name, reject))}
    }
    .into_any()
}

/// A button that asks for the reason first, since the author reads it.
fn asking(name: &str, reject: impl Fn(String) + 'static) -> AnyView {
    let dialog = Dialog::new();
    let reason = RwSignal::new(String::new());
    let attempted = RwSignal::new(false);
    let area = NodeRef::<html::Textarea>::new();
    let length = move || reason.with(|reason| reason.trim().chars().count());
    let complaint = move || match length() {
        0 => Some(messages::reason_missing().to_owned()),
        length if length > MAX_REASON => {
            Some(messages::reason_long(&number(length), &number(MAX_REASON)))
        }
        _ => None,
    };
    let shown = move || attempted.get().then(complaint).flatten();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        attempted.set(true);
        if complaint().is_some() {
            if let Some(area) = area.get_untracked() {
                let _ = area.focus();
            }
            return;
        }
        dialog.close();
        reject(reason.get_untracked().trim().to_owned());
    };
    let content = view! {
        <form novalidate on:submit=submit>
            <label class="stack">
                {messages::reason_label()}
                <textarea
                    rows="5"
                    dir="auto"
                    node_ref=area
                    aria-describedby="reason-complaint"
                    aria-invalid=Signal::derive(move || shown().is_some().to_string())
                    prop:value=Signal::derive(move || reason.get())
                    on:input=move |event| reason.set(event_target_value(&event))
                ></textarea>
            </label>
            <p class="complaint" id="reason-complaint">{live(shown)}</p>
            <div class="actions end">
                {button("button", messages::cancel(), move || dialog.close())}
                <button class="button danger" type="submit">{messages::reject()}</button>
            </div>
        </form>
    };
    let title = messages::reject_title(name);
    view! {
        {button("button", messages::reject_ask(), move || {
            attempted.set(false);
            dialog.open();
        })}
        {dialog.view("reject-title", title.into_any(), content.into_any())}
    }
    .into_any()
}
