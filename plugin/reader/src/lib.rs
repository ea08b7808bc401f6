//! The second wasm module of the plugin: what reads the texts that users
//! wrote. The list of the catalogue does without, so the browser loads it
//! later (`reader()` of `loader.js`) and the first page shows sooner.
//!
//! The plugin's `reader` module is its one caller; values travel as JSON.

mod markdown;

use serde::Serialize;
use wasm_bindgen::prelude::*;

/// What is wrong with a protocol and what can be understood of it: a
/// [`shared::protocol::Report`].
#[wasm_bindgen]
pub fn report(protocol: &str) -> String {
    json(&shared::protocol::validate(protocol))
}

/// Markdown as HTML that is safe to put into the page at the address `here`.
#[wasm_bindgen]
pub fn html(markdown: &str, here: &str) -> String {
    markdown::to_html(markdown, here)
}

#[allow(
    clippy::expect_used,
    reason = "maps have text keys only, and nothing else fails"
)]
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data is JSON")
}
