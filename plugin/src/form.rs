//! The form for an item: for a new one and for one that exists.

mod conflict;
mod done;
mod fields;
mod labels;
mod notice;
mod protocol;
mod review;
mod save;
mod sharing;
mod start;
mod steps;
pub(crate) mod storage;

use std::rc::Rc;
use std::time::Duration;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::protocol::Diagnostic;
use wasm_bindgen::JsCast;
use web_sys::Element;

use self::notice::Notice;
use self::save::Outcome;
use self::steps::Step;
use self::storage::StoredDraft;
use crate::client::Failure;
use crate::components::button::button;
use crate::components::leave::{Guard, elsewhere};
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::draft::{Attempt, Draft, Field, Version};
use crate::list_cache::ListCache;
use crate::load::{Load, Tasks};
use crate::messages;
use crate::navigation::Navigation;
use crate::route::Route;
use crate::session::Session;
use crate::styles;

/// After the last key, so long passes before the draft is stored.
const KEEP_AFTER: Duration = Duration::from_millis(300);

/// What the pages that show the form decide.
pub(crate) struct Form {
    /// The id of the item; none for a new one.
    pub item: Option<String>,
    /// What it holds at first.
    pub stored: StoredDraft,
    /// Whether that is a draft of earlier.
    pub restored: bool,
    /// The item as it is now, if the draft was made from another version.
    pub conflict: Option<Version>,
    /// Where the draft is stored, see [`storage`].
    pub key: String,
    /// What its button says.
    pub action: &'static str,
    /// The hash that "Cancel" leads to.
    pub cancel: String,
}

/// The form that is being sent, by the key of its draft. That goes on when its
/// page is left.
#[derive(Clone, Copy)]
pub(crate) struct Saving(RwSignal<Option<String>>);

impl Saving {
    /// Nothing is being sent.
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(None))
    }

    fn ended(self, key: &str) {
        self.0.try_update(|sent| {
            if sent.as_deref() == Some(key) {
                *sent = None;
            }
        });
    }

    /// Shows a page as soon as nothing is under way any more that its form has
    /// sent before.
    pub(crate) fn then(self, key: String, page: impl Fn() -> AnyView + Send + 'static) -> AnyView {
        let waits = Memo::new(move |former: Option<&bool>| {
            former != Some(&false) && self.0.with(|sent| sent.as_ref() == Some(&key))
        });
        live(move || {
            if waits.get() {
                view! { <p class="hint" role="status">{messages::form::still_saving()}</p> }
                    .into_any()
            } else {
                page()
            }
        })
    }
}

/// What the parts of the form share.
#[derive(Clone, Copy)]
struct State {
    draft: RwSignal<Draft>,
    /// The version of the item that the draft changes; none for a new item.
    version: RwSignal<Option<Version>>,
    attempt: RwSignal<Option<Attempt>>,
    /// How the item is now, if somebody else has changed it.
    conflict: RwSignal<Option<Version>>,
    /// The validator's and the server's findings about the protocol.
    found: RwSignal<Load<Vec<Diagnostic>>>,
    /// Complaints show after the first attempt to send, not while a form is
    /// being filled in for the first time.
    attempted: RwSignal<bool>,
    problems: Memo<Vec<(Field, String)>>,
    /// Checked or sent at the moment.
    busy: RwSignal<bool>,
    sent: RwSignal<bool>,
    /// The part of a new item that shows.
    step: RwSignal<Step>,
    /// The id of the item that was made.
    done: RwSignal<Option<String>>,
    /// What has happened to all of the form, and to its protocol.
    notice: RwSignal<Option<Notice>>,
    replaced: RwSignal<Option<Notice>>,
    root: NodeRef<html::Div>,
}

