//! Nobody leaves what is not saved without being asked.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::confirm::{Confirm, Question};
use crate::messages;
use crate::navigation::Navigation;
use crate::route::Route;

/// Whether a click opens a link in another tab or window.
pub(crate) fn elsewhere(event: &ev::MouseEvent) -> bool {
    event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key()
}

/// Asks before the user leaves a page on which something would be lost.
#[derive(Clone, Copy)]
pub(crate) struct Guard {
    armed: RwSignal<bool>,
    confirm: Confirm,
    /// Where a link leads that was pressed; none for the browser's own Back.
    to: StoredValue<Option<Route>>,
}

impl Guard {
    /// A guard that lets everybody pass.
    pub(crate) fn new() -> Self {
        Self {
            armed: RwSignal::new(false),
            confirm: Confirm::new(),
            to: StoredValue::new(None),
        }
    }

    /// The guard of the app that is being built.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// Whether the user is asked.
    pub(crate) fn arm(self, armed: bool) {
        self.armed.try_set(armed);
    }

    /// Asks about leaving the document too, or while something is `busy` that
    /// this would break off, for as long as the page that is being built is
    /// there.
    pub(crate) fn watch_document(self, busy: RwSignal<bool>) {
        let listener = window_event_listener(ev::beforeunload, move |event| {
            if self.armed.get_untracked() || busy.get_untracked() {
                event.prevent_default();
            }
        });
        on_cleanup(move || {
            listener.remove();
            self.arm(false);
        });
    }

    /// Stops at a link of the plugin's that leads away.
    pub(crate) fn clicked(self, event: &ev::MouseEvent) {
        if !self.armed.get_untracked() || event.default_prevented() || elsewhere(event) {
            return;
        }
        let link = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|element| element.closest("a[href^='#']").ok()?);
        if let Some(to) = link.and_then(|link| link.get_attribute("href")) {
            event.prevent_default();
            self.to.set_value(Some(Route::parse(&to)));
            self.confirm.ask();
        }
    }

    /// Stops what has changed the hash already, such as the browser's Back,
    /// and puts the hash back to `here`. Whether it did.
    pub(crate) fn stops_at(self, here: &Route) -> bool {
        let stops = self.armed.get_untracked();
        if stops {
            // On top of the entry that the user went to: Back leads to it.
            if let Ok(history) = window().history() {
                let state = history.state().unwrap_or_default();
                let _ = history.push_state_with_url(&state, "", Some(&here.hash()));
            }
            self.to.set_value(None);
            self.confirm.ask();
        }
        stops
    }

    /// The question's place in the page.
    pub(crate) fn view(self, navigation: Navigation) -> AnyView {
        let question = Question {
            id: "leave-question",
            title: messages::leave::title().into(),
            consequence: messages::leave::consequence(),
            answers: [messages::leave::stay(), messages::leave::leave()],
            class: "button primary",
        };
        self.confirm.view(question, move || {
            self.arm(false);
            match self.to.get_value() {
                Some(route) => navigation.go(&route),
                None => {
                    if let Ok(history) = window().history() {
                        let _ = history.back();
                    }
                }
            }
        })
    }
}
