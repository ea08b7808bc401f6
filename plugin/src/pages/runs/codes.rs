//! With what runs failed, what that means, and what the item's author says about it.

use std::sync::Arc;

use leptos::prelude::*;
use serde_json::Value;
use shared::wire::Item;

use super::words::entries;
use crate::components::live::live;
use crate::components::reason::{Ask, ask};
use crate::components::toast::Toasts;
use crate::load::finish;
use crate::messages::{exit_codes, runs as messages};
use crate::session::Session;
use crate::text::escaped;

/// The longest answer, in characters: that of the API.
const MAX_ANSWER: usize = 1000;

/// The exit codes of failed runs, most frequent first; nothing if none failed.
pub(super) fn codes(item: &Arc<Item>, all: &Value) -> AnyView {
    let rows: Vec<_> = entries(all).map(|one| row(item, one)).collect();
    if rows.is_empty() {
        return ().into_any();
    }
    view! {
        <h2 id="codes-title">{messages::failed()}</h2>
        <ul class="codes" aria-labelledby="codes-title">{rows}</ul>
    }
    .into_any()
}

fn row(item: &Arc<Item>, one: &Value) -> AnyView {
    let code = one["code"].as_i64();
    let code: Option<i32> = code.and_then(|code| code.try_into().ok());
    let runs = usize::try_from(one["runs"].as_u64().unwrap_or_default()).unwrap_or(usize::MAX);
    let given = one["answer"].as_str().unwrap_or_default();
    let answer = RwSignal::new(given.to_owned());
    let html = Signal::derive(move || said(code, runs, &answer.read()));
    let answering = code.map(|code| {
        let item = item.clone();
        // Once it is known who the user is.
        live(move || {
            let may_write = Session::current().may_write(&item);
            may_write.then(|| controls(&item.id, code, answer))
        })
    });
    view! { <li><div inner_html=html></div> {answering}</li> }.into_any()
}

fn said(code: Option<i32>, runs: usize, answer: &str) -> String {
    let title = match code {
        Some(code) => messages::exit_code(&code.to_string()),
        None => messages::no_exit_code().to_owned(),
    };
    let answer = if answer.is_empty() {
        String::new()
    } else {
        format!(
            r#"<p class="label">{}</p><blockquote dir="auto">{}</blockquote>"#,
            messages::author_says(),
            escaped(answer)
        )
    };
    format!(
        r#"<h3>{title} <span class="count">{}</span></h3><p>{}</p>{answer}"#,
        messages::times(runs),
        meaning(code)
    )
}

/// For whoever may say something about an exit code.
fn controls(id: &str, code: i32, answer: RwSignal<String>) -> AnyView {
    let client = Session::current().client;
    let toasts = Toasts::current();
    let id = id.to_owned();
    let set = move |text: String| {
        let (client, id) = (client.clone(), id.clone());
        finish(async move {
            let new = (!text.is_empty()).then(|| text.clone());
            let done = match new {
                Some(_) => messages::answer_saved(),
                None => messages::answer_removed(),
            };
            match client.answer_exit_code(&id, code, new).await {
                Ok(()) => {
                    answer.set(text);
                    toasts.done(done);
                }
                Err(failure) => toasts.refused(&failure),
            }
        });
    };
    let texts = Ask {
        id: format!("answer-{code}"),
        button: messages::answer_ask(),
        title: messages::answer_title(&code.to_string()),
        hint: messages::answer_hint(),
        label: messages::answer_label(),
        act: messages::answer_save(),
        class: "button primary",
        given: answer.get_untracked(),
        missing: messages::answer_missing(),
        limit: MAX_ANSWER,
    };
    let write = {
        let set = set.clone();
        ask(texts, None, move |text| {
            set(text);
            None
        })
    };
    let is_none = Signal::derive(move || answer.read().is_empty());
    // What was removed still stands in the dialog, for whoever did not mean it.
    let remove = move |_| set(String::new());
    view! {
        <div class="actions">
            {write}
            <button class="button" type="button" hidden=is_none on:click=remove>
                {messages::answer_remove()}
            </button>
        </div>
    }
    .into_any()
}

/// What OpenPAI means by an exit code of a job that failed by itself, and what helps
/// (docs/contract.md#2-openpais-rest-server). Signals are 128 and their number.
fn meaning(code: Option<i32>) -> &'static str {
    match code {
        Some(-200) => exit_codes::refused(),
        Some(-1005) => exit_codes::forbidden(),
        Some(-1200) => exit_codes::memory(),
        Some(126) => exit_codes::not_executable(),
        Some(127 | 220) => exit_codes::no_command(),
        Some(1..=125) => exit_codes::own(),
        Some(132) => exit_codes::illegal_instruction(),
        Some(134) => exit_codes::aborted(),
        Some(135) => exit_codes::bus_error(),
        Some(136) => exit_codes::arithmetic(),
        Some(139 | 222 | 227 | 234) => exit_codes::crashed(),
        Some(141) => exit_codes::broken_pipe(),
        Some(221) => exit_codes::tensorflow_memory(),
        Some(224) => exit_codes::old_driver(),
        Some(225) => exit_codes::cudnn(),
        Some(226) => exit_codes::gpu_memory(),
        Some(228) => exit_codes::arguments(),
        Some(229) => exit_codes::data(),
        Some(230) => exit_codes::no_model(),
        Some(231) => exit_codes::code(),
        Some(232) => exit_codes::import(),
        Some(233) => exit_codes::index(),
        Some(254) => exit_codes::image(),
        Some(255) => exit_codes::unknown(),
        _ => exit_codes::other(),
    }
}
