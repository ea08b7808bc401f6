//! All that will be sent, as it will be sent.

use leptos::prelude::*;
use shared::wire::ItemType;

use super::State;
use super::steps::Step;
use crate::components::diagnostics::diagnostics;
use crate::components::editor::{is_wrong, verdict};
use crate::components::live::live;
use crate::draft::{Draft, Field};
use crate::messages;
use crate::reader::with_reader;

/// What shows in the last step.
pub(super) fn review(state: State) -> AnyView {
    live(move || (state.step.get() == Step::Review).then(|| all(state)))
}

fn all(state: State) -> AnyView {
    let mut draft = state.draft.get();
    // As it is sent.
    draft.kind.get_or_insert(ItemType::Template);
    let lines = Field::ALL
        .into_iter()
        .filter(|field| is_line(&draft, *field));
    let lines = lines.map(|field| {
        let text = draft.shown(field);
        let value = if text.is_empty() {
            view! { <dd class="hint">{messages::conflict::empty()}</dd> }.into_any()
        } else {
            view! { <dd dir="auto">{text}</dd> }.into_any()
        };
        view! { <div><dt>{field.label()}</dt>{value}</div> }
    });
    let description = draft.shown(Field::Description);
    let description = if description.is_empty() {
        view! { <p class="hint">{messages::conflict::empty()}</p> }.into_any()
    } else {
        with_reader(move |reader| reader.markdown(&description, "markdown"))
    };
    let protocol = draft.protocol.clone();
    let is_empty = protocol.is_empty();
    let wrong = Signal::derive(move || is_wrong(&state.found.read()));
    let said = move || verdict(&state.found.read(), is_empty);
    let mend = move |_| state.focus(Field::Protocol.id());
    view! {
        <section class="group review" aria-labelledby="review-title">
            <h2 id="review-title">{messages::create::review_title()}</h2>
            <dl>{lines.collect_view()}</dl>
            <h3>{Field::Description.label()}</h3>
            <div dir="auto">{description}</div>
            <h3>{Field::Protocol.label()}</h3>
            <div>
                <p class="verdict" class:error=wrong>{live(said)}</p>
                {live(move || state.found.read().ready().map(|all| diagnostics(all, mend, None)))}
            </div>
            {(!is_empty).then(|| with_reader(move |reader| reader.source(&protocol)))}
        </section>
    }
    .into_any()
}

/// Whether the field is shown in a line, and sent at all.
fn is_line(draft: &Draft, field: Field) -> bool {
    match field {
        // Of a new item nothing has changed.
        Field::Protocol | Field::Description | Field::VersionNote => false,
        Field::DataType | Field::DataUrl | Field::License => draft.is_data(),
        Field::UseBlob => draft.use_blob,
        _ => true,
    }
}
