//! What shows in the place of something that could not be loaded.

use leptos::prelude::*;

use crate::client::Failure;
use crate::session::sign_in_address;

/// Says what went wrong and offers the way on: to sign in again, or to retry.
pub(crate) fn failure(failure: &Failure, retry: impl Fn() + 'static) -> AnyView {
    if failure.signed_out() {
        return signed_out();
    }
    view! {
        <section class="state" role="alert">
            <h2>"That did not work"</h2>
            <p>{failure.text.clone()}</p>
            <button class="button" type="button" on:click=move |_| retry()>"Retry"</button>
        </section>
    }
    .into_any()
}

/// Says that the session has ended.
pub(crate) fn signed_out() -> AnyView {
    view! {
        <section class="state" role="alert">
            <h2>"Your sign-in has ended"</h2>
            <p>"OpenPAI no longer accepts it. Sign in again and you come back to this page."</p>
            <a class="button primary" href=sign_in_address()>"Sign in"</a>
        </section>
    }
    .into_any()
}

/// Says in a line what could not be found out, where the page does without it,
/// and offers the way on.
pub(crate) fn unknown(what: &'static str, reason: &Failure, retry: impl Fn() + 'static) -> AnyView {
    let retry: Box<dyn Fn()> = Box::new(retry);
    let on = if reason.signed_out() {
        view! { <a class="button" href=sign_in_address()>"Sign in"</a> }.into_any()
    } else {
        view! { <button class="button" type="button" on:click=move |_| retry()>"Retry"</button> }
            .into_any()
    };
    view! {
        <div class="notice row" role="alert">
            <p>{what} " " {reason.text.clone()}</p>
            {on}
        </div>
    }
    .into_any()
}
