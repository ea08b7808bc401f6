//! Where a new item comes from: text or a file, a job that has ended, or data at an
//! address. Whatever is chosen fills in the form, and can be taken back.

mod data;
mod jobs;

use leptos::prelude::*;

use super::State;
use super::notice::Notice;
use crate::components::button::button;
use crate::components::live::live;
use crate::draft::Draft;
use crate::messages;
use crate::styles;

/// A protocol to begin with, valid as it is.
const STARTER: &str = include_str!("start/starter.yaml");

/// What a new item is begun with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Text,
    Job,
    Data,
}

/// What one may begin with.
pub(super) fn start(state: State) -> AnyView {
    styles::adopt(include_str!("../../styles/start.css"));
    let chosen = RwSignal::new(Source::Text);
    // Kept while another source is looked at.
    let [title, address] = [(); 2].map(|()| RwSignal::new(String::new()));
    let sources = [
        (Source::Text, messages::create::from_text()),
        (Source::Job, messages::create::from_job()),
        (Source::Data, messages::create::from_data()),
    ];
    let sources = sources.map(|(source, name)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="start"
                    prop:checked=Signal::derive(move || chosen.get() == source)
                    on:change=move |_| chosen.set(source)
                />
                <span>{name}</span>
            </label>
        }
    });
    let part = move || match chosen.get() {
        Source::Text => text(state),
        Source::Job => jobs::jobs(state),
        Source::Data => data::data(state, title, address),
    };
    view! {
        <fieldset class="group start">
            <legend>{messages::create::start()}</legend>
            <div class="ways">{sources.collect_view()}</div>
            {live(part)}
        </fieldset>
    }
    .into_any()
}

fn text(state: State) -> AnyView {
    let begin = move || {
        take(state, messages::create::starter_taken(), |draft| {
            STARTER.clone_into(&mut draft.protocol);
        });
    };
    view! {
        <p class="hint">{messages::create::from_text_hint()}</p>
        <div class="actions">{button("button", messages::create::starter(), begin)}</div>
    }
    .into_any()
}

/// Fills in the form, and offers to take it back if something was there.
fn take(state: State, text: &'static str, fill: impl FnOnce(&mut Draft)) {
    let former = state.draft.get_untracked();
    let something = !former.is_like(&Draft::default());
    state.replaced.set(something.then(|| Notice {
        text,
        action: messages::create::undo(),
        draft: former,
        attempt: None,
        only: None,
        discards: false,
    }));
    state.draft.update(fill);
    state.focus("field-protocol");
}
