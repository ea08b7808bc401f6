//! Name, type, summary and description.

use std::time::Duration;

use leptos::prelude::*;
use shared::wire::{DataType, ItemType, MAX_LINE};

use super::State;
use crate::components::badge::{data_name, kind_name};
use crate::components::button::button;
use crate::components::live::live;
use crate::draft::{Draft, Field};
use crate::messages;
use crate::reader::with_reader;

/// After the last key, so long passes before the preview follows.
const PAUSE: Duration = Duration::from_millis(150);

/// What the item is.
pub(super) fn about(state: State) -> AnyView {
    view! {
        <fieldset class="group">
            <legend>{messages::form::about()}</legend>
            {line(state, Field::Name, messages::form::name_hint(), |draft| &mut draft.name)}
            {kind(state)}
            {line(state, Field::Summary, messages::form::summary_hint(), |draft| &mut draft.summary)}
        </fieldset>
    }
    .into_any()
}

/// What has changed in the protocol, once it has.
pub(super) fn version_note(state: State) -> AnyView {
    let asked = Memo::new(move |_| {
        state
            .draft
            .with(|draft| draft.differs(Field::Protocol, &state.base()))
    });
    live(move || {
        asked.get().then(|| {
            let hint = messages::form::version_note_hint();
            let field = line(state, Field::VersionNote, hint, |draft| {
                &mut draft.version_note
            });
            view! { <div class="group">{field}</div> }
        })
    })
}

/// A field of one line, with a count of what is left when it gets tight.
fn line(
    state: State,
    field: Field,
    hint: &'static str,
    part: fn(&mut Draft) -> &mut String,
) -> AnyView {
    let read = Memo::new(move |_| {
        let mut draft = state.draft.get();
        std::mem::take(part(&mut draft))
    });
    let length = move || read.with(|text| text.chars().count());
    let control = view! {
        <input
            type="text"
            dir="auto"
            id=field.id()
            autocomplete="off"
            aria-describedby=format!("{0}-hint {0}-complaint", field.id())
            aria-invalid=Signal::derive(move || state.complaint(field).is_some().to_string())
            prop:value=Signal::derive(move || read.get())
            on:input=move |event| state.draft.update(|draft| {
                *part(draft) = event_target_value(&event);
                draft.name_typed |= field == Field::Name;
            })
        />
    };
    let counter = view! {
        <span class="counter" class:error=Signal::derive(move || length() > MAX_LINE)>{live(move || messages::form::counter(&messages::number(length()), &messages::number(MAX_LINE)))}</span>
    };
    labelled(
        state,
        field,
        view! { {hint} " " {counter} }.into_any(),
        control.into_any(),
    )
}

/// A control with its label, hint and complaint.
pub(super) fn labelled(state: State, field: Field, hint: AnyView, control: AnyView) -> AnyView {
    let id = field.id();
    view! {
        <div class="field">
            <label for=id>{field.label()}</label>
            {control}
            <p class="hint" id=format!("{id}-hint")>{hint}</p>
            <p class="complaint" id=format!("{id}-complaint")>{live(move || state.complaint(field))}</p>
        </div>
    }
    .into_any()
}

fn kind(state: State) -> AnyView {
    let chosen = Memo::new(move |_| {
        state
            .draft
            .with(|draft| draft.kind.unwrap_or(ItemType::Template))
    });
    // Nobody makes anything old, but an old item may stay so.
    let offered =
        move |kind: &&ItemType| **kind != ItemType::Old || chosen.get_untracked() == ItemType::Old;
    let options = ItemType::ALL.iter().filter(offered).map(|&kind| {
        view! { <option value=kind.as_str() selected=Signal::derive(move || chosen.get() == kind)>{kind_name(kind)}</option> }
    });
    let choose = move |event| {
        let kind = event_target_value(&event).parse().ok();
        state.draft.update(|draft| draft.kind = kind);
    };
    let asked = Memo::new(move |_| state.draft.with(Draft::may_use_blob));
    view! {
        <div class="field">
            <label for="field-type">{messages::form::label_type()}</label>
            <select id="field-type" aria-describedby="field-type-hint" on:change=choose>{options.collect_view()}</select>
            <p class="hint" id="field-type-hint">{messages::form::type_hint()}</p>
        </div>
        {live(move || (chosen.get() == ItemType::Data).then(|| data(state)))}
        {live(move || asked.get().then(|| use_blob(state)))}
    }
    .into_any()
}

