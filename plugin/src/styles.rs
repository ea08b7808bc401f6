//! The plugin's styles, as constructed style sheets: a security policy of the portal
//! without inline styles (`style-src 'self'`) lets them pass, and a chunk brings its own.

use js_sys::Function;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;

/// The style sheets of one element.
#[derive(Clone)]
pub(crate) struct Styles {
    /// What puts a sheet into the element's shadow tree, once.
    adopt: SendWrapper<Function>,
}

impl Styles {
    /// `adopt` is the function of `loader.js` that takes a sheet's text.
    pub(crate) fn new(adopt: Function) -> Self {
        Self {
            adopt: SendWrapper::new(adopt),
        }
    }
}

/// Puts the style sheet of what people fill in into the element. Pages call it before
/// they adopt a sheet of their own, which may want things otherwise.
pub(crate) fn adopt_form() {
    adopt(include_str!("../styles/form.css"));
}

/// Puts a style sheet into the element, unless it is there. Call it where a page or
/// component is built that needs it.
pub(crate) fn adopt(css: &'static str) {
    let styles: Styles = expect_context();
    // It throws nothing: a browser reads past what it does not know.
    let _ = styles.adopt.call1(&JsValue::UNDEFINED, &css.into());
}
