//! From an item to a job: what it needs, what the user decides, and what becomes of it.

mod choices;
mod controls;
mod kept;
mod needs;
mod send;
mod status;

use std::sync::Arc;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;
use shared::data_item;
use shared::protocol::{fill, to_json, validate};
use shared::wire::{Item, ItemType};
use wasm_bindgen::JsCast;

use self::choices::Choice;
use super::detail::life_cycle::notices;
use super::detail::{skeleton, unavailable};
use crate::client::Failure;
use crate::components::badge::works;
use crate::components::button::button;
use crate::components::live::live;
use crate::load::{Load, Loaded, Tasks};
use crate::messages;
use crate::openpai::OpenPai;
use crate::route::Route;
use crate::scroll::Scroll;
use crate::session::Session;
use crate::styles;
use crate::text::{escaped, name_or_untitled};
use crate::title::Title;

/// What the parts of the page share. Secrets live here and nowhere else, until the job
/// is submitted or the page is left.
#[derive(Clone, Copy)]
struct State {
    /// The item's id.
    id: StoredValue<String>,
    /// The version of it that shows.
    version: i32,
    /// The item as it was loaded, with its `ETag`.
    loaded: Loaded<Arc<(Item, String)>>,
    /// The job as the item has it.
    template: StoredValue<fill::Job>,
    /// The job as the marketplace gave it out: it counts a use each time.
    used: StoredValue<Option<fill::Job>>,
    /// Under which what is typed is kept; others may sign in within the same tab.
    key: StoredValue<String>,
    /// The job's name as the page proposes it.
    proposed: StoredValue<String>,
    name: RwSignal<String>,
    virtual_cluster: RwSignal<String>,
    /// By task role.
    skus: StoredValue<Vec<(String, RwSignal<String>)>>,
    parameters: StoredValue<Vec<Choice>>,
    secrets: StoredValue<Vec<Choice>>,
    /// What is wrong with a control, by its id.
    complaints: RwSignal<Vec<(String, String)>>,
    /// Why the job was not submitted.
    refused: RwSignal<Option<Failure>>,
    busy: RwSignal<bool>,
    /// The name of the job that was submitted.
    submitted: RwSignal<Option<String>>,
    root: NodeRef<html::Div>,
}

/// The page for the item with this id.
pub(crate) fn page(id: String) -> AnyView {
    styles::adopt_form();
    styles::adopt(include_str!("../../styles/use.css"));
    let client = Session::current().client;
    let back = Route::detail(id.as_str()).hash();
    let item = Loaded::new(move || {
        let (client, id) = (client.clone(), id.clone());
        async move { Ok(Arc::new(client.item(&id).await?)) }
    });
    Scroll::current().top();
    view! {
        <nav class="crumbs" aria-label=messages::use_item::way_back()>
            <a href=back>{messages::use_item::back()}</a>
        </nav>
        {live(move || match &*item.state.read() {
            Load::Loading => skeleton(),
            Load::Failed(reason) => unavailable(reason, move || item.retry()),
            Load::Ready(found) => content(&found.0, item),
        })}
    }
    .into_any()
}

fn content(item: &Item, loaded: Loaded<Arc<(Item, String)>>) -> AnyView {
    let title = messages::use_item::title(&name_or_untitled(item.name.as_deref()));
    Title::current().set(&title);
    let text = item.protocol.as_deref().unwrap_or_default();
    let report = validate(text);
    let job = to_json(text).ok().filter(|_| report.is_valid());
    let (Some(Value::Object(job)), Some(protocol)) = (job, &report.protocol) else {
        return invalid(title, &item.id);
    };
    let state = State::new(item, loaded, job);
    let restored = state.restore();
    let needs = needs::needs(protocol, &state.template.with_value(fill::secrets));
    view! {
        <div class="head"><h1 dir="auto">{title}</h1></div>
        <div class="use" node_ref=state.root>
            {notices(item)}
            {works(item).map(|mark| view! { <p class="badges">{mark}</p> })}
            <section class="box" inner_html=needs></section>
            {data(item)}
            {live(move || match state.submitted.get() {
                Some(name) => status::status(name),
                None => form(state, restored),
            })}
        </div>
    }
    .into_any()
}