impl State {
    fn new(stored: StoredDraft, conflict: Option<Version>) -> Self {
        let draft = RwSignal::new(stored.draft);
        let version = RwSignal::new(stored.version);
        let found = RwSignal::new(Load::Loading);
        let problems = Memo::new(move |_| {
            let (draft, version) = (draft.read(), version.read());
            let base = version.as_ref().map(|version| &version.content);
            let mut problems = draft.problems(base);
            let errors = found.read().ready().map_or(0, |all: &Vec<Diagnostic>| {
                all.iter().filter(|found| found.is_refusal()).count()
            });
            let empty = problems
                .first()
                .is_some_and(|problem| problem.0 == Field::Protocol);
            let sent = base.is_none_or(|base| draft.differs(Field::Protocol, base));
            if errors > 0 && !empty && sent {
                let text = messages::form::protocol_has(errors);
                problems.insert(0, (Field::Protocol, text));
            }
            problems
        });
        Self {
            draft,
            version,
            attempt: RwSignal::new(stored.attempt),
            conflict: RwSignal::new(conflict),
            found,
            attempted: RwSignal::new(false),
            problems,
            busy: RwSignal::new(false),
            sent: RwSignal::new(false),
            step: RwSignal::new(Step::default()),
            done: RwSignal::new(None),
            notice: RwSignal::new(None),
            replaced: RwSignal::new(None),
            root: NodeRef::new(),
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

    /// What the form held if nothing were filled in.
    fn base(self) -> Draft {
        let version = self.version.get_untracked();
        version.map_or_else(Draft::default, |version| version.content)
    }

    fn is_unsaved(self) -> bool {
        let base = self.base();
        self.draft.with_untracked(|draft| !draft.is_like(&base))
    }

    /// Keeps the draft as it is now; one that changes nothing is forgotten.
    fn store(self, key: &str) {
        let stored = StoredDraft {
            draft: self.draft.get_untracked(),
            version: self.version.get_untracked(),
            attempt: self.attempt.get_untracked(),
        };
        if stored.attempt.is_some() || self.is_unsaved() {
            storage::store(key, &stored);
        } else {
            storage::forget(key);
        }
    }

    /// Brings the user to a step. The last one tells what is wrong with all of them.
    fn go(self, step: Step) {
        self.step.set(step);
        if step == Step::Review {
            self.attempted.set(true);
        }
        self.focus("step");
    }

    /// Brings the user to the control with this id.
    fn focus(self, id: &'static str) {
        if let Some(field) = Field::ALL.into_iter().find(|field| field.id() == id) {
            self.step.set(Step::of(field));
        }
        // After the view has caught up with the signals.
        request_animation_frame(move || {
            let root = self.root.try_get_untracked().flatten();
            let control = root.and_then(|root| root.query_selector(&format!("#{id}")).ok()?);
            if let Some(control) = control {
                let _ = control.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    }
}

impl Form {
    /// Shows the form.
    pub(crate) fn view(self) -> AnyView {
        styles::adopt_form();
        let Self {
            item,
            stored,
            restored,
            conflict,
            key,
            action,
            cancel,
        } = self;
        let state = State::new(stored, conflict);
        if restored {
            state.notice.set(Some(Notice {
                text: messages::form::restored(),
                action: messages::form::discard(),
                draft: state.base(),
                attempt: None,
                only: None,
                discards: true,
            }));
        }
        let refused = RwSignal::new(None::<Failure>);
        let finished = StoredValue::new(false);
        store_draft(state, finished, key.clone());

        let is_new = item.is_none();
        let send = Rc::new(send(state, refused, finished, item, key.clone()));
        let tasks = Tasks::new();
        let submit: Rc<dyn Fn()> = Rc::new(move || {
            if state.busy.get_untracked() {
                return;
            }
            state.busy.set(true);
            refused.set(None);
            let send = send.clone();
            tasks.spawn(async move {
                // The server checks as well, if this cannot be done here.
                protocol::check(state).await;
                state.attempted.set(true);
                if let Some((field, _)) = state.problems.get_untracked().first() {
                    state.busy.set(false);
                    state.focus(field.id());
                } else {
                    send();
                }
            });
        });
        let submitted = {
            let submit = submit.clone();
            move |event: ev::SubmitEvent| {
                event.prevent_default();
                match state.step.get_untracked().next() {
                    Some(next) if is_new => state.go(next),
                    _ => submit(),
                }
            }
        };
        // A new item is looked at before it is sent.
        let is_last = move || !is_new || state.step.get() == Step::Review;
        let by_key: Rc<dyn Fn()> = {
            let submit = submit.clone();
            Rc::new(move || {
                // What was sent, or what others have saved meanwhile, shows instead.
                let is_hidden =
                    untrack(|| state.conflict.read().is_some() || state.done.read().is_some());
                if is_hidden {
                    return;
                }
                if untrack(is_last) {
                    submit();
                } else {
                    state.go(Step::Review);
                }
            })
        };
        save_by_key(by_key);
        let guard = Guard::current();
        let cancelled = move |event: ev::MouseEvent| {
            if elsewhere(&event) {
                return;
            }
            finished.set_value(true);
            guard.arm(false);
            storage::forget(&key);
        };
        let busy = Signal::derive(move || state.busy.get());
        let conflict = {
            let submit = send_wrapper::SendWrapper::new(submit);
            move || {
                let theirs = state.conflict.get();
                theirs.map(|theirs| conflict::conflict(state, theirs, (*submit).clone()))
            }
        };
        let done = move || {
            let id = state.done.get()?;
            Some(done::done(state, id, move || finished.set_value(false)))
        };
        let part = move |step: Step, content: AnyView| {
            let elsewhere = move || is_new && state.step.get() != step;
            view! { <div class="form" hidden=Signal::derive(elsewhere)>{content}</div> }
        };
        let source = view! {
            {is_new.then(|| start::start(state))}
            {protocol::protocol(state)}
            {(!is_new).then(|| fields::version_note(state))}
        };
        let sharing = view! {
            {labels::labels(state)}
            {sharing::sharing(state)}
        };
        let label = move || match () {
            () if busy.get() => messages::form::sending(),
            () if is_last() => action,
            () => messages::create::go_on(),
        };
        view! {
            <div node_ref=state.root>
                {live(conflict)}
                {live(done)}
                <form
                    class="form"
                    novalidate
                    hidden=Signal::derive(move || state.conflict.read().is_some() || state.done.read().is_some())
                    on:submit=submitted
                >
                    {is_new.then(|| steps::steps(state))}
                    {notice::notice(state, state.notice)}
                    {live(move || summary(state))}
                    // What is typed now would not be sent.
                    <div
                        class="form"
                        id="step"
                        tabindex="-1"
                        role=is_new.then_some("group")
                        aria-label=Signal::derive(move || is_new.then(|| state.step.get().title()))
                        inert=busy
                    >
                        {part(Step::Source, source.into_any())}
                        {part(Step::Basics, fields::about(state))}
                        {part(Step::Description, fields::description(state))}
                        {part(Step::Sharing, sharing.into_any())}
                        {is_new.then(|| review::review(state))}
                    </div>
                    {live(move || refused.read().as_ref().map(refusal))}
                    <div class="actions end">
                        <a class="button" href=cancel on:click=cancelled>{messages::form::cancel()}</a>
                        {live(move || is_new.then(|| steps::back(state)))}
                        <button
                            id="submit"
                            class="button primary"
                            type="submit"
                            disabled=busy
                            on:click=|event| steps::once(&event)
                        >
                            {live(label)}
                        </button>
                    </div>
                </form>
            </div>
        }
        .into_any()
    }
}

/// Ctrl+S (⌘S) sends the form, as long as it shows: it is the browser's key for saving the
/// page, which nobody wants here. A key that is pressed in the portal's own fields is not
/// meant for the plugin.
fn save_by_key(submit: Rc<dyn Fn()>) {
    let listener = window_event_listener(ev::keydown, move |event| {
        let is_save = event.key().eq_ignore_ascii_case("s")
            && (event.ctrl_key() || event.meta_key())
            && !event.alt_key()
            && !event.shift_key();
        let target = event.target().and_then(|at| at.dyn_into::<Element>().ok());
        let is_ours = target.is_none_or(|at| at.shadow_root().is_some() || at.tag_name() == "BODY");
        if is_save && is_ours && !event.default_prevented() {
            event.prevent_default();
            submit();
        }
    });
    on_cleanup(move || listener.remove());
}

/// Keeps the draft while it is being filled in, and once more when the page is
/// left, however that happens.
fn store_draft(state: State, finished: StoredValue<bool>, key: String) {
    let guard = Guard::current();
    guard.watch_document(state.busy);
    // What is being sent was stored just before.
    let now = move || {
        if !finished.get_value() && !state.sent.get_untracked() {
            state.store(&key);
        }
    };
    let mut later = debounce(KEEP_AFTER, {
        let now = now.clone();
        move |()| now()
    });
    Effect::new(move |former: Option<()>| {
        state.draft.track();
        guard.arm(state.is_unsaved() && !state.sent.get());
        if former.is_some() {
            later(());
        }
    });
    let hidden = window_event_listener(ev::pagehide, {
        let now = now.clone();
        move |_| now()
    });
    on_cleanup(move || {
        hidden.remove();
        now();
    });
}

/// What sends the form. It goes on when the page is left, or the plugin itself
/// is taken out: half a request is worse than one too many.
fn send(
    state: State,
    refused: RwSignal<Option<Failure>>,
    finished: StoredValue<bool>,
    item: Option<String>,
    key: String,
) -> impl Fn() {
    let Session { client, user, .. } = Session::current();
    let (toasts, navigation, guard, list_cache, saving) = (
        Toasts::current(),
        Navigation::current(),
        Guard::current(),
        ListCache::current(),
        expect_context::<Saving>(),
    );
    move || {
        let draft = state.draft.get_untracked();
        let version = state.version.get_untracked().unwrap_or_default();
        let attempt = save::attempt(&draft, state.attempt.get_untracked());
        let (client, user, item, key) = (client.clone(), user.clone(), item.clone(), key.clone());
        if item.is_none() {
            // Should the page end now, nobody knows what became of it.
            state.attempt.set(Some(Attempt {
                open: true,
                ..attempt.clone()
            }));
        }
        state.store(&key);
        state.sent.set(true);
        saving.0.set(Some(key.clone()));
        spawn_local(async move {
            let outcome = match &item {
                None => save::create(&client, &user, &draft, &attempt)
                    .await
                    .map(|id| (id, Outcome::Saved(true))),
                Some(id) => save::update(&client, id, &draft, version)
                    .await
                    .map(|outcome| (id.clone(), outcome)),
            };
            // Whether the form still shows.
            let here = state.busy.try_set(false).is_none();
            let name = draft.name.trim();
            let failure = match outcome {
                Ok((id, Outcome::Saved(news))) => {
                    storage::forget(&key);
                    list_cache.clear();
                    if here {
                        finished.set_value(true);
                        guard.arm(false);
                    }
                    if item.is_none() && here {
                        state.done.set(Some(id));
                        state.focus("done");
                        return saving.ended(&key);
                    }
                    toasts.done(match (&item, news) {
                        (None, _) => messages::form::shared(name),
                        (_, true) => messages::form::saved(name),
                        (_, false) => messages::form::nothing_to_save().to_owned(),
                    });
                    if here {
                        navigation.go(&Route::detail(id));
                    }
                    return saving.ended(&key);
                }
                Ok((_, Outcome::Conflict(theirs))) => {
                    if here {
                        state.conflict.set(Some(theirs));
                    }
                    Failure::local(messages::form::changed_meanwhile())
                }
                Err(failure) => failure,
            };
            // Under this key the API knows something else: it is of no more use.
            let usable = item.is_none() && failure.status != Some(409);
            let attempt = usable.then_some(Attempt {
                open: failure.unknown,
                ..attempt
            });
            if here {
                state.attempt.set(attempt);
                state.sent.set(false);
                state.store(&key);
                not_sent(state, refused, toasts, failure);
            } else {
                let stored = storage::load(&key);
                let say = if let Some(stored) = stored {
                    storage::store(&key, &StoredDraft { attempt, ..stored });
                    messages::form::not_saved_kept
                } else {
                    messages::form::not_saved
                };
                toasts.failed(say(name, &failure.text));
            }
            saving.ended(&key);
        });
    }
}

/// Says in the form why it was not saved.
fn not_sent(state: State, refused: RwSignal<Option<Failure>>, toasts: Toasts, failure: Failure) {
    if state.conflict.read_untracked().is_some() {
        state.focus("conflict");
    } else if failure.signed_out() {
        toasts.refused(&failure);
    } else {
        if !failure.diagnostics.is_empty() {
            state.found.set(Load::Ready(failure.diagnostics.clone()));
        }
        refused.set(Some(failure));
        state.focus("refusal");
    }
}

fn summary(state: State) -> Option<AnyView> {
    let problems = state.problems.get();
    if !state.attempted.get() || problems.is_empty() {
        return None;
    }
    let title = messages::form::to_mend(problems.len());
    let lines = problems.into_iter().map(|(field, text)| {
        view! {
            <li>{button("link", text, move || state.focus(field.id()))}</li>
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
    let (title, more) = if failure.unknown {
        (
            messages::form::unknown_title(),
            messages::form::unknown_more(),
        )
    } else {
        (messages::form::refused_title(), "")
    };
    view! {
        <div class="notice error" role="alert" id="refusal" tabindex="-1">
            <h2>{title}</h2>
            <p>{failure.text.clone()} " " {more}</p>
        </div>
    }
    .into_any()
}
