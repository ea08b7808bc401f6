//! The life of the `<pai-plugin>` element, as `loader.js` drives it.

use std::any::Any;

use js_sys::{Array, Function, Promise};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::app::app;
use crate::client::Endpoint;
use crate::messages;
use crate::session::{Session, sign_in_address};
use crate::styles::Styles;

/// A running app. Dropping it (`free()` in JavaScript) takes its nodes out of
/// the page and stops its listeners, timers and requests; only a save that is
/// under way comes to its end.
#[wasm_bindgen]
pub struct Mounted(#[allow(dead_code, reason = "held for its drop")] Option<Box<dyn Any>>);

#[wasm_bindgen]
extern "C" {
    /// Where an element is, and what it has to work with: an object of `loader.js`.
    pub type Place;

    /// The node of the element's shadow tree that the app is put into.
    #[wasm_bindgen(method, getter)]
    fn root(this: &Place) -> HtmlElement;

    /// The address of the marketplace API.
    #[wasm_bindgen(method, getter)]
    fn api(this: &Place) -> String;

    /// The address of OpenPAI's REST server (docs/contract.md#1-the-portal-and-pluginjs), if the portal gives it.
    #[wasm_bindgen(method, getter)]
    fn openpai(this: &Place) -> Option<String>;

    /// The user's name. The portal leaves it and `token` out for somebody who is not
    /// signed in (docs/contract.md#1-the-portal-and-pluginjs).
    #[wasm_bindgen(method, getter)]
    fn user(this: &Place) -> Option<String>;

    /// The user's bearer token.
    #[wasm_bindgen(method, getter)]
    fn token(this: &Place) -> Option<String>;

    /// A promise of what the API answers to the list without filters, as a text, or of
    /// nothing.
    #[wasm_bindgen(method, getter)]
    fn list(this: &Place) -> Promise;

    /// Puts the text of a style sheet into the element's shadow tree, once.
    #[wasm_bindgen(method, getter)]
    fn adopt(this: &Place) -> Function;

    /// The language of the texts, `en` or one with a table.
    #[wasm_bindgen(method, getter)]
    fn language(this: &Place) -> String;

    /// The texts of the language, if they have come.
    #[wasm_bindgen(method, getter)]
    fn messages(this: &Place) -> Option<Array>;
}

/// Starts the app at a place. Who is not signed in is sent to the portal's login page.
#[wasm_bindgen]
pub fn mount(place: &Place) -> Mounted {
    messages::choose(place.language(), place.messages());
    let present = |text: Option<String>| text.filter(|text| !text.is_empty());
    let Some((user, token)) = present(place.user()).zip(present(place.token())) else {
        // Nothing can be shown if this fails, and it fails only while the
        // browser is leaving the page anyway.
        let _ = window().location().assign(&sign_in_address());
        return Mounted(None);
    };
    let (endpoint, list) = (Endpoint::new(&place.api()), place.list());
    let openpai = present(place.openpai());
    let styles = Styles::new(place.adopt());
    Mounted(Some(Box::new(mount_to(place.root(), move || {
        let client = endpoint.signed_in(&token, list);
        provide_context(client.connection());
        provide_context(Session::new(user, openpai, client));
        provide_context(styles);
        app()
    }))))
}
