//! Dialogs.

use leptos::html;
use leptos::prelude::*;

/// A dialog that is closed until [`Dialog::open`]. The browser keeps the focus within it
/// and puts it back where it was.
#[derive(Clone, Copy)]
pub(crate) struct Dialog(NodeRef<html::Dialog>);

impl Dialog {
    /// A dialog that is not in the page yet.
    pub(crate) fn new() -> Self {
        Self(NodeRef::new())
    }

    /// Opens it.
    pub(crate) fn open(self) {
        if let Some(dialog) = self.0.get_untracked() {
            // It fails only when the dialog is open already.
            let _ = dialog.show_modal();
        }
    }

    /// Closes it.
    pub(crate) fn close(self) {
        if let Some(dialog) = self.0.get_untracked() {
            dialog.close();
        }
    }

    /// Its place in the page. `id` is that of its title, of this dialog alone.
    pub(crate) fn view(self, id: impl Into<String>, title: AnyView, content: AnyView) -> AnyView {
        let id = id.into();
        let label = id.clone();
        view! {
            <dialog node_ref=self.0 aria-labelledby=label>
                <h2 id=id dir="auto">{title}</h2>
                {content}
            </dialog>
        }
        .into_any()
    }
}
