//! The item's categories and tags.

use leptos::prelude::*;
use shared::order;
use shared::wire::OFFICIAL_CATEGORY;

use super::State;
use super::fields::labelled;
use crate::components::failure::unknown;
use crate::components::live::live;
use crate::draft::{Draft, Field};
use crate::load::{Load, Loaded};
use crate::messages;
use crate::session::Session;

/// What the item is found by.
pub(super) fn labels(state: State) -> AnyView {
    view! {
        <fieldset class="group">
            <legend>{messages::form::labels()}</legend>
            {categories(state)}
            {tags(state)}
        </fieldset>
    }
    .into_any()
}

fn names(path: &'static str) -> Loaded<Vec<String>> {
    let client = Session::current().client;
    Loaded::new(move || {
        let client = client.clone();
        async move { client.names(path).await }
    })
}

/// Says so when the names that there are could not be loaded.
fn failed(known: Loaded<Vec<String>>, what: &'static str) -> impl Fn() -> Option<AnyView> {
    move || match &*known.state.read() {
        Load::Failed(reason) => Some(unknown(what, reason, move || known.retry())),
        Load::Loading | Load::Ready(_) => None,
    }
}

fn categories(state: State) -> AnyView {
    let session = Session::current();
    let known = names("/categories");
    let choice = move |name: String| {
        let (read, write) = (name.clone(), name.clone());
        let checked = move || state.draft.with(|draft| draft.categories.contains(&read));
        let choose = move |event| {
            let add = event_target_checked(&event);
            state.draft.update(|draft| {
                draft.categories.retain(|category| *category != write);
                if add {
                    draft.categories.push(write.clone());
                }
            });
        };
        view! {
            <label class="choice">
                <input type="checkbox" prop:checked=Signal::derive(checked) on:change=choose />
                <span dir="auto">{name}</span>
            </label>
        }
    };
    let choices = move || {
        let is_admin = session.me.ready().is_some_and(|me| me.admin);
        let known = known.ready();
        let mut names = known.clone().unwrap_or_default();
        // Admins alone put items there.
        names.retain(|name| is_admin || name != OFFICIAL_CATEGORY);
        names.extend(state.draft.with_untracked(|draft| draft.categories.clone()));
        order::by(&mut names, Ord::cmp);
        names.dedup();
        if names.is_empty() && known.is_some() {
            return view! { <p class="hint">{messages::form::no_categories()}</p> }.into_any();
        }
        names.into_iter().map(choice).collect_view().into_any()
    };
    view! {
        <div class="field" role="group" id=Field::Categories.id() tabindex="-1" aria-labelledby="categories-label">
            <span class="label" id="categories-label">{Field::Categories.label()}</span>
            <div class="choices">{live(choices)}</div>
            {live(failed(known, messages::form::categories_unknown()))}
        </div>
    }
    .into_any()
}

fn tags(state: State) -> AnyView {
    let known = names("/tags");
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
        {live(failed(known, messages::form::tags_unknown()))}
    };
    labelled(
        state,
        Field::Tags,
        messages::form::tags_hint().into_any(),
        control.into_any(),
    )
}
