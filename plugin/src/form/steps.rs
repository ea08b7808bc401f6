//! A new item is made in steps, all of which are there: whoever goes back or skips some
//! finds what was filled in.

use leptos::ev;
use leptos::prelude::*;

use super::State;
use crate::draft::Field;
use crate::messages;

/// A part of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Step {
    /// Where it comes from, and its protocol.
    #[default]
    Source,
    /// What it is called, and what it is.
    Basics,
    /// What is said about it.
    Description,
    /// How it is found, and by whom.
    Sharing,
    /// All that will be sent.
    Review,
}

impl Step {
    const ALL: [Self; 5] = [
        Self::Source,
        Self::Basics,
        Self::Description,
        Self::Sharing,
        Self::Review,
    ];

    /// What people read of it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Source => messages::create::step_source(),
            Self::Basics => messages::create::step_basics(),
            Self::Description => messages::create::step_description(),
            Self::Sharing => messages::create::step_sharing(),
            Self::Review => messages::create::step_review(),
        }
    }

    /// Where a field is filled in.
    pub(super) const fn of(field: Field) -> Self {
        match field {
            Field::Protocol | Field::VersionNote => Self::Source,
            Field::Name
            | Field::Kind
            | Field::Summary
            | Field::DataType
            | Field::DataUrl
            | Field::License
            | Field::UseBlob => Self::Basics,
            Field::Description => Self::Description,
            Field::Categories | Field::Tags | Field::Groups => Self::Sharing,
        }
    }

    fn beside(self, by: isize) -> Option<Self> {
        let index = (self as usize).checked_add_signed(by)?;
        Self::ALL.get(index).copied()
    }

    /// The one that follows; none after the last.
    pub(super) fn next(self) -> Option<Self> {
        self.beside(1)
    }
}

/// All steps, each of which one can go to.
pub(super) fn steps(state: State) -> AnyView {
    let steps = Step::ALL.map(|step| {
        let current = move || (state.step.get() == step).then_some("step");
        view! {
            <li>
                <button type="button" aria-current=Signal::derive(current) on:click=move |_| state.go(step)>
                    {step.title()}
                </button>
            </li>
        }
    });
    view! {
        <nav aria-label=messages::create::steps()>
            <ol class="steps">{steps.collect_view()}</ol>
        </nav>
    }
    .into_any()
}

/// The button back, where there is a step before.
pub(super) fn back(state: State) -> Option<AnyView> {
    let before = state.step.get().beside(-1)?;
    let back = move |_| state.go(before);
    let button = view! { <button class="button" type="button" on:click=back>{messages::create::back()}</button> };
    Some(button.into_any())
}

/// Keeps the second click of a double one on "Continue" from falling on what takes its place.
pub(super) fn once(event: &ev::MouseEvent) {
    if event.detail() > 1 {
        event.prevent_default();
    }
}
