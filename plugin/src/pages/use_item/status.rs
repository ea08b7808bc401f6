//! What becomes of a job that was submitted.

use std::time::Duration;

use leptos::prelude::*;

use crate::client::Failure;
use crate::components::failure::signed_out;
use crate::components::live::live;
use crate::load::Tasks;
use crate::messages;
use crate::openpai::{Job, OpenPai, job_page};
use crate::text::escaped;

/// The first question comes this long after the one before; each next one waits half as
/// long again, up to [`LAST`].
const FIRST: Duration = Duration::from_secs(2);
/// Often enough for what takes hours, and 120 questions an hour.
const LAST: Duration = Duration::from_secs(30);

/// What is known.
#[derive(Clone, Default)]
struct Known {
    job: Option<Job>,
    /// Why it waits, if it does.
    warnings: Vec<String>,
    /// Why the last question had no answer.
    failed: Option<Failure>,
}

/// The job of the user's with this name, followed until it ends, the page is left or
/// hidden.
pub(super) fn status(name: String) -> AnyView {
    let Some(openpai) = OpenPai::current() else {
        return ().into_any();
    };
    let links = format!(
        r#"<a class="button primary" href="{}">{}</a><a class="button" href="/job-list.html">{}</a>"#,
        escaped(&job_page(&openpai.user, &name)),
        messages::use_item::job_page(),
        messages::use_item::all_jobs()
    );
    let known = RwSignal::new(Known::default());
    follow(openpai, name.clone(), known);
    let state = Memo::new(move |_| known.with(|known| known.job.as_ref().map(sentence)));
    let ended = Memo::new(move |_| {
        known.with(|known| known.failed.as_ref().is_some_and(Failure::signed_out))
    });
    view! {
        <section class="box" id="use-status">
            <h2 dir="auto">{messages::use_item::submitted(&name)}</h2>
            <p class="strong" role="status">
                {live(move || state.get().unwrap_or_else(|| messages::common::loading().to_owned()))}
            </p>
            <div inner_html=Signal::derive(move || known.with(details))></div>
            {live(move || ended.get().then(signed_out))}
            <div class="actions" inner_html=links></div>
        </section>
    }
    .into_any()
}

fn sentence(job: &Job) -> String {
    match job.state.as_str() {
        "WAITING" => messages::use_item::waiting().to_owned(),
        "RUNNING" => messages::use_item::running().to_owned(),
        "STOPPING" => messages::use_item::stopping().to_owned(),
        "SUCCEEDED" => messages::use_item::succeeded().to_owned(),
        "STOPPED" => messages::use_item::stopped().to_owned(),
        "FAILED" => match job.exit_code {
            Some(code) => messages::use_item::failed(&code.to_string()),
            None => messages::use_item::failed_somehow().to_owned(),
        },
        other => other.to_owned(),
    }
}

/// What else is known, as HTML.
fn details(known: &Known) -> String {
    let mut html = String::new();
    if let Some(job) = known.job.as_ref().filter(|job| job.state == "FAILED") {
        html = format!(r#"<p dir="auto">{}</p>"#, escaped(&job.exit_reason));
    }
    if !known.warnings.is_empty() {
        html = format!(
            r#"{html}<p>{}</p><ul class="warnings">"#,
            messages::use_item::why_waiting()
        );
        for text in &known.warnings {
            html = format!(r#"{html}<li dir="auto">{}</li>"#, escaped(text));
        }
        html.push_str("</ul>");
    }
    // Nobody is asked again when the session has ended, which is said below.
    if let Some(reason) = known.failed.as_ref().filter(|reason| !reason.signed_out()) {
        let text = messages::use_item::asked_again(&reason.text);
        html = format!(r#"{html}<p class="hint">{}</p>"#, escaped(&text));
    }
    html
}

/// Asks again and again, ever more rarely.
fn follow(openpai: OpenPai, name: String, known: RwSignal<Known>) {
    let tasks = Tasks::new();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let wait = StoredValue::new(FIRST);
    let again = RwSignal::new(());
    // Who looks away for a while wants to know at once when back.
    let seen = window_event_listener_untyped("visibilitychange", move |_| {
        if !document().hidden() && timer.try_get_value().flatten().is_none() {
            wait.set_value(FIRST);
            again.notify();
        }
    });
    let busy = StoredValue::new(false);
    Effect::new(move |_| {
        again.track();
        if document().hidden() || busy.get_value() {
            return;
        }
        busy.set_value(true);
        let (openpai, name) = (openpai.clone(), name.clone());
        tasks.spawn(async move {
            let ended = ask(&openpai, &name, known, wait).await;
            busy.set_value(false);
            if ended {
                // Nothing wakes this up any more.
                busy.set_value(true);
                return;
            }
            let pause = wait.get_value();
            wait.set_value((pause * 3 / 2).min(LAST));
            let next = set_timeout_with_handle(
                move || {
                    timer.try_set_value(None);
                    again.notify();
                },
                pause,
            );
            timer.set_value(next.ok());
        });
    });
    on_cleanup(move || {
        seen.remove();
        if let Some(timer) = timer.try_get_value().flatten() {
            timer.clear();
        }
    });
}

/// Asks once. Whether the job has ended.
async fn ask(
    openpai: &OpenPai,
    name: &str,
    known: RwSignal<Known>,
    wait: StoredValue<Duration>,
) -> bool {
    let job = match openpai.job(name).await {
        Ok(Some(job)) => job,
        // It takes OpenPAI a moment to know its own job.
        Ok(None) => return false,
        Err(failure) => return missed(failure, known, wait),
    };
    let has_ended = job.has_ended();
    let waits = job.state == "WAITING";
    known.update(|known| {
        known.job = Some(job);
        known.failed = None;
        if !waits {
            known.warnings.clear();
        }
    });
    if waits {
        match openpai.warnings(name).await {
            Ok(warnings) => known.update(|known| known.warnings = warnings),
            // OpenPAI has events since 1.3: before, it is not known why a job waits.
            Err(failure) if failure.status == Some(404) => {}
            Err(failure) => return missed(failure, known, wait),
        }
    }
    has_ended
}

/// Notes why there was no answer. Whether nobody need be asked again.
fn missed(failure: Failure, known: RwSignal<Known>, wait: StoredValue<Duration>) -> bool {
    // It has had enough questions for now.
    if failure.status == Some(429) {
        wait.try_set_value(LAST);
    }
    let has_ended = failure.signed_out();
    known.update(|known| known.failed = Some(failure));
    has_ended
}