/// Where the data of a data item can be had as a file.
fn data(item: &Item) -> AnyView {
    let address = item
        .data_url
        .as_deref()
        .filter(|_| item.kind == Some(ItemType::Data));
    let Some(Ok(place)) = address.map(data_item::place) else {
        return ().into_any();
    };
    let Some(file) = place.file else {
        return ().into_any();
    };
    let html = format!(
        r#"<h2>{}</h2><p class="break" dir="auto">{}</p><div class="actions"><a class="button" href="{}" download target="_blank" rel="noopener noreferrer">{}</a></div><p class="hint">{}</p>"#,
        messages::use_item::data(),
        escaped(&place.url),
        escaped(&file),
        messages::use_item::download(),
        messages::use_item::download_hint()
    );
    view! { <section class="box" inner_html=html></section> }.into_any()
}

fn invalid(title: String, id: &str) -> AnyView {
    let html = format!(
        r#"<h1 dir="auto">{}</h1><p>{}</p><a class="button" href="{}">{}</a>"#,
        escaped(&title),
        messages::use_item::invalid(),
        escaped(&Route::detail(id).hash()),
        messages::use_item::to_item()
    );
    view! { <section class="state" inner_html=html></section> }.into_any()
}

fn form(state: State, restored: bool) -> AnyView {
    let openpai = OpenPai::current();
    let here = openpai.is_some();
    let tasks = Tasks::new();
    let submit = {
        let (openpai, send) = (openpai.clone(), send::sender(state, &tasks));
        move |event: ev::SubmitEvent| {
            event.prevent_default();
            if let Some(openpai) = &openpai {
                send(openpai.clone());
            }
        }
    };
    let hand_over = send::hand_over(state, &tasks);
    // Browsers may keep the page for whoever comes back from the submit page.
    let left = window_event_listener_untyped("pagehide", move |_| {
        state.keep();
        state.forget_secrets();
        state.busy.set(false);
    });
    on_cleanup(move || left.remove());
    let busy = Signal::derive(move || state.busy.get());
    let action = move || {
        if state.busy.get() {
            messages::use_item::submitting()
        } else {
            messages::use_item::submit()
        }
    };
    let submit_here = here.then(|| {
        view! { <button id="use-submit" class="button primary" type="submit" disabled=busy>{live(action)}</button> }
    });
    let (place, settled) = openpai
        .map(|openpai| controls::place(state, openpai))
        .unzip();
    // What is below would move away from whoever is about to press it.
    let waits = Signal::derive(move || settled.is_some_and(|settled| !settled.get()));
    view! {
        <form novalidate on:submit=submit>
            {restored.then(|| view! { <p class="notice" role="status">{messages::use_item::restored()}</p> })}
            <div class="use" inert=busy>{place}</div>
            {live(move || waits.get().then(skeleton))}
            <div class="use" hidden=waits>
                <div class="use" inert=busy>
                    {controls::parameters(state)}
                    {here.then(|| controls::secrets(state))}
                </div>
                {live(move || state.refused.read().as_ref().map(|failure| refusal(state, failure)))}
                {preview(state)}
                {send::losses(state)}
                <div class="actions end">
                    {button("button", messages::use_item::submit_page(), hand_over)}
                    {submit_here}
                </div>
            </div>
        </form>
    }
    .into_any()
}

