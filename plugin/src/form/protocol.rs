//! The protocol: from a file or from typing, checked while it is typed.

use std::time::Duration;

use leptos::prelude::*;
use shared::wire::MAX_PROTOCOL;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, File, HtmlInputElement};

use super::State;
use super::notice::{Notice, notice};
use crate::client::Failure;
use crate::components::editor::editor;
use crate::components::live::live;
use crate::draft::{Draft, Field, lines};
use crate::fit;
use crate::load::{Load, Tasks};
use crate::messages;
use crate::reader;

/// After the last key, so long passes before the protocol is checked.
const PAUSE: Duration = Duration::from_millis(150);

/// The largest file, in bytes; exactly the number that it is.
#[allow(clippy::cast_precision_loss)]
const MAX_FILE: f64 = MAX_PROTOCOL as f64;

/// The editor and the ways to fill it.
pub(super) fn protocol(state: State) -> AnyView {
    let text = Memo::new(move |_| state.draft.with(|draft| draft.protocol.clone()));
    check_while_typing(state, text);
    let over = RwSignal::new(false);
    let refused = RwSignal::new(None::<String>);
    let tasks = Tasks::new();
    let take = move |file: File| {
        refused.set(None);
        tasks.spawn(async move {
            match read(&file).await {
                Ok(text) => {
                    let former = state.draft.get_untracked();
                    let lost = !former.protocol.trim().is_empty() && former.protocol != text;
                    state.replaced.set(lost.then_some(Notice {
                        text: messages::form::file_replaced(),
                        action: messages::form::undo(),
                        draft: former,
                        attempt: None,
                        only: Some(Field::Protocol),
                        discards: false,
                    }));
                    state.draft.update(|draft| draft.protocol = text);
                }
                Err(reason) => refused.set(Some(reason)),
            }
        });
    };
    let taken = take.clone();
    let chosen = move |event: leptos::ev::Event| {
        let input = event_target::<HtmlInputElement>(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            taken(file);
        }
        // So that choosing the same file again is a change again.
        input.set_value("");
    };
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        let files = event.data_transfer().and_then(|data| data.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            take(file);
        }
    };
    // The editor itself tells of findings.
    let missing = move || {
        let found = state
            .found
            .read()
            .ready()
            .is_some_and(|all| !all.is_empty());
        state.complaint(Field::Protocol).filter(|_| !found)
    };
    let movings = Tasks::new();
    let mend = Callback::new(move |finding| {
        refused.set(None);
        movings.spawn(async move {
            let Ok(reader) = reader::reader().await else {
                return;
            };
            let former = state.draft.get_untracked();
            let Some(text) = reader.mend(&former.protocol, &finding) else {
                return refused.set(Some(messages::form::secret_not_moved().to_owned()));
            };
            state.draft.update(|draft| draft.protocol = text);
            state.replaced.set(Some(Notice {
                text: messages::form::secret_moved(),
                action: messages::form::undo(),
                draft: former,
                attempt: None,
                only: Some(Field::Protocol),
                discards: false,
            }));
            state.focus("notice");
        });
    });
    let hover = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    view! {
        <fieldset class="group drop" class:over=Signal::derive(move || over.get()) on:dragover=hover on:dragleave=move |_| over.set(false) on:drop=dropped>
            <legend>{messages::form::label_protocol()}</legend>
            <p class="hint">
                <label class="button file">
                    <input type="file" class="sr" accept=".yaml,.yml,.json" on:change=chosen />
                    {messages::form::choose_file()}
                </label>
                " " {messages::form::choose_file_hint()}
            </p>
            {live(move || refused.get().map(|reason| view! { <p class="complaint" role="alert">{reason}</p> }))}
            {notice(state, state.replaced)}
            <label class="sr" for=Field::Protocol.id()>{messages::form::protocol_text()}</label>
            {editor(
                Field::Protocol.id(),
                text,
                state.found,
                move |text| state.draft.update(|draft| draft.protocol = text),
                mend,
            )}
            {fit::follow(text.into(), None)}
            {live(move || missing().map(|text| view! { <p class="complaint">{text}</p> }))}
        </fieldset>
    }
    .into_any()
}

/// Checks the protocol as it stands when the validator is there.
pub(super) async fn check(state: State) {
    let reader = match reader::reader().await {
        Ok(reader) => reader,
        Err(failure) => return state.found.set(Load::Failed(failure)),
    };
    // To check a megabyte takes long, and nobody would take it.
    if let Some(reason) = state.draft.with_untracked(Draft::too_long) {
        return state.found.set(Load::Failed(Failure::local(reason)));
    }
    let text = state.draft.with_untracked(|draft| draft.protocol.clone());
    if text.trim().is_empty() {
        return state.found.set(Load::Ready(Vec::new()));
    }
    let (found, names) = reader.check(&text);
    if let Some((name, description)) = names {
        state
            .draft
            .update(|draft| draft.take_over(&name, &description));
    }
    state.found.set(Load::Ready(found));
}

fn check_while_typing(state: State, text: Memo<String>) {
    let tasks = Tasks::new();
    let mut later = debounce(PAUSE, move |()| {
        tasks.spawn(check(state));
    });
    Effect::new(move |_| {
        text.track();
        later(());
    });
}

async fn read(file: &File) -> Result<String, String> {
    let name = file.name();
    if file.size() > MAX_FILE {
        return Err(messages::form::file_too_large(&name));
    }
    let bytes = JsFuture::from(file.array_buffer()).await;
    let bytes = bytes.map_err(|_| messages::form::file_unreadable(&name))?;
    let bytes = js_sys::Uint8Array::new(bytes.unchecked_ref()).to_vec();
    match String::from_utf8(bytes) {
        Ok(text) => Ok(lines(&text)),
        Err(_) => Err(messages::form::file_no_text(&name)),
    }
}
