//! The life of the `<pai-plugin>` element, as `loader.js` drives it.

use std::any::Any;

use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::app::app;
use crate::client::Endpoint;
use crate::session::{Session, sign_in_address};

/// A running app. Dropping it (`free()` in JavaScript) takes its nodes out of
/// the page and stops its listeners, timers and requests; only a save that is
/// under way comes to its end.
#[wasm_bindgen]
pub struct Mounted(#[allow(dead_code, reason = "held for its drop")] Option<Box<dyn Any>>);

/// Starts the app inside `root`, a node of the element's shadow tree, against
/// the marketplace API at the address `api`. The portal leaves `user` and
/// `token` out for somebody who is not signed in: they are sent to its login
/// page (section 1 of the contract). `list` is a promise of what the API answers to the list without filters, as a
/// text, or of nothing.
#[wasm_bindgen]
pub fn mount(
    root: HtmlElement,
    api: String,
    user: Option<String>,
    token: Option<String>,
    list: Promise,
) -> Mounted {
    let present = |text: Option<String>| text.filter(|text| !text.is_empty());
    let Some((user, token)) = present(user).zip(present(token)) else {
        // Nothing can be shown if this fails, and it fails only while the
        // browser is leaving the page anyway.
        let _ = window().location().assign(&sign_in_address());
        return Mounted(None);
    };
    let client = Endpoint::new(&api).signed_in(&token).with_list(list);
    Mounted(Some(Box::new(mount_to(root, move || {
        provide_context(Session::new(user, client));
        app()
    }))))
}
