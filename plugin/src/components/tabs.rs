//! The parts of an item's page, one at a time: the ARIA tabs pattern.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::messages::detail as messages;
use crate::route::Tab;

/// The row of tabs. Left, Right, Home and End move along it, the way it lies.
pub(crate) fn tabs(chosen: Memo<Tab>, choose: impl Fn(Tab) + Copy + 'static) -> AnyView {
    let row = NodeRef::<html::Div>::new();
    let step = move |event: leptos::ev::KeyboardEvent| {
        let count = Tab::ALL.len();
        let now = chosen.get_untracked() as usize;
        let (forth, back) = if row.get_untracked().is_some_and(|row| is_mirrored(&row)) {
            ("ArrowLeft", "ArrowRight")
        } else {
            ("ArrowRight", "ArrowLeft")
        };
        let next = match event.key().as_str() {
            key if key == forth => (now + 1) % count,
            key if key == back => (now + count - 1) % count,
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

/// Whether what is in an element begins on the right.
fn is_mirrored(element: &web_sys::Element) -> bool {
    let style = window().get_computed_style(element).ok().flatten();
    let direction = style.and_then(|style| style.get_property_value("direction").ok());
    direction.is_some_and(|direction| direction == "rtl")
}

/// What people read on the tab.
fn title(tab: Tab) -> &'static str {
    match tab {
        Tab::Description => messages::tab_description(),
        Tab::Detail => messages::tab_detail(),
        Tab::Protocol => messages::protocol(),
        Tab::Runs => messages::tab_runs(),
    }
}
