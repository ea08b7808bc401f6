//! What has happened to the form by itself, and how to take it back.

use leptos::prelude::*;

use super::State;
use crate::components::button::button;
use crate::components::live::live;
use crate::draft::{Attempt, Draft, Field};
use crate::messages;

/// A sentence, and a button that brings the form to another content.
#[derive(Clone)]
pub(super) struct Notice {
    /// What has happened.
    pub text: &'static str,
    /// What the button says.
    pub action: &'static str,
    /// What the form then holds.
    pub draft: Draft,
    /// The attempt that goes with it.
    pub attempt: Option<Attempt>,
    /// The one field that the button changes; none for all.
    pub only: Option<Field>,
    /// Whether it throws away what somebody has typed: then that can be undone.
    pub discards: bool,
}

/// Where a notice shows, if there is one.
pub(super) fn notice(state: State, notice: RwSignal<Option<Notice>>) -> AnyView {
    let act = move || {
        let Some(asked) = notice.get_untracked() else {
            return;
        };
        let former = (state.draft.get_untracked(), state.attempt.get_untracked());
        if let Some(field) = asked.only {
            state.draft.update(|draft| draft.copy(field, &asked.draft));
        } else {
            state.draft.set(asked.draft);
            state.attempt.set(asked.attempt);
        }
        notice.set(asked.discards.then_some(Notice {
            text: messages::form::discarded(),
            action: messages::form::undo(),
            draft: former.0,
            attempt: former.1,
            only: None,
            discards: false,
        }));
    };
    let shown = move || {
        notice.get().map(|Notice { text, action, .. }| {
            view! {
                <div class="notice row">
                    <p>{text}</p>
                    {button("button", action, act)}
                </div>
            }
        })
    };
    view! { <div class="notices" role="status" id="notice" tabindex="-1">{live(shown)}</div> }
        .into_any()
}
