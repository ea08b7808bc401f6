//! Whether a job will run here: a line for each virtual cluster on the page of an item and
//! where a job is put together, there that of the chosen one first; and one for the virtual
//! cluster that is meant where a job is written.
//!
//! The verdicts are `shared::fit`'s, by what OpenPAI tells the user ([`place`]).

mod place;
mod words;

use std::time::Duration;

use leptos::prelude::*;
use serde_json::Value;
use shared::fit::Demand;

use crate::chunks::{chunks, show};
use crate::components::failure::unknown;
use crate::components::live::live;
use crate::load::{Load, Loaded};
use crate::messages::fit as messages;
use crate::openpai::OpenPai;
use crate::styles;

/// After the last key, so long passes before the text is judged.
const PAUSE: Duration = Duration::from_millis(300);

/// What is chosen where a job is put together.
#[derive(Clone, Copy)]
pub(crate) struct Chosen {
    /// The virtual cluster.
    pub name: Signal<String>,
    /// How many there are to choose from.
    pub number: Signal<usize>,
}

/// The chunk, loaded.
#[derive(Clone, Copy)]
pub(crate) struct Fit {
    lines: fn(OpenPai, &str) -> AnyView,
    line: fn(OpenPai, Signal<String>, Option<Chosen>) -> AnyView,
}

chunks! {
    /// Where jobs run.
    fit: Fit = Fit { lines, line };
}

/// Where the job of a protocol runs, a line for each of the user's virtual clusters: nothing
/// where there is no job, or the portal does not say where OpenPAI is.
pub(crate) fn section(protocol: String) -> AnyView {
    match OpenPai::current() {
        Some(openpai) if !protocol.trim().is_empty() => {
            let lines = show(fit, move |fit| (fit.lines)(openpai.clone(), &protocol));
            view! { <div class="where">{lines}</div> }.into_any()
        }
        _ => ().into_any(),
    }
}

/// The same in one line, for the virtual cluster that is chosen, with the others below, or
/// else the one that the protocol names. It follows both.
pub(crate) fn follow(protocol: Signal<String>, chosen: Option<Chosen>) -> AnyView {
    match OpenPai::current() {
        Some(openpai) => {
            let line = show(fit, move |fit| {
                (fit.line)(openpai.clone(), protocol, chosen)
            });
            view! { <div class="where short">{line}</div> }.into_any()
        }
        None => ().into_any(),
    }
}

fn lines(openpai: OpenPai, protocol: &str) -> AnyView {
    let Some(demand) = Demand::read(protocol) else {
        return ().into_any();
    };
    adopt();
    let place = Loaded::new(move || place::ask(openpai.clone()));
    let said = move |place: &Value| {
        let html = words::all(&words::of_interest(&demand, &place::read(place)));
        view! { <div inner_html=html></div> }.into_any()
    };
    view! {
        <section class="fit" aria-labelledby="fit-title">
            <h2 id="fit-title">{messages::title()}</h2>
            {live(move || told(place, &said))}
        </section>
    }
    .into_any()
}

fn line(openpai: OpenPai, protocol: Signal<String>, chosen: Option<Chosen>) -> AnyView {
    adopt();
    let place = Loaded::new(move || place::ask(openpai.clone()));
    let text = RwSignal::new(protocol.get_untracked());
    let mut later = debounce(PAUSE, move |typed: String| {
        // The page may be gone by then.
        text.try_set(typed);
    });
    Effect::new(move |_| later(protocol.get()));
    // Found out for each anew: that is cheaper than a signal of its own kind.
    let part = move |is_summary: bool| {
        let place = place.state.read();
        let Some(place) = place.ready() else {
            return String::new();
        };
        let Some(demand) = text.with(|text| Demand::read(text)) else {
            return String::new();
        };
        let chosen = chosen.map(|chosen| chosen.name.get());
        let (summary, rest) = words::one(&demand, &place::read(place), chosen.as_deref());
        if is_summary { summary } else { rest }
    };
    let summary = Signal::derive(move || part(true));
    let rest = Signal::derive(move || part(false));
    let is_none = Signal::derive(move || summary.with(String::is_empty));
    let details = move || {
        view! {
            <details hidden=is_none>
                <summary inner_html=summary></summary>
                <div inner_html=rest></div>
            </details>
        }
        .into_any()
    };
    // What is below keeps its place when they come.
    let others = move |chosen: Chosen| match &*place.state.read() {
        Load::Loading => words::room(chosen.number.get().saturating_sub(1)),
        Load::Failed(_) => String::new(),
        Load::Ready(place) => {
            let demand = text.with(|text| Demand::read(text));
            let chosen = chosen.name.get();
            demand.map_or_else(String::new, |demand| {
                words::others(&demand, &place::read(place), &chosen)
            })
        }
    };
    let others = chosen.map(|chosen| {
        let html = Signal::derive(move || others(chosen));
        view! { <div class="fit" role="group" aria-label=messages::title() inner_html=html></div> }
    });
    view! {
        <div class="fit" aria-live="polite">
            {live(move || told(place, &|_| details()))}
        </div>
        {others}
    }
    .into_any()
}

/// What is said of the place, or why nothing can be.
fn told(place: Loaded<Value>, said: &dyn Fn(&Value) -> AnyView) -> AnyView {
    match &*place.state.read() {
        Load::Loading => view! { <p class="hint">{messages::asking()}</p> }.into_any(),
        Load::Failed(reason) => unknown(messages::unknown(), reason, move || place.retry()),
        Load::Ready(place) => said(place),
    }
}

fn adopt() {
    styles::adopt(include_str!("../styles/fit.css"));
}