/// Why OpenPAI, or the marketplace, did not take the job.
fn refusal(state: State, failure: &Failure) -> AnyView {
    let is_outdated = failure.status == Some(412);
    let title = if failure.unknown {
        messages::use_item::unknown()
    } else if is_outdated {
        messages::use_item::outdated()
    } else {
        messages::use_item::refused()
    };
    let text = if is_outdated {
        messages::use_item::outdated_hint().to_owned()
    } else {
        failure.text.clone()
    };
    let load = is_outdated.then(|| {
        let scroll = Scroll::current();
        button("button", messages::use_item::load_new(), move || {
            state.keep();
            state.loaded.retry();
            scroll.keep_focus("[role=alert]");
        })
    });
    view! {
        <div class="notice error" role="alert" id="use-refused" tabindex="-1">
            <h2>{title}</h2>
            <p dir="auto">{text}</p>
            {load.map(|load| view! { <div class="actions">{load}</div> })}
        </div>
    }
    .into_any()
}

/// What each task role will run, with what is filled in so far.
fn preview(state: State) -> AnyView {
    let runs = Memo::new(move |_| {
        let mut job = state.template.get_value();
        fill::apply(&mut job, &state.choices_so_far());
        let run = |run: fill::Run| {
            format!(
                "<section><h3 dir=\"auto\">{}</h3><p class=\"break\"><code>{}</code></p><pre tabindex=\"0\">\n{}</pre></section>",
                escaped(&run.role),
                escaped(&run.image),
                escaped(&run.commands)
            )
        };
        fill::runs(&job).into_iter().map(run).collect::<String>()
    });
    view! {
        <details class="box">
            <summary>{messages::use_item::will_run()}</summary>
            <p class="hint">{messages::use_item::will_run_hint()}</p>
            <div inner_html=Signal::derive(move || runs.get())></div>
        </details>
    }
    .into_any()
}

impl State {
    fn new(item: &Item, loaded: Loaded<Arc<(Item, String)>>, job: fill::Job) -> Self {
        let name = item.name.as_deref().unwrap_or_default();
        let proposed = fill::job_name(name, &send::suffix());
        let user = Session::current().user;
        let choices = |all: Vec<Choice>| StoredValue::new(all);
        let roles = job.get("taskRoles").and_then(Value::as_object);
        let skus = roles.into_iter().flatten().map(|(role, _)| {
            let sku = choices::sku(&job, role).to_owned();
            (role.clone(), RwSignal::new(sku))
        });
        Self {
            id: StoredValue::new(item.id.clone()),
            version: item.version,
            loaded,
            key: StoredValue::new(format!("marketplace.use.{user}.{}", item.id)),
            name: RwSignal::new(proposed.clone()),
            proposed: StoredValue::new(proposed),
            virtual_cluster: RwSignal::new(choices::virtual_cluster(&job).to_owned()),
            skus: StoredValue::new(skus.collect()),
            parameters: choices(Choice::of_parameters(&job)),
            secrets: choices(Choice::of_secrets(&job)),
            template: StoredValue::new(job),
            used: StoredValue::new(None),
            complaints: RwSignal::new(Vec::new()),
            refused: RwSignal::new(None),
            busy: RwSignal::new(false),
            submitted: RwSignal::new(None),
            root: NodeRef::new(),
        }
    }

    /// What is wrong with the control of this id.
    fn complaint(self, id: &str) -> Option<String> {
        let complaints = self.complaints.read();
        complaints
            .iter()
            .find(|one| one.0 == id)
            .map(|one| one.1.clone())
    }

    /// Complains of a control, and brings the user there.
    fn complain(self, complaints: Vec<(String, String)>) {
        let first = complaints.first().map(|one| one.0.clone());
        self.complaints.set(complaints);
        if let Some(id) = first {
            self.focus(id);
        }
    }

    fn focus(self, id: String) {
        // After the view has caught up with the signals.
        request_animation_frame(move || {
            if let Some(control) = self.control(&id) {
                let _ = control.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    }

    /// What of the page has this id.
    fn control(self, id: &str) -> Option<web_sys::Element> {
        let root = self.root.try_get_untracked().flatten()?;
        root.query_selector(&format!("#{id}")).ok()?
    }
}
