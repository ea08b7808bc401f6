//! What is wrong with the marketplace as a whole, above all pages.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use send_wrapper::SendWrapper;

use super::button::button;
use super::live::live;
use crate::connection::Trouble;
use crate::messages::banner as texts;
use crate::session::{Session, sign_in_address};

/// After so long the marketplace is asked whether it answers again; twice as long each
/// time, because all tabs of all users do that.
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_mins(1);

/// So long it is told that the marketplace answers again.
const STAYS: Duration = Duration::from_secs(10);

/// The banner's place in the page, which screen readers listen to from the beginning.
pub(crate) fn banner() -> AnyView {
    let client = Session::current().client;
    let connection = client.connection();
    // What belongs to an owner and holds it would keep it for good.
    let owner = Owner::current().unwrap_or_default().downgrade();
    let ask: Rc<dyn Fn()> = Rc::new(move || {
        let Some(owner) = owner.upgrade() else {
            return;
        };
        let client = client.clone();
        owner.with(|| {
            // What comes of it is in the connection.
            spawn_local_scoped_with_cancellation(async move {
                let _ = client.me().await;
            });
        });
    });
    let shown = RwSignal::new(String::new());
    let asked = Cell::new(0);
    let recoveries = Cell::new(0);
    let again = ask.clone();
    Effect::new(move |_| {
        let trouble = connection.trouble();
        let is_back = recoveries.replace(connection.recoveries()) < connection.recoveries();
        let text = trouble.map_or("", text_of);
        let pause = match trouble {
            Some(Trouble::SignedOut) => None,
            Some(_) => {
                asked.set(asked.get() + 1);
                Some(LONGEST.min(FIRST * 2_u32.pow(asked.get().min(8) - 1)))
            }
            None => {
                asked.set(0);
                is_back.then_some(STAYS)
            }
        };
        let again = again.clone();
        let later = move || {
            if trouble.is_some() {
                again();
            } else {
                shown.set(String::new());
            }
        };
        let timer = pause.and_then(|pause| set_timeout_with_handle(later, pause).ok());
        on_cleanup(move || {
            if let Some(timer) = timer {
                timer.clear();
            }
        });
        let text = if is_back { texts::back() } else { text };
        if shown.with_untracked(|shown| shown != text) {
            shown.set(text.to_owned());
        }
    });
    let ask = SendWrapper::new(ask);
    let view = move || {
        let text = shown.get();
        if text.is_empty() {
            return ().into_any();
        }
        let ask = ask.clone();
        let press = move || ask();
        let (class, on) = match connection.known() {
            None => ("banner good", ().into_any()),
            Some(Trouble::SignedOut) => ("banner", sign_in()),
            Some(_) => ("banner", button("button", texts::ask(), press)),
        };
        view! { <div class=class><p>{text}</p> {on}</div> }.into_any()
    };
    view! { <div role="status">{live(view)}</div> }.into_any()
}

fn text_of(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Unreachable => texts::unreachable(),
        Trouble::WithoutOpenpai => texts::without_openpai(),
        Trouble::Incomplete => texts::incomplete(),
        Trouble::SignedOut => texts::signed_out(),
    }
}

fn sign_in() -> AnyView {
    view! { <a class="button" href=sign_in_address()>{texts::sign_in()}</a> }.into_any()
}
