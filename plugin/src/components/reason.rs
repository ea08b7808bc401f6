//! A button that asks for a reason, or another text that somebody reads, before it does
//! something.

use leptos::html;
use leptos::prelude::*;

use super::button::button;
use super::dialog::Dialog;
use super::live::live;
use crate::messages::{detail as messages, number};
use shared::wire::MAX_REASON;

/// What the button and its dialog say.
pub(crate) struct Ask {
    /// An id in the page, of this dialog alone.
    pub id: String,
    /// The button.
    pub button: &'static str,
    /// What is asked.
    pub title: String,
    /// What comes of it.
    pub hint: &'static str,
    /// The field's name.
    pub label: &'static str,
    /// The button that does it.
    pub act: &'static str,
    /// The look of that button.
    pub class: &'static str,
    /// What stands in the field to begin with.
    pub given: String,
    /// What is said where nothing stands in it.
    pub missing: &'static str,
    /// The most characters.
    pub limit: usize,
}

impl Ask {
    /// What is the same whenever a reason is asked for.
    pub(crate) fn reason() -> Self {
        Self {
            id: String::new(),
            button: "",
            title: String::new(),
            hint: "",
            label: "",
            act: "",
            class: "button danger",
            given: String::new(),
            missing: messages::reason_missing(),
            limit: MAX_REASON,
        }
    }
}

/// The button. `more` stands below the reason; `act` gets the reason without blanks around
/// it, and answers what is wrong with the rest, if anything is: then the dialog stays open.
pub(crate) fn ask(
    ask: Ask,
    more: Option<AnyView>,
    act: impl Fn(String) -> Option<&'static str> + 'static,
) -> AnyView {
    show(ask, more, Box::new(act))
}

/// Takes a box, so that there is one copy of this in the wasm.
fn show(
    ask: Ask,
    more: Option<AnyView>,
    act: Box<dyn Fn(String) -> Option<&'static str>>,
) -> AnyView {
    let dialog = Dialog::new();
    let reason = RwSignal::new(ask.given);
    let complaint = RwSignal::new(String::new());
    let area = NodeRef::<html::Textarea>::new();
    let (limit, missing) = (ask.limit, ask.missing);
    let fault = move || match reason.with(|reason| reason.trim().chars().count()) {
        0 => Some(missing.to_owned()),
        length if length > limit => Some(messages::reason_long(&number(length), &number(limit))),
        _ => None,
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(fault) = fault() {
            complaint.set(fault);
            if let Some(area) = area.get_untracked() {
                let _ = area.focus();
            }
            return;
        }
        match act(reason.get_untracked().trim().to_owned()) {
            Some(fault) => complaint.set(fault.to_owned()),
            None => dialog.close(),
        }
    };
    let described = format!("{}-complaint", ask.id);
    let content = view! {
        <form novalidate on:submit=submit>
            <p>{ask.hint}</p>
            <label class="stack">
                {ask.label}
                <textarea
                    rows="5"
                    dir="auto"
                    node_ref=area
                    aria-describedby=described.clone()
                    aria-invalid=Signal::derive(move || (!complaint.read().is_empty()).to_string())
                    prop:value=Signal::derive(move || reason.get())
                    on:input=move |event| {
                        reason.set(event_target_value(&event));
                        if !complaint.read_untracked().is_empty() {
                            complaint.set(fault().unwrap_or_default());
                        }
                    }
                ></textarea>
            </label>
            {more}
            <p class="complaint" id=described>{live(move || complaint.get())}</p>
            <div class="actions end">
                {button("button", messages::cancel(), move || dialog.close())}
                <button class=ask.class type="submit">{ask.act}</button>
            </div>
        </form>
    };
    let title = ask.title;
    view! {
        {button("button", ask.button, move || {
            complaint.set(String::new());
            dialog.open();
        })}
        {dialog.view(ask.id, title.into_any(), content.into_any())}
    }
    .into_any()
}
