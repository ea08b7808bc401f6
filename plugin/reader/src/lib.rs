//! The second wasm module of the plugin: what reads the texts that users
//! wrote. The list of the catalogue does without, so the browser loads it
//! later (`reader()` of `loader.js`) and the first page shows sooner.
//!
//! The plugin's `reader` module is its one caller; values travel as JSON, and
//! what only shows as HTML.

mod job;
mod markdown;

use serde::Serialize;
use wasm_bindgen::prelude::*;

/// What is wrong with a protocol, and its name and description, if it can be
/// read at all: JSON of the list and of the pair or null.
#[wasm_bindgen]
pub fn check(protocol: &str) -> String {
    let report = shared::protocol::validate(protocol);
    let names = report.protocol.map(|protocol| {
        (
            protocol.name.unwrap_or_default(),
            protocol.description.unwrap_or_default(),
        )
    });
    json(&(report.diagnostics, names))
}

/// What a job asks of the cluster, as HTML; `place` and `address` say where the
/// data of a data item lies.
#[wasm_bindgen]
pub fn job(protocol: &str, place: &str, address: &str) -> String {
    job::to_html(protocol, place, address)
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