fn data(state: State) -> AnyView {
    let chosen = Memo::new(move |_| state.draft.with(|draft| draft.data_type));
    let options = std::iter::once(None).chain(DataType::ALL.iter().copied().map(Some));
    let options = options.map(|kind| {
        let name = kind.map_or(messages::form::elsewhere(), data_name);
        let value = kind.map_or("", DataType::as_str);
        view! { <option value=value selected=Signal::derive(move || chosen.get() == kind)>{name}</option> }
    });
    let choose = move |event| {
        let kind = event_target_value(&event).parse().ok();
        state.draft.update(|draft| draft.data_type = kind);
    };
    view! {
        <div class="field">
            <label for="field-data-type">{messages::form::label_data_type()}</label>
            <select id="field-data-type" on:change=choose>{options.collect_view()}</select>
        </div>
        {line(state, Field::DataUrl, messages::form::data_url_hint(), |draft| &mut draft.data_url)}
        {line(state, Field::License, messages::form::license_hint(), |draft| &mut draft.license)}
    }
    .into_any()
}

fn use_blob(state: State) -> AnyView {
    let checked = Memo::new(move |_| state.draft.with(|draft| draft.use_blob));
    let choose = move |event| {
        let checked = event_target_checked(&event);
        state.draft.update(|draft| draft.use_blob = checked);
    };
    view! {
        <label class="choice">
            <input
                type="checkbox"
                id=Field::UseBlob.id()
                prop:checked=Signal::derive(move || checked.get())
                on:change=choose
            />
            <span>{Field::UseBlob.label()} <small>{messages::form::use_blob_hint()}</small></span>
        </label>
    }
    .into_any()
}

/// What is said about the item.
pub(super) fn description(state: State) -> AnyView {
    let text = Memo::new(move |_| state.draft.with(|draft| draft.description.clone()));
    let preview = RwSignal::new(false);
    let toggle = move |value: bool, name: &'static str| {
        view! {
            <button type="button" aria-pressed=Signal::derive(move || (preview.get() == value).to_string()) on:click=move |_| preview.set(value)>{name}</button>
        }
    };
    // Side by side where there is room, and one of them where there is not.
    let shown = RwSignal::new(text.get_untracked());
    let mut later = debounce(PAUSE, move |()| shown.set(text.get_untracked()));
    Effect::new(move |former: Option<()>| {
        text.track();
        if former.is_some() {
            later(());
        }
    });
    let result =
        with_reader(move |reader| shown.with(|text| reader.markdown(text, "markdown preview")));
    let control = view! {
        <div class="sides" class:previews=Signal::derive(move || preview.get())>
            <textarea
                id="field-description"
                rows="16"
                dir="auto"
                aria-describedby="field-description-hint"
                prop:value=Signal::derive(move || text.get())
                on:input=move |event| state.draft.update(|draft| {
                    draft.description = event_target_value(&event);
                    draft.description_typed = true;
                })
            ></textarea>
            <div class="side" dir="auto" tabindex="0">{result}</div>
        </div>
    };
    let is_empty = Memo::new(move |_| text.with(|text| text.trim().is_empty()));
    let begin = move || {
        state.draft.update(|draft| {
            messages::create::sections_text().clone_into(&mut draft.description);
            draft.description_typed = true;
        });
        preview.set(false);
        state.focus("field-description");
    };
    let sections = move || {
        is_empty
            .get()
            .then(|| button("link", messages::create::sections(), begin))
    };
    view! {
        <div class="group">
            <div class="field">
                <div class="row">
                    <label for="field-description">{messages::form::label_description()}</label>
                    <div class="toggle" role="group" aria-label=messages::form::label_description()>{toggle(false, messages::form::write())} {toggle(true, messages::form::preview())}</div>
                </div>
                {control}
                {live(sections)}
                <p class="hint" id="field-description-hint">{messages::form::description_hint()}</p>
            </div>
        </div>
    }
    .into_any()
}
