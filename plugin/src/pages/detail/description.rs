use leptos::prelude::*;
use shared::wire::Item;

use crate::messages::detail as messages;
use crate::reader::with_reader;

/// What the author says about the item.
pub(super) fn description(item: &Item) -> AnyView {
    let text = item.description.as_deref().unwrap_or_default();
    if text.trim().is_empty() {
        return view! { <p class="hint">{messages::no_description()}</p> }.into_any();
    }
    let text = text.to_owned();
    with_reader(move |reader| reader.markdown(&text, "markdown"))
}
