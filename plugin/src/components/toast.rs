//! Short messages about the outcome of what the user did.

use std::rc::Rc;
use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

use super::button::button;
use super::confirm::{Confirm, Question};
use super::leave::Guard;
use crate::client::Failure;
use crate::messages;
use crate::session::sign_in_address;

/// How long a message stays: two sentences are read in this time.
const STAYS: Duration = Duration::from_secs(7);

/// The messages that show now, and the dialogs for what a message is too short
/// for.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    all: RwSignal<Vec<Toast>>,
    sign_in: Confirm,
    copy: NodeRef<html::Dialog>,
    copied: NodeRef<html::Textarea>,
}

#[derive(Clone)]
struct Toast {
    id: usize,
    text: String,
    bad: bool,
    stays: Duration,
    action: Option<Action>,
}

/// What a message offers to do.
#[derive(Clone)]
struct Action {
    name: &'static str,
    act: SendWrapper<Rc<dyn Fn()>>,
}

impl Toasts {
    /// No messages yet.
    pub(crate) fn new() -> Self {
        Self {
            all: RwSignal::new(Vec::new()),
            sign_in: Confirm::new(),
            copy: NodeRef::new(),
            copied: NodeRef::new(),
        }
    }

    /// The messages of the app that is being built.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// Tells of a success.
    pub(crate) fn done(self, text: impl Into<String>) {
        self.show(text.into(), false, STAYS, None);
    }

    /// Tells of a success, and offers to do something about it for as long as the message
    /// `stays`.
    pub(crate) fn offer(
        self,
        text: String,
        name: &'static str,
        stays: Duration,
        act: impl Fn() + 'static,
    ) {
        let act: Rc<dyn Fn()> = Rc::new(act);
        let act = SendWrapper::new(act);
        self.show(text, false, stays, Some(Action { name, act }));
    }

    /// Tells of a failure.
    pub(crate) fn failed(self, text: impl Into<String>) {
        self.show(text.into(), true, STAYS, None);
    }

    /// Tells why the marketplace did not do what the user wanted; who is no
    /// longer signed in is offered to sign in again.
    pub(crate) fn refused(self, failure: &Failure) {
        if failure.signed_out() {
            self.sign_in.ask();
        } else {
            self.failed(failure.text.as_str());
        }
    }

    /// Copies a text where there is no clipboard for pages, that is over plain
    /// HTTP. Whether that worked; else the text shows, ready to be copied.
    pub(crate) fn copy_by_hand(self, text: &str) -> bool {
        let (Some(dialog), Some(area)) = (self.copy.get_untracked(), self.copied.get_untracked())
        else {
            return false;
        };
        area.set_value(text);
        // It fails only when the dialog is open already.
        let _ = dialog.show_modal();
        let _ = area.focus();
        area.select();
        let document = document().unchecked_into::<HtmlDocument>();
        let copied = document.exec_command("copy").unwrap_or(false);
        if copied {
            dialog.close();
        }
        copied
    }

    fn show(self, text: String, bad: bool, stays: Duration, action: Option<Action>) {
        self.all.try_update(|toasts| {
            let id = toasts.last().map_or(0, |toast| toast.id + 1);
            toasts.push(Toast {
                id,
                text,
                bad,
                stays,
                action,
            });
        });
    }

    fn dismiss(self, id: usize) {
        self.all
            .try_update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// The messages, read out by screen readers as they come.
pub(crate) fn toast_list(toasts: Toasts) -> AnyView {
    let toast = move |toast: Toast| {
        let Toast {
            id,
            text,
            bad,
            stays,
            action,
        } = toast;
        if let Ok(timer) = set_timeout_with_handle(move || toasts.dismiss(id), stays) {
            on_cleanup(move || timer.clear());
        }
        let action = action.map(|Action { name, act }| {
            button("link", name, move || {
                toasts.dismiss(id);
                act();
            })
        });
        view! {
            <div class="toast" class:bad=bad>
                <span dir="auto">{text}</span>
                {action}
                <button type="button" aria-label=messages::toast::dismiss() on:click=move |_| toasts.dismiss(id)>"×"</button>
            </div>
        }
    };
    let guard = Guard::current();
    let question = Question {
        id: "sign-in-question",
        title: messages::common::signed_out_title().into(),
        consequence: messages::toast::signed_out(),
        answers: [messages::toast::not_now(), messages::common::sign_in()],
        class: "button primary",
    };
    let sign_in = toasts.sign_in.view(question, move || {
        guard.arm(false);
        // Nothing can be shown if this fails, and it fails only while the
        // browser is leaving the page anyway.
        let _ = window().location().assign(&sign_in_address());
    });
    view! {
        <div class="toasts" role="status">
            <For each=move || toasts.all.get() key=|toast| toast.id children=toast />
        </div>
        {sign_in}
        <dialog node_ref=toasts.copy aria-labelledby="copy-title">
            <h2 id="copy-title">{messages::toast::copy_title()}</h2>
            <p>{messages::toast::copy()}</p>
            // A form of this kind closes its dialog.
            <form method="dialog">
                <textarea node_ref=toasts.copied readonly rows="6" aria-label=messages::toast::copy_text()></textarea>
                <div class="actions"><button class="button">{messages::common::close()}</button></div>
            </form>
        </dialog>
    }
    .into_any()
}
