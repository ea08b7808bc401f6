//! A question before something that cannot be undone.

use leptos::html;
use leptos::prelude::*;

use super::button::button;

/// A dialog that asks. It is closed until [`Confirm::ask`].
#[derive(Clone, Copy)]
pub(crate) struct Confirm(NodeRef<html::Dialog>);

/// What a dialog says.
pub(crate) struct Question {
    /// An id in the page, of this dialog alone.
    pub id: &'static str,
    /// What is asked.
    pub title: String,
    /// What comes of a yes.
    pub consequence: &'static str,
    /// What the buttons say: the way back, and what is done on a yes.
    pub answers: [&'static str; 2],
    /// The look of the button that does it.
    pub class: &'static str,
}

impl Confirm {
    /// A dialog that is not in the page yet.
    pub(crate) fn new() -> Self {
        Self(NodeRef::new())
    }

    /// Opens the dialog. Escape and the first button close it without a
    /// consequence.
    pub(crate) fn ask(self) {
        if let Some(dialog) = self.0.get_untracked() {
            // It fails only when the dialog is open already.
            let _ = dialog.show_modal();
        }
    }

    /// The dialog's place in the page.
    pub(crate) fn view(self, question: Question, confirmed: impl Fn() + 'static) -> AnyView {
        self.show(question, Box::new(confirmed))
    }

    /// Takes a box, so that there is one copy of this in the wasm.
    fn show(self, question: Question, confirmed: Box<dyn Fn()>) -> AnyView {
        let close = move || {
            if let Some(dialog) = self.0.get_untracked() {
                dialog.close();
            }
        };
        let Question {
            id,
            title,
            consequence,
            answers: [back, action],
            class,
        } = question;
        view! {
            <dialog node_ref=self.0 aria-labelledby=id>
                <h2 id=id>{title}</h2>
                <p>{consequence}</p>
                <div class="actions">
                    {button("button", back, close)}
                    {button(class, action, move || {
                        close();
                        confirmed();
                    })}
                </div>
            </dialog>
        }
        .into_any()
    }
}
