//! Whether an item's images and data are there, where the marketplace may ask.

use leptos::prelude::*;
use serde_json::Value;

use super::words::entries;
use crate::components::live::live;
use crate::load::{Load, Loaded};
use crate::messages::runs as text;
use crate::session::Session;
use crate::text::escaped;

/// A section, or nothing: no host may be asked, or the marketplace did not say, which is no
/// reason to trouble anybody who came for the runs.
pub(super) fn externals(id: String) -> AnyView {
    let client = Session::current().client;
    let said = Loaded::new(move || {
        let (client, id) = (client.clone(), id.clone());
        async move { client.externals(&id).await }
    });
    live(move || match &*said.state.read() {
        Load::Ready(said) => section(said),
        Load::Loading | Load::Failed(_) => None,
    })
}

fn section(said: &Value) -> Option<AnyView> {
    let rows: String = entries(said).map(row).collect();
    (!rows.is_empty()).then(|| {
        let html = format!("<h2>{}</h2><ul>{rows}</ul>", text::externals());
        view! { <section class="externals" inner_html=html></section> }.into_any()
    })
}

fn row(one: &Value) -> String {
    let word = |key: &str| one[key].as_str().unwrap_or_default();
    let (class, state) = match (word("state"), word("kind")) {
        ("found", _) => ("", text::found()),
        ("missing", "image") => ("missing", text::missing_image()),
        ("missing", _) => ("missing", text::missing_data()),
        ("hidden", _) => ("", text::hidden()),
        _ => ("", text::not_said()),
    };
    let digest = match word("digest") {
        "" => String::new(),
        digest => format!(
            r#"<p class="hint">{} <code class="break">{}</code></p>"#,
            text::digest(),
            escaped(digest)
        ),
    };
    format!(
        r#"<li><p class="{class}"><code class="break" dir="ltr">{}</code> {state}</p>{digest}</li>"#,
        escaped(word("address"))
    )
}
