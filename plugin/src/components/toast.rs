//! Short messages about the outcome of what the user did.

use std::time::Duration;

use leptos::prelude::*;

/// How long a message stays: two sentences are read in this time.
const STAYS: Duration = Duration::from_secs(7);

/// The messages that show now.
#[derive(Clone, Copy)]
pub(crate) struct Toasts(RwSignal<Vec<Toast>>);

#[derive(Clone)]
struct Toast {
    id: usize,
    text: String,
    bad: bool,
}

impl Toasts {
    /// No messages yet.
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// The messages of the app that is being built.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// Tells of a success.
    pub(crate) fn done(self, text: impl Into<String>) {
        self.show(text.into(), false);
    }

    /// Tells of a failure.
    pub(crate) fn failed(self, text: impl Into<String>) {
        self.show(text.into(), true);
    }

    fn show(self, text: String, bad: bool) {
        self.0.update(|toasts| {
            let id = toasts.last().map_or(0, |toast| toast.id + 1);
            toasts.push(Toast { id, text, bad });
        });
    }

    fn dismiss(self, id: usize) {
        self.0
            .update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// The messages, read out by screen readers as they come.
pub(crate) fn toast_list(toasts: Toasts) -> AnyView {
    let toast = move |toast: Toast| {
        let Toast { id, text, bad } = toast;
        if let Ok(timer) = set_timeout_with_handle(move || toasts.dismiss(id), STAYS) {
            on_cleanup(move || timer.clear());
        }
        view! {
            <div class="toast" class:bad=bad>
                <span>{text}</span>
                <button type="button" aria-label="Dismiss" on:click=move |_| toasts.dismiss(id)>"×"</button>
            </div>
        }
    };
    view! {
        <div class="toasts" role="status">
            <For each=move || toasts.0.get() key=|toast| toast.id children=toast />
        </div>
    }
    .into_any()
}
