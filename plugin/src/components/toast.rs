//! Short messages about the outcome of what the user did.

use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use js_sys::Date;
use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlDocument, HtmlElement};

use super::button::button;
use super::confirm::{Confirm, Question};
use super::leave::Guard;
use crate::client::Failure;
use crate::messages;
use crate::scroll::Scroll;
use crate::session::sign_in_address;

/// How long a message stays: two sentences are read in this time.
const STAYS: Duration = Duration::from_secs(7);

/// So much longer while the focus is on the messages, and after each time that the pointer
/// moves on them: one that rests where a message came to be reads nothing.
const LONGER: Duration = Duration::from_secs(5);

/// The messages that show now, and the dialogs for what a message is too short
/// for.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    all: RwSignal<Vec<Toast>>,
    area: NodeRef<html::Div>,
    /// When the pointer has moved on them, in ms since 1970.
    pointed: StoredValue<f64>,
    sign_in: Confirm,
    copy: NodeRef<html::Dialog>,
    copied: NodeRef<html::Textarea>,
}

#[derive(Clone)]
struct Toast {
    id: usize,
    text: String,
    bad: bool,
    action: Option<Action>,
}

/// What a message offers to do.
#[derive(Clone)]
struct Action {
    name: &'static str,
    act: SendWrapper<Rc<dyn Fn()>>,
    /// What is done when the message goes without that.
    else_do: SendWrapper<Rc<dyn Fn()>>,
}

impl Toasts {
    /// No messages yet.
    pub(crate) fn new() -> Self {
        Self {
            all: RwSignal::new(Vec::new()),
            area: NodeRef::new(),
            pointed: StoredValue::new(0.0),
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
    /// `stays`. When it goes without that, which may take longer, `else_do` is done.
    pub(crate) fn offer(
        self,
        text: String,
        name: &'static str,
        stays: Duration,
        act: impl Fn() + 'static,
        else_do: impl Fn() + 'static,
    ) {
        let act: Rc<dyn Fn()> = Rc::new(act);
        let else_do: Rc<dyn Fn()> = Rc::new(else_do);
        let action = Action {
            name,
            act: SendWrapper::new(act),
            else_do: SendWrapper::new(else_do),
        };
        self.show(text, false, stays, Some(action));
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
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let toast = Toast {
            id,
            text,
            bad,
            action,
        };
        self.all.try_update(|toasts| toasts.push(toast));
        self.end_after(id, stays);
    }

    /// Whoever reads is given the time.
    fn end_after(self, id: usize, time: Duration) {
        let end = move || {
            let area = self.area.try_get_untracked().flatten();
            let has_focus = area.is_some_and(|area| area.matches(":focus-within") == Ok(true));
            let pointed = self.pointed.try_get_value().unwrap_or_default();
            if has_focus || Date::now() - pointed < LONGER.as_secs_f64() * 1e3 {
                self.end_after(id, LONGER);
            } else {
                self.end(id);
            }
        };
        set_timeout(end, time);
    }

    /// Takes a message away that nobody answers.
    fn end(self, id: usize) {
        if let Some(action) = self.take(id) {
            (action.else_do)();
        }
    }

    /// Takes a message away; what it offered, unless it is gone already.
    fn take(self, id: usize) -> Option<Action> {
        self.all.try_update(|toasts| {
            let index = toasts.iter().position(|toast| toast.id == id)?;
            toasts.remove(index).action
        })?
    }
}

/// The messages, read out by screen readers as they come.
pub(crate) fn toast_list(toasts: Toasts) -> AnyView {
    let scroll = Scroll::current();
    // Where the focus was before it came to them.
    let before = StoredValue::new(None::<SendWrapper<HtmlElement>>);
    let toast = move |toast: Toast| {
        let Toast {
            id,
            text,
            bad,
            action,
        } = toast;
        let back = move || scroll.back_to(before.get_value().map(SendWrapper::take));
        let action = action.map(|action| {
            button("link", action.name, move || {
                if let Some(action) = toasts.take(id) {
                    (action.act)();
                }
                back();
            })
        });
        let dismiss = move |_| {
            toasts.end(id);
            back();
        };
        view! {
            <div class="toast" class:bad=bad>
                <span dir="auto">{text}</span>
                {action}
                <button type="button" aria-label=messages::toast::dismiss() on:click=dismiss>"×"</button>
            </div>
        }
    };
    let enter = move |event: FocusEvent| {
        let from = event.related_target();
        let from = from.and_then(|from| from.dyn_into::<HtmlElement>().ok());
        // From one of their buttons to the next is no coming.
        if from
            .as_ref()
            .is_none_or(|from| from.closest(".toasts") == Ok(None))
        {
            before.set_value(from.map(SendWrapper::new));
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
        <div
            class="toasts"
            role="status"
            node_ref=toasts.area
            on:focusin=enter
            on:pointermove=move |_| toasts.pointed.set_value(Date::now())
        >
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
