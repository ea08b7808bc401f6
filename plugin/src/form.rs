//! The form for an item: for a new one and for one that exists.

mod fields;
mod protocol;
mod sharing;
pub(crate) mod storage;

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use shared::protocol::Diagnostic;
use wasm_bindgen::JsCast;

use crate::client::Failure;
use crate::components::failure::signed_out;
use crate::components::live::live;
use crate::draft::{Draft, Field};
use crate::load::{Answer, Load, Tasks};
use crate::session::Session;
use crate::text::count;

/// After the last key, so long passes before the draft is kept.
const KEEP_AFTER: Duration = Duration::from_millis(300);

/// What the pages that show the form decide.
pub(crate) struct Form {
    /// What it holds at first.
    pub draft: Draft,
    /// Where the draft is kept, see [`storage`].
    pub key: String,
    /// What its button says.
    pub action: &'static str,
    /// The hash that "Cancel" leads to.
    pub cancel: String,
}

/// What the parts of the form share.
#[derive(Clone, Copy)]
struct State {
    draft: RwSignal<Draft>,
    /// The validator's and the server's findings about the protocol.
    found: RwSignal<Load<Vec<Diagnostic>>>,
    /// Complaints show after the first attempt to send, not while a form is
    /// being filled in for the first time.
    attempted: RwSignal<bool>,
    problems: Memo<Vec<(Field, String)>>,
}

impl State {
    fn new(draft: Draft) -> Self {
        let draft = RwSignal::new(draft);
        let found = RwSignal::new(Load::Loading);
        let problems = Memo::new(move |_| {
            let mut problems = draft.with(Draft::problems);
            let errors = found.read().ready().map_or(0, |all: &Vec<Diagnostic>| {
                all.iter().filter(|found| found.is_refusal()).count()
            });
            let empty = problems
                .first()
                .is_some_and(|problem| problem.0 == Field::Protocol);
            if errors > 0 && !empty {
                let text = format!("The protocol has {}.", count(errors, "error"));
                problems.insert(0, (Field::Protocol, text));
            }
            problems
        });
        Self {
            draft,
            found,
            attempted: RwSignal::new(false),
            problems,
        }
    }

    /// What is wrong with a field, once it is time to say so.
    fn complaint(self, field: Field) -> Option<String> {
        let problems = self.problems.read();
        let text = || {
            problems
                .iter()
                .find(|problem| problem.0 == field)
                .map(|problem| problem.1.clone())
        };
        self.attempted.get().then(text).flatten()
    }
}

impl Form {
    /// Shows the form. `send` is called with a draft without problems; what
    /// it fails with is shown, and on success the kept draft is forgotten.
    pub(crate) fn view<F>(self, send: impl Fn(Draft) -> F + 'static) -> AnyView
    where
        F: Future<Output = Result<(), Failure>> + 'static,
    {
        self.show(Rc::new(move |draft| Box::pin(send(draft))))
    }

    fn show(self, send: Rc<dyn Fn(Draft) -> Answer<()>>) -> AnyView {
        let Self {
            draft,
            key,
            action,
            cancel,
        } = self;
        let state = State::new(draft);
        let refused = RwSignal::new(None::<Failure>);
        let busy = RwSignal::new(false);
        let finished = StoredValue::new(false);
        let form = NodeRef::<html::Form>::new();
        let tasks = Tasks::new();
        keep_draft(state.draft, finished, key.clone());

        let loader = Session::current().loader;
        let submit = move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            busy.set(true);
            refused.set(None);
            let (loader, send, key) = (loader.clone(), send.clone(), key.clone());
            tasks.spawn(async move {
                // The server checks as well, if this cannot be done here.
                protocol::check(state, &loader).await;
                state.attempted.set(true);
                if let Some((field, _)) = state.problems.get_untracked().first() {
                    busy.set(false);
                    focus(form, field.id());
                    return;
                }
                match send(state.draft.get_untracked()).await {
                    Ok(()) => {
                        finished.set_value(true);
                        storage::forget(&key);
                    }
                    Err(failure) => {
                        if !failure.diagnostics.is_empty() {
                            state.found.set(Load::Ready(failure.diagnostics.clone()));
                        }
                        refused.set(Some(failure));
                        busy.set(false);
                        focus(form, "refusal");
                    }
                }
            });
        };
        view! {
            <form class="form" node_ref=form novalidate on:submit=submit>
                {live(move || summary(state, form))}
                {live(move || refused.read().as_ref().map(refusal))}
                {protocol::protocol(state)}
                {fields::about(state)}
                {sharing::sharing(state)}
                <div class="actions end">
                    <a class="button" href=cancel>"Cancel"</a>
                    <button class="button primary" type="submit" disabled=Signal::derive(move || busy.get())>
                        {live(move || if busy.get() { "Sending …" } else { action })}
                    </button>
                </div>
            </form>
        }
        .into_any()
    }
}

fn keep_draft(draft: RwSignal<Draft>, finished: StoredValue<bool>, key: String) {
    let mut keep = debounce(KEEP_AFTER, move |()| {
        if !finished.get_value() {
            draft.with_untracked(|draft| storage::keep(&key, draft));
        }
    });
    Effect::new(move |former: Option<()>| {
        draft.track();
        if former.is_some() {
            keep(());
        }
    });
}

fn summary(state: State, form: NodeRef<html::Form>) -> Option<AnyView> {
    let problems = state.problems.get();
    if !state.attempted.get() || problems.is_empty() {
        return None;
    }
    let title = format!("{} to mend", count(problems.len(), "thing"));
    let lines = problems.into_iter().map(|(field, text)| {
        view! {
            <li><button type="button" class="link" on:click=move |_| focus(form, field.id())>{text}</button></li>
        }
    });
    let view = view! {
        <div class="notice error" role="alert">
            <h2>{title}</h2>
            <ul>{lines.collect_view()}</ul>
        </div>
    };
    Some(view.into_any())
}

fn refusal(failure: &Failure) -> AnyView {
    if failure.signed_out() {
        return signed_out();
    }
    view! {
        <div class="notice error" role="alert" id="refusal" tabindex="-1">
            <h2>"The marketplace did not take it"</h2>
            <p>{failure.text.clone()}</p>
        </div>
    }
    .into_any()
}

/// Brings the user to the control with this id.
fn focus(form: NodeRef<html::Form>, id: &'static str) {
    // After the view has caught up with the signals.
    request_animation_frame(move || {
        let control = form
            .get_untracked()
            .and_then(|form| form.query_selector(&format!("#{id}")).ok()?);
        if let Some(control) = control {
            let _ = control.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    });
}
