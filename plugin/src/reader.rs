//! What reads the texts that users wrote, protocols and markdown. The list does
//! without, so it is a chunk of wasm that comes later ([`crate::chunks`]).

mod amounts;
mod highlight;
mod html;
mod interaction;
mod job;
mod markdown;
mod references;
mod source;

use leptos::prelude::*;
use shared::protocol::{Diagnostic, Exposed, exposed_in_job};
use shared::wire::Item;

use crate::chunks::{chunks, show};
use crate::components::badge::data_name;

/// What is wrong with a protocol; its name and description, which are empty if
/// it says nothing, if it can be read at all.
pub(crate) type Checked = (Vec<Diagnostic>, Option<(String, String)>);

/// The chunk, loaded.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    check: fn(&str) -> Checked,
    mend: fn(&str, &Diagnostic) -> Option<String>,
    exposed: fn(&str) -> Vec<Exposed>,
    job: fn(&str, &str, &str) -> String,
    source: fn(&str) -> String,
    html: fn(&str, &str) -> String,
    view: fn(&'static str, String) -> AnyView,
}

chunks! {
    /// Protocols and markdown.
    reader: Reader = Reader {
        check,
        mend,
        exposed: exposed_in_job,
        job: job::to_html,
        source: source::to_html,
        html: markdown::to_html,
        view: interaction::view,
    };
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

fn mend(protocol: &str, found: &Diagnostic) -> Option<String> {
    shared::protocol::mend(protocol, found).map(|mended| mended.text)
}

impl Reader {
    /// The protocol with a secret that was found in it below `secrets`, if that can be done
    /// for sure.
    pub(crate) fn mend(&self, protocol: &str, found: &Diagnostic) -> Option<String> {
        (self.mend)(protocol, found)
    }

    /// What is wrong with a protocol, and its name and description.
    pub(crate) fn check(&self, protocol: &str) -> Checked {
        (self.check)(protocol)
    }

    /// The secrets that a job's protocol shows, as OpenPAI answers it.
    pub(crate) fn exposed(&self, config: &str) -> Vec<Exposed> {
        (self.exposed)(config)
    }

    /// What the job of an item asks of the cluster.
    pub(crate) fn job(&self, item: &Item) -> AnyView {
        let html = (self.job)(
            item.protocol.as_deref().unwrap_or_default(),
            item.data_type.map_or("", data_name),
            item.data_url.as_deref().unwrap_or_default(),
        );
        (self.view)("panel-parts", html)
    }

    /// The text of a protocol, with colours, and blocks that fold.
    pub(crate) fn source(&self, protocol: &str) -> AnyView {
        (self.view)("source-view", (self.source)(protocol))
    }

    /// Markdown as people read it. Links to its headings scroll there.
    pub(crate) fn markdown(&self, text: &str, class: &'static str) -> AnyView {
        let here = window().location().hash().unwrap_or_default();
        (self.view)(class, (self.html)(text, &here))
    }
}

/// Shows what `part` makes of a text, once the chunk is there.
pub(crate) fn with_reader(part: impl Fn(Reader) -> AnyView + Send + 'static) -> AnyView {
    show(reader, part)
}
