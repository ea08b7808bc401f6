use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::scroll::Scroll;

/// Leads from the `/` key to the search field, as long as the page is there: unless
/// somebody types, in the plugin or in the portal, or is asked something.
pub(super) fn listen() {
    let scroll = Scroll::current();
    let listener = window_event_listener(ev::keydown, move |event| {
        let is_slash = event.key() == "/"
            && !(event.ctrl_key() || event.meta_key() || event.alt_key())
            && !event.default_prevented();
        if is_slash && !takes_text(focused()) && scroll.focus_now("#search") {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}

/// What has the focus, in whichever shadow tree.
fn focused() -> Option<Element> {
    let mut focused = document().active_element()?;
    while let Some(inner) = focused.shadow_root().and_then(|root| root.active_element()) {
        focused = inner;
    }
    Some(focused)
}

fn takes_text(element: Option<Element>) -> bool {
    let Some(element) = element else {
        return false;
    };
    let is_field = element
        .closest("input, textarea, select, [role=textbox], dialog")
        .is_ok_and(|found| found.is_some());
    is_field
        || element
            .dyn_ref::<HtmlElement>()
            .is_some_and(HtmlElement::is_content_editable)
}
