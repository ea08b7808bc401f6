//! What shows in the place of something that could not be loaded.

use leptos::prelude::*;

use super::button::button;
use crate::client::Failure;
use crate::messages;
use crate::session::sign_in_address;

/// Says what went wrong and offers the way on: to sign in again, or to retry.
pub(crate) fn failure(failure: &Failure, retry: impl Fn() + 'static) -> AnyView {
    if failure.signed_out() {
        return signed_out();
    }
    section(
        messages::common::failed(),
        &failure.text,
        button("button", messages::common::retry(), retry),
    )
}

/// Says that the session has ended.
pub(crate) fn signed_out() -> AnyView {
    section(
        messages::common::signed_out_title(),
        messages::common::signed_out(),
        sign_in(),
    )
}

/// Says in a line what could not be found out, where the page does without it,
/// and offers the way on.
pub(crate) fn unknown(what: &'static str, reason: &Failure, retry: impl Fn() + 'static) -> AnyView {
    let on = if reason.signed_out() {
        sign_in()
    } else {
        button("button", messages::common::retry(), retry)
    };
    line(what, &reason.text, on)
}

fn sign_in() -> AnyView {
    view! { <a class="button primary" href=sign_in_address()>{messages::common::sign_in()}</a> }
        .into_any()
}

fn section(title: &'static str, text: &str, on: AnyView) -> AnyView {
    let text = text.to_owned();
    view! {
        <section class="state" role="alert">
            <h2>{title}</h2>
            <p>{text}</p>
            {on}
        </section>
    }
    .into_any()
}

fn line(what: &'static str, text: &str, on: AnyView) -> AnyView {
    let text = format!("{what} {text}");
    view! {
        <div class="notice row" role="alert">
            <p>{text}</p>
            {on}
        </div>
    }
    .into_any()
}
