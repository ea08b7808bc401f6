//! A template made of a job that has ended.

use std::time::Duration;

use js_sys::Date;
use leptos::prelude::*;
use shared::protocol::fill::from_config;

use super::take;
use crate::components::button::button;
use crate::components::failure::unknown;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::form::State;
use crate::load::{Load, Loaded, Tasks};
use crate::messages;
use crate::openpai::{Job, OpenPai, PAGE};
use crate::session::Session;
use crate::time::when;

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
        Load::Loading => {
            view! { <p class="hint" role="status">{messages::common::loading()}</p> }.into_any()
        }
        Load::Failed(reason) => unknown(messages::create::jobs_unknown(), reason, move || {
            list.retry();
        }),
        Load::Ready((0, _)) => {
            view! { <p class="hint" role="status">{messages::create::no_jobs()}</p> }.into_any()
        }
        Load::Ready((total, jobs)) => rows(state, &openpai, &tasks, jobs, *total, page),
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

fn rows(
    state: State,
    openpai: &OpenPai,
    tasks: &Tasks,
    jobs: &[Job],
    total: usize,
    page: RwSignal<usize>,
) -> AnyView {
    let toasts = Toasts::current();
    let row = |job: &Job| {
        let name = job.name.clone();
        let about = format!("{} · {} · {}", job.user, job.virtual_cluster, job.state);
        #[allow(clippy::cast_precision_loss, reason = "no time is that far away")]
        let time = Date::new(&(job.submitted as f64).into()).to_iso_string();
        let (openpai, tasks, job) = (openpai.clone(), tasks.clone(), job.clone());
        let choose = move || {
            let (openpai, job) = (openpai.clone(), job.clone());
            tasks.spawn(async move {
                match openpai.config(&job).await {
                    Ok(text) => take(state, messages::create::job_taken(), |draft| {
                        draft.protocol = from_config(&text);
                    }),
                    Err(failure) => toasts.refused(&failure),
                }
            });
        };
        view! {
            <li>
                {button("link", name, choose)}
                <span class="hint" dir="auto">{about} " · " {when(&String::from(time))}</span>
            </li>
        }
    };
    let now = page.get_untracked();
    let last = total.saturating_sub(1) / PAGE;
    let step = |name: &'static str, to: Option<usize>| {
        view! {
            <button
                class="button"
                type="button"
                disabled=to.is_none()
                on:click=move |_| {
                    if let Some(to) = to {
                        page.set(to);
                    }
                }
            >
                {name}
            </button>
        }
    };
    let place = messages::create::page_of(&(now + 1).to_string(), &(last + 1).to_string());
    view! {
        <ul class="jobs">{jobs.iter().map(row).collect_view()}</ul>
        <div class="row">
            <p class="hint" role="status">{messages::create::jobs_found(total)} " " {place}</p>
            <div class="actions">
                {step(messages::create::previous(), now.checked_sub(1))}
                {step(messages::create::next(), (now < last).then_some(now + 1))}
            </div>
        </div>
    }
    .into_any()
}
