//! Whether the marketplace answers: what a banner above all pages tells, and when what
//! has failed is asked for again.

use std::cell::Cell;

use leptos::prelude::*;

/// What keeps all pages from working.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The API does not answer.
    Unreachable,
    /// The API cannot ask OpenPAI, so it recognises nobody.
    WithoutOpenpai,
    /// The API lacks something else that it needs, such as its database.
    Incomplete,
    /// OpenPAI no longer accepts the user's token.
    SignedOut,
}

/// How the last call went. (One signal without a value, of a type that is in the app
/// anyway: each other type of signal is a kB of wasm.)
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    known: StoredValue<(Option<Trouble>, usize)>,
    changed: RwSignal<()>,
}

impl Connection {
    /// Nothing is known to be wrong. Call it inside the app's root.
    pub(crate) fn new() -> Self {
        Self {
            known: StoredValue::new((None, 0)),
            changed: RwSignal::new(()),
        }
    }

    /// What is wrong at the moment; a call that goes wrong again is a change.
    pub(crate) fn trouble(self) -> Option<Trouble> {
        self.changed.track();
        self.known.get_value().0
    }

    /// The same, without being told when it changes.
    pub(crate) fn known(self) -> Option<Trouble> {
        self.known.get_value().0
    }

    /// So often the marketplace has answered again after it had not.
    pub(crate) fn recoveries(self) -> usize {
        self.changed.track();
        self.known.get_value().1
    }

    /// Learns what came of a call: none if the marketplace answered, whatever it said.
    pub(crate) fn report(self, now: Option<Trouble>) {
        // Calls may outlive the app.
        let Some((before, recoveries)) = self.known.try_get_value() else {
            return;
        };
        if now.is_none() && before.is_none() {
            return;
        }
        let is_back = now.is_none();
        self.known
            .set_value((now, recoveries + usize::from(is_back)));
        self.changed.notify();
    }

    /// Acts each time the marketplace answers again, for as long as what is being built
    /// is there.
    pub(crate) fn on_recovery(self, act: Box<dyn Fn()>) {
        let seen = Cell::new(self.known.get_value().1);
        Effect::new(move |_| {
            let recoveries = self.recoveries();
            if seen.replace(recoveries) < recoveries {
                act();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn an_answer_after_trouble_is_a_recovery() {
        let owner = Owner::new();
        owner.with(|| {
            let connection = Connection::new();
            let state = || connection.known.get_value();
            connection.report(None);
            assert_eq!(state(), (None, 0));
            connection.report(Some(Trouble::Unreachable));
            connection.report(Some(Trouble::Unreachable));
            assert_eq!(state(), (Some(Trouble::Unreachable), 0));
            connection.report(None);
            assert_eq!(state(), (None, 1));
        });
    }
}
