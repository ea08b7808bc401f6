//! Texts for the clipboard, and for files.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::toast::Toasts;

/// Puts a text onto the clipboard and says so, in the words of `done`; where the browser
/// does not let the page do it, the text shows, ready to be copied by hand.
pub(crate) fn copy(text: String, done: &'static str, toasts: Toasts) {
    spawn_local(async move {
        let navigator: JsValue = window().navigator().into();
        let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).unwrap_or_default();
        let copied = !clipboard.is_undefined()
            && JsFuture::from(window().navigator().clipboard().write_text(&text))
                .await
                .is_ok();
        if copied || toasts.copy_by_hand(&text) {
            toasts.done(done);
        }
    });
}

/// Saves a text as a file of the user's.
pub(crate) fn download(text: &str, name: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/yaml");
    let parts = js_sys::Array::of1(&text.into());
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement =
        wasm_bindgen::JsCast::unchecked_into(document().create_element("a")?);
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address)
}
