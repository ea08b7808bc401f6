//! What reads the texts that users wrote, protocols and markdown. The list does
//! without, so it is a chunk of wasm that comes later ([`crate::chunks`]).

mod job;
mod markdown;

use leptos::prelude::*;
use shared::protocol::Diagnostic;
use shared::wire::Item;
use wasm_bindgen::JsCast;

use crate::chunks::{chunks, show};
use crate::components::badge::data_name;

/// What is wrong with a protocol; its name and description, which are empty if
/// it says nothing, if it can be read at all.
pub(crate) type Checked = (Vec<Diagnostic>, Option<(String, String)>);

/// The chunk, loaded.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    check: fn(&str) -> Checked,
    job: fn(&str, &str, &str) -> String,
    html: fn(&str, &str) -> String,
}

chunks! {
    /// Protocols and markdown.
    reader: Reader = Reader { check, job: job::to_html, html: markdown::to_html };
}

fn check(protocol: &str) -> Checked {
    let report = shared::protocol::validate(protocol);
    let names = report.protocol.map(|protocol| {
        (
            protocol.name.unwrap_or_default(),
            protocol.description.unwrap_or_default(),
        )
    });
    (report.diagnostics, names)
}

impl Reader {
    /// What is wrong with a protocol, and its name and description.
    pub(crate) fn check(&self, protocol: &str) -> Checked {
        (self.check)(protocol)
    }

    /// What the job of an item asks of the cluster.
    pub(crate) fn job(&self, item: &Item) -> AnyView {
        let html = (self.job)(
            item.protocol.as_deref().unwrap_or_default(),
            item.data_type.map_or("", data_name),
            item.data_url.as_deref().unwrap_or_default(),
        );
        view! { <div class="panel-parts" inner_html=html></div> }.into_any()
    }

    /// Markdown as people read it. Links to its headings scroll there.
    pub(crate) fn markdown(&self, text: &str, class: &'static str) -> AnyView {
        let here = window().location().hash().unwrap_or_default();
        let html = (self.html)(text, &here);
        view! { <div class=class inner_html=html on:click=move |event| follow_anchor(&event)></div> }
            .into_any()
    }
}

/// Shows what `part` makes of a text, once the chunk is there.
pub(crate) fn with_reader(part: impl Fn(Reader) -> AnyView + Send + 'static) -> AnyView {
    show(reader, part)
}

/// Goes to the heading that a link names, if it is such a link.
fn follow_anchor(event: &web_sys::MouseEvent) {
    let element =
        |target: Option<web_sys::EventTarget>| target?.dyn_into::<web_sys::Element>().ok();
    let link = element(event.target()).and_then(|at| at.closest("a[data-anchor]").ok()?);
    let Some(anchor) = link.and_then(|link| link.get_attribute("data-anchor")) else {
        return;
    };
    event.prevent_default();
    let heading = element(event.current_target())
        .and_then(|around| around.query_selector(&format!("[id='{anchor}']")).ok()?);
    if let Some(heading) = heading {
        heading.scroll_into_view();
        let _ = heading.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}
