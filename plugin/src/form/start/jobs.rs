//! A template made of a job that has ended.

use std::time::Duration;

use js_sys::Date;
use leptos::ev;
use leptos::prelude::*;
use shared::protocol::fill::from_config;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use super::take;
use crate::components::failure::unknown;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::form::State;
use crate::load::{Load, Loaded, Tasks};
use crate::messages;
use crate::openpai::{Job, OpenPai, PAGE};
use crate::scroll::Scroll;
use crate::session::Session;
use crate::text::escaped;

/// After the last key, so long passes before jobs are looked for: OpenPAI gives 60
/// lists a minute.
const PAUSE: Duration = Duration::from_millis(400);

/// The orders there are, as OpenPAI has them.
const ORDERS: [&str; 3] = ["submissionTime,DESC", "submissionTime,ASC", "jobName,ASC"];

/// The jobs to choose from, a page at a time.
pub(super) fn jobs(state: State) -> AnyView {
    let Some(openpai) = OpenPai::current() else {
        return view! { <p class="hint">{messages::create::no_openpai()}</p> }.into_any();
    };
    let session = Session::current();
    let typed = RwSignal::new(String::new());
    let keyword = RwSignal::new(String::new());
    let order = RwSignal::new(ORDERS[0].to_owned());
    let everybody = RwSignal::new(false);
    let page = RwSignal::new(0_usize);
    let asking = openpai.clone();
    let list = Loaded::new(move || {
        let openpai = asking.clone();
        let (everybody, keyword, order, page) =
            (everybody.get(), keyword.get(), order.get(), page.get());
        async move { openpai.ended_jobs(everybody, &keyword, &order, page).await }
    });
    let is_loading = move || matches!(*list.state.read(), Load::Loading);
    Scroll::current().keep_focus_over(is_loading, ".jobs button");
    let mut search = debounce(PAUSE, move |text: String| {
        page.set(0);
        keyword.set(text);
    });
    let search = move |event| {
        let text = event_target_value(&event);
        typed.set(text.clone());
        search(text);
    };
    let names = [
        messages::create::newest(),
        messages::create::oldest(),
        messages::create::by_name(),
    ];
    let options = std::iter::zip(ORDERS, names)
        .map(|(value, name)| view! { <option value=value>{name}</option> });
    let all = move || {
        let is_admin = session.me.ready().is_some_and(|me| me.admin);
        is_admin.then(|| {
            view! {
                <label class="choice">
                    <input
                        type="checkbox"
                        prop:checked=Signal::derive(move || everybody.get())
                        on:change=move |event| {
                            page.set(0);
                            everybody.set(event_target_checked(&event));
                        }
                    />
                    <span>{messages::create::everybodys()}</span>
                </label>
            }
        })
    };
    let tasks = Tasks::new();
    let found = move || match &*list.state.read() {
        Load::Loading => hint(messages::common::loading()),
        Load::Failed(reason) => unknown(messages::create::jobs_unknown(), reason, move || {
            list.retry();
        }),
        Load::Ready(answer) => match Job::page(answer) {
            (0, _) => hint(messages::create::no_jobs()),
            (total, jobs) => rows(state, openpai.clone(), tasks.clone(), jobs, total, page),
        },
    };
    view! {
        <div class="find">
            <div class="field">
                <label for="job-search">{messages::create::search()}</label>
                <input id="job-search" type="search" autocomplete="off" prop:value=Signal::derive(move || typed.get()) on:input=search />
            </div>
            <div class="field">
                <label for="job-order">{messages::create::order()}</label>
                <select
                    id="job-order"
                    on:change=move |event| {
                        page.set(0);
                        order.set(event_target_value(&event));
                    }
                >
                    {options.collect_view()}
                </select>
            </div>
            {live(all)}
        </div>
        {live(found)}
    }
    .into_any()
}

fn hint(text: &'static str) -> AnyView {
    view! { <p class="hint" role="status">{text}</p> }.into_any()
}

fn rows(
    state: State,
    openpai: OpenPai,
    tasks: Tasks,
    jobs: Vec<Job>,
    total: usize,
    page: RwSignal<usize>,
) -> AnyView {
    let toasts = Toasts::current();
    let row = |(index, job): (usize, &Job)| {
        #[allow(clippy::cast_precision_loss, reason = "no time is that far away")]
        let time = Date::new(&(job.submitted as f64).into());
        let about = format!(
            "{} · {} · {} · {}",
            job.user,
            job.virtual_cluster,
            outcome(&job.state),
            String::from(time.to_locale_string("default", &JsValue::UNDEFINED))
        );
        let (name, about) = (escaped(&job.name), escaped(&about));
        format!(
            r#"<li><button type="button" class="link" data-job="{index}">{name}</button><span class="hint" dir="auto">{about}</span></li>"#
        )
    };
    let html: String = jobs.iter().enumerate().map(row).collect();
    let choose = move |event: ev::MouseEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let index =
            target.and_then(|button| button.get_attribute("data-job")?.parse::<usize>().ok());
        let Some(job) = index.and_then(|index| jobs.get(index).cloned()) else {
            return;
        };
        let openpai = openpai.clone();
        tasks.spawn(async move {
            match openpai.config(&job).await {
                Ok(text) => take(state, messages::create::job_taken(), |draft| {
                    draft.protocol = from_config(&text);
                }),
                Err(failure) => toasts.refused(&failure),
            }
        });
    };
    let now = page.get_untracked();
    let last = total.saturating_sub(1) / PAGE;
    let step = |name: &'static str, to: Option<usize>| {
        let go = move |_| {
            if let Some(to) = to {
                page.set(to);
            }
        };
        view! { <button class="button" type="button" disabled=to.is_none() on:click=go>{name}</button> }.into_any()
    };
    let place = messages::create::page_of(&messages::number(now + 1), &messages::number(last + 1));
    let place = format!("{} {place}", messages::create::jobs_found(total));
    view! {
        <ul class="jobs" inner_html=html on:click=choose></ul>
        <div class="row">
            <p class="hint" role="status">{place}</p>
            <div class="actions">
                {step(messages::create::previous(), now.checked_sub(1))}
                {step(messages::create::next(), (now < last).then_some(now + 1))}
            </div>
        </div>
    }
    .into_any()
}

/// How a job has ended, in a word.
fn outcome(state: &str) -> &str {
    match state {
        "SUCCEEDED" => messages::create::ended_succeeded(),
        "FAILED" => messages::create::ended_failed(),
        "STOPPED" => messages::create::ended_stopped(),
        other => other,
    }
}
