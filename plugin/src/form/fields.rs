//! Name, type, summary, description and tags.

use std::time::Duration;

use leptos::prelude::*;
use shared::wire::{DataType, ItemType, MAX_LINE};

use super::State;
use crate::components::badge::{data_name, kind_name};
use crate::components::button::button;
use crate::components::live::live;
use crate::draft::{Draft, Field};
use crate::load::Loaded;
use crate::messages;
use crate::reader::with_reader;
use crate::session::Session;

/// After the last key, so long passes before the preview follows.
const PAUSE: Duration = Duration::from_millis(150);

/// What the item is and what is said about it.
pub(super) fn about(state: State) -> AnyView {
    view! {
        <fieldset class="group">
            <legend>{messages::form::about()}</legend>
            {line(state, Field::Name, messages::form::name_hint(), |draft| &mut draft.name)}
            {kind(state)}
            {line(state, Field::Summary, messages::form::summary_hint(), |draft| &mut draft.summary)}
            {description(state)}
            {tags(state)}
        </fieldset>
    }
    .into_any()
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
fn labelled(state: State, field: Field, hint: AnyView, control: AnyView) -> AnyView {
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
    view! {
        <div class="field">
            <label for="field-type">{messages::form::label_type()}</label>
            <select id="field-type" aria-describedby="field-type-hint" on:change=choose>{options.collect_view()}</select>
            <p class="hint" id="field-type-hint">{messages::form::type_hint()}</p>
        </div>
        {live(move || (chosen.get() == ItemType::Data).then(|| data(state)))}
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

fn description(state: State) -> AnyView {
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
        <div class="field">
            <div class="row">
                <label for="field-description">{messages::form::label_description()}</label>
                <div class="toggle" role="group" aria-label=messages::form::label_description()>{toggle(false, messages::form::write())} {toggle(true, messages::form::preview())}</div>
            </div>
            {control}
            {live(sections)}
            <p class="hint" id="field-description-hint">{messages::form::description_hint()}</p>
        </div>
    }
    .into_any()
}

fn tags(state: State) -> AnyView {
    let client = Session::current().client;
    let known = Loaded::new(move || {
        let client = client.clone();
        async move { client.names("/tags").await }
    });
    let text = Memo::new(move |_| state.draft.with(|draft| draft.tags.clone()));
    // A datalist completes the whole value, so each suggestion holds what is
    // already there.
    let suggestions = move || {
        let text = text.get();
        let typed = text.rfind(',').map_or("", |end| &text[..=end]).to_owned();
        let names = known.ready().unwrap_or_default();
        let taken = Draft {
            tags: typed.clone(),
            ..Draft::default()
        }
        .tag_names();
        let free = names
            .into_iter()
            .filter(|name| !name.is_empty() && !taken.contains(name));
        let gap = if typed.is_empty() { "" } else { " " };
        free.map(
            |name| view! { <option value=format!("{typed}{gap}{name}")>{name.clone()}</option> },
        )
        .collect_view()
    };
    let control = view! {
        <input
            type="text"
            dir="auto"
            id=Field::Tags.id()
            list="known-tags"
            autocomplete="off"
            aria-describedby="field-tags-hint field-tags-complaint"
            aria-invalid=Signal::derive(move || state.complaint(Field::Tags).is_some().to_string())
            prop:value=Signal::derive(move || text.get())
            on:input=move |event| state.draft.update(|draft| draft.tags = event_target_value(&event))
        />
        <datalist id="known-tags">{live(suggestions)}</datalist>
    };
    labelled(
        state,
        Field::Tags,
        messages::form::tags_hint().into_any(),
        control.into_any(),
    )
}
