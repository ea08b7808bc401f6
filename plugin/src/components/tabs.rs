//! The parts of an item's page, one at a time: the ARIA tabs pattern.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::messages::detail as messages;
use crate::route::Tab;

/// The row of tabs. Left, Right, Home and End move along it.
pub(crate) fn tabs(chosen: Memo<Tab>, choose: impl Fn(Tab) + Copy + 'static) -> AnyView {
    let row = NodeRef::<html::Div>::new();
    let step = move |event: leptos::ev::KeyboardEvent| {
        let count = Tab::ALL.len();
        let now = chosen.get_untracked() as usize;
        let next = match event.key().as_str() {
            "ArrowRight" => (now + 1) % count,
            "ArrowLeft" => (now + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        choose(Tab::ALL[next]);
        let button = row
            .get_untracked()
            .and_then(|row| row.children().item(u32::try_from(next).ok()?));
        if let Some(button) = button {
            let _ = button.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    let buttons = Tab::ALL.map(|tab| {
        let selected = move || chosen.get() == tab;
        view! {
            <button
                type="button"
                role="tab"
                id=format!("tab-{}", tab.as_str())
                aria-controls="tab-panel"
                aria-selected=Signal::derive(move || selected().to_string())
                tabindex=Signal::derive(move || if selected() { "0" } else { "-1" }.to_owned())
                on:click=move |_| choose(tab)
            >
                {title(tab)}
            </button>
        }
    });
    view! {
        <div class="tabs" role="tablist" aria-label=messages::parts() node_ref=row on:keydown=step>
            {buttons.collect_view()}
        </div>
    }
    .into_any()
}

/// What people read on the tab.
fn title(tab: Tab) -> &'static str {
    match tab {
        Tab::Description => messages::tab_description(),
        Tab::Detail => messages::tab_detail(),
        Tab::Protocol => messages::protocol(),
    }
}
