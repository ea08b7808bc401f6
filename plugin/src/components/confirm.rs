//! A question before something that cannot be undone.

use leptos::html;
use leptos::prelude::*;

/// A dialog that asks. It is closed until [`Confirm::ask`].
#[derive(Clone, Copy)]
pub(crate) struct Confirm(NodeRef<html::Dialog>);

impl Confirm {
    /// A dialog that is not in the page yet.
    pub(crate) fn new() -> Self {
        Self(NodeRef::new())
    }

    /// Opens the dialog. Escape and "Cancel" close it without a consequence.
    pub(crate) fn ask(self) {
        if let Some(dialog) = self.0.get_untracked() {
            // It fails only when the dialog is open already.
            let _ = dialog.show_modal();
        }
    }

    /// The dialog's place in the page. `action` names what `confirmed` does.
    pub(crate) fn view(
        self,
        question: String,
        consequence: &'static str,
        action: &'static str,
        confirmed: impl Fn() + 'static,
    ) -> AnyView {
        let close = move || {
            if let Some(dialog) = self.0.get_untracked() {
                dialog.close();
            }
        };
        view! {
            <dialog node_ref=self.0 aria-labelledby="confirm-question">
                <h2 id="confirm-question">{question}</h2>
                <p>{consequence}</p>
                <div class="actions">
                    <button class="button" type="button" on:click=move |_| close()>"Cancel"</button>
                    <button
                        class="button danger"
                        type="button"
                        on:click=move |_| {
                            close();
                            confirmed();
                        }
                    >
                        {action}
                    </button>
                </div>
            </dialog>
        }
        .into_any()
    }
}
