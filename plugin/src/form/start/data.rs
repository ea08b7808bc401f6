//! A data item made of a title and an address.

use leptos::prelude::*;
use shared::data_item::{Problem, place, protocol};
use shared::wire::ItemType;

use super::take;
use crate::components::button::button;
use crate::components::live::live;
use crate::form::State;
use crate::messages;

/// The two fields, and the button that makes the rest of them. What is typed outlives them.
pub(super) fn data(state: State, title: RwSignal<String>, address: RwSignal<String>) -> AnyView {
    let complaint = RwSignal::new(None::<&'static str>);
    let make = move || {
        let title = title.get_untracked();
        let title = title.trim();
        if title.is_empty() {
            return complaint.set(Some(messages::create::title_missing()));
        }
        match address.with_untracked(|address| place(address)) {
            Err(problem) => complaint.set(Some(match problem {
                Problem::NotWeb => messages::create::not_web(),
                Problem::Letters => messages::create::bad_letters(),
                Problem::Secret => messages::create::holds_secret(),
            })),
            Ok(place) => {
                complaint.set(None);
                take(state, messages::create::data_taken(), |draft| {
                    draft.protocol = protocol(title, &place);
                    title.clone_into(&mut draft.name);
                    draft.name_typed = true;
                    draft.kind = Some(ItemType::Data);
                    draft.data_type = place.kind;
                    draft.data_url = place.url;
                });
            }
        }
    };
    let line =
        |id: &'static str, label: &'static str, hint: &'static str, text: RwSignal<String>| {
            view! {
                <div class="field">
                    <label for=id>{label}</label>
                    <input
                        id=id
                        type="text"
                        dir="auto"
                        autocomplete="off"
                        aria-describedby=format!("{id}-hint data-complaint")
                        prop:value=Signal::derive(move || text.get())
                        on:input=move |event| text.set(event_target_value(&event))
                    />
                    <p class="hint" id=format!("{id}-hint")>{hint}</p>
                </div>
            }
        };
    view! {
        {line("data-title", messages::create::title(), messages::create::title_hint(), title)}
        {line("data-address", messages::create::address(), messages::create::address_hint(), address)}
        <p class="complaint" id="data-complaint" role="alert">{live(move || complaint.get())}</p>
        <div class="actions">{button("button", messages::create::make(), make)}</div>
    }
    .into_any()
}
