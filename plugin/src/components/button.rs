//! Buttons.

use leptos::prelude::*;

/// A button that says the same at all times. (One function for all of them:
/// each in a view of its own is half a kB of wasm.)
pub(crate) fn button(
    class: &'static str,
    text: impl Into<String>,
    act: impl Fn() + 'static,
) -> AnyView {
    show(class, text.into(), Box::new(act))
}

fn show(class: &'static str, text: String, act: Box<dyn Fn()>) -> AnyView {
    view! { <button class=class type="button" on:click=move |_| act()>{text}</button> }.into_any()
}
