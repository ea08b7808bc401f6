//! Who may see the item.

use leptos::prelude::*;
use shared::order;

use super::State;
use crate::components::failure::unknown;
use crate::components::live::live;
use crate::draft::{Audience, Field};
use crate::load::Load;
use crate::messages;
use crate::session::Session;

/// The audience, and the groups if only some may see it.
pub(super) fn sharing(state: State) -> AnyView {
    let chosen = Memo::new(move |_| state.draft.with(|draft| draft.audience));
    let choices = [
        (
            Audience::Everybody,
            messages::form::everybody(),
            messages::form::everybody_meaning(),
        ),
        (
            Audience::Groups,
            messages::form::some_groups(),
            messages::form::some_groups_meaning(),
        ),
        (
            Audience::OnlyMe,
            messages::form::only_me(),
            messages::form::only_me_meaning(),
        ),
    ];
    let choices = choices.map(|(audience, name, meaning)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="audience"
                    prop:checked=Signal::derive(move || chosen.get() == audience)
                    on:change=move |_| state.draft.update(|draft| draft.audience = audience)
                />
                <span>{name} <small>{meaning}</small></span>
            </label>
            // Below the choice that they belong to.
            {(audience == Audience::Groups)
                .then(|| live(move || (chosen.get() == Audience::Groups).then(|| groups(state))))}
        }
    });
    view! {
        <fieldset class="group">
            <legend>{messages::form::label_audience()}</legend>
            {choices.collect_view()}
        </fieldset>
    }
    .into_any()
}

fn groups(state: State) -> AnyView {
    let session = Session::current();
    let names = move || {
        let mut names = session
            .me
            .ready()
            .map(|me| me.groups.clone())
            .unwrap_or_default();
        // An admin edits items of groups that are not their own.
        names.extend(state.draft.with_untracked(|draft| draft.groups.clone()));
        order::by(&mut names, Ord::cmp);
        names.dedup();
        names
    };
    let group = move |name: String| {
        let (read, write) = (name.clone(), name.clone());
        let checked = move || state.draft.with(|draft| draft.groups.contains(&read));
        let choose = move |event| {
            let add = event_target_checked(&event);
            state.draft.update(|draft| {
                draft.groups.retain(|group| *group != write);
                if add {
                    draft.groups.push(write.clone());
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
    let list = move || {
        if let Load::Failed(reason) = &*session.me.state.read() {
            let me = session.me;
            return unknown(messages::form::groups_unknown(), reason, move || {
                me.retry();
            });
        }
        let names = names();
        if names.is_empty() {
            view! { <p class="hint">{messages::form::no_groups()}</p> }.into_any()
        } else {
            names.into_iter().map(group).collect_view().into_any()
        }
    };
    view! {
        <div class="nested" role="group" aria-label=messages::form::groups() id=Field::Groups.id() tabindex="-1">
            {live(list)}
            <p class="complaint">{live(move || state.complaint(Field::Groups))}</p>
        </div>
    }
    .into_any()
}
