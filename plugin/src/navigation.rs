//! Where the user is, and how to get elsewhere.

use leptos::prelude::*;

use crate::route::Route;

/// The route that shows. The hash is the truth: this follows it.
#[derive(Clone, Copy)]
pub(crate) struct Navigation(RwSignal<Route>);

impl Navigation {
    /// Begins at a route.
    pub(crate) fn new(route: Route) -> Self {
        Self(RwSignal::new(route))
    }

    /// That of the page that is being built.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// Where the user is now.
    pub(crate) fn get(self) -> Route {
        self.0.get()
    }

    /// The same, without being told when it changes.
    pub(crate) fn get_untracked(self) -> Route {
        self.0.get_untracked()
    }

    /// Shows what the hash says by now.
    pub(crate) fn show(self, route: Route) {
        self.0.set(route);
    }

    /// Goes to another route, as a link would.
    #[expect(
        clippy::unused_self,
        reason = "only who has the navigation may navigate"
    )]
    pub(crate) fn go(self, route: &Route) {
        // Setting the hash cannot fail, and the event that follows does the rest.
        let _ = window().location().set_hash(&route.hash());
    }

    /// Goes there without a new entry in the browser's history: for what
    /// changes with every key.
    pub(crate) fn replace(self, route: Route) {
        let address = route.hash();
        let history = window().history();
        // A browser may refuse when there are too many changes in a short
        // time; the next one will get through.
        if let Ok(history) = history {
            let state = history.state().unwrap_or_default();
            let _ = history.replace_state_with_url(&state, "", Some(&address));
        }
        self.0.set(route);
    }
}
