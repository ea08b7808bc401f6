//! Who is signed in, and what every page needs to know.

use std::sync::Arc;

use leptos::prelude::*;
use shared::access::{Caller, Facts};
use shared::wire::Item;

use crate::client::Client;
use crate::load::Loaded;

/// The context of every page.
#[derive(Clone)]
pub(crate) struct Session {
    /// The user's name, as the portal gave it.
    pub user: String,
    /// The address of OpenPAI's REST server, if the portal gave it.
    pub openpai: Option<String>,
    /// The API in this user's name.
    pub client: Client,
    /// What the API says about the user.
    pub me: Loaded<Arc<Caller>>,
}

impl Session {
    /// Starts the session; call it inside the app's root.
    pub(crate) fn new(user: String, openpai: Option<String>, client: Client) -> Self {
        let asking = client.clone();
        let me = Loaded::new(move || {
            let client = asking.clone();
            async move { Ok(Arc::new(client.me().await?.into())) }
        });
        Self {
            user,
            openpai,
            client,
            me,
        }
    }

    /// The session of the page that is being built.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// Whether the user may change or delete the item; false until the API
    /// has said who the user is.
    pub(crate) fn may_write(&self, item: &Item) -> bool {
        self.me
            .ready()
            .is_some_and(|me| me.may_write(&Facts::from(item)))
    }
}

/// The portal's login page, with the way back to where the user is.
pub(crate) fn sign_in_address() -> String {
    let here = window().location().href().unwrap_or_default();
    format!("/login.html?from={}", js_sys::encode_uri_component(&here))
}
