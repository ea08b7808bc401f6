//! The ways on: submit from here, or by the portal's submit page.

use leptos::prelude::*;
use serde_json::Value;
use shared::javascript::lowercase;
use shared::protocol::fill::{self, Choices, Job, Loss};
use shared::protocol::yaml::to_yaml;

use super::State;
use super::choices::{NAME, VIRTUAL_CLUSTER};
use super::controls::sku_id;
use crate::client::{Client, Failure};
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::load::Tasks;
use crate::messages;
use crate::openpai::OpenPai;
use crate::session::Session;

/// The key under which the submit page looks for a job
/// (docs/contract.md#1-the-portal-and-pluginjs).
const SUBMIT_KEY: &str = "marketItem";

/// What submits the job from here.
pub(super) fn sender(state: State, tasks: &Tasks) -> impl Fn(OpenPai) + 'static {
    let (client, toasts, tasks) = (Session::current().client, Toasts::current(), tasks.clone());
    move |openpai| {
        if state.busy.get_untracked() {
            return;
        }
        state.refused.set(None);
        let choices = match untrack(|| state.choices()) {
            Ok(choices) => choices,
            Err(wrong) => return state.complain(wrong),
        };
        state.complaints.set(Vec::new());
        state.busy.set(true);
        let client = client.clone();
        tasks.spawn(async move {
            let outcome = send(state, &client, &openpai, &choices).await;
            state.busy.set(false);
            match outcome {
                Ok(()) => {
                    state.forget_secrets();
                    state.forget();
                    state.submitted.set(Some(choices.name));
                }
                Err(failure) => refused(state, toasts, &failure, &choices),
            }
        });
    }
}

async fn send(
    state: State,
    client: &Client,
    openpai: &OpenPai,
    choices: &Choices,
) -> Result<(), Failure> {
    let mut job = used(state, client).await?;
    fill::apply(&mut job, choices);
    let protocol = to_yaml(&Value::Object(job));
    if protocol.len() > fill::MAX_JOB {
        return Err(Failure::local(messages::use_item::too_large()));
    }
    match openpai.submit(protocol).await {
        // Only the answer may have got lost.
        Err(failure) if failure.unknown => match openpai.job(&choices.name).await {
            Ok(Some(_)) => Ok(()),
            _ => Err(failure),
        },
        outcome => outcome,
    }
}

/// The job as the marketplace gives it out, which it is asked for once: that counts. It
/// refuses (412) when the item is another version than the one that shows.
async fn used(state: State, client: &Client) -> Result<Job, Failure> {
    if let Some(job) = state.used.get_value() {
        return Ok(job);
    }
    let text = client
        .use_item(&state.id.get_value(), state.version)
        .await?;
    let Ok(Value::Object(job)) = serde_json::from_str(&text) else {
        return Err(Failure::local(messages::openpai::unreadable()));
    };
    state.used.set_value(Some(job.clone()));
    Ok(job)
}

/// Says where it is to be mended why the job was not taken.
fn refused(state: State, toasts: Toasts, failure: &Failure, choices: &Choices) {
    if failure.signed_out() {
        return toasts.refused(failure);
    }
    let by_openpai = state.used.with_value(Option::is_some);
    let complaint = match failure.status {
        Some(409) if by_openpai => Some((
            NAME.to_owned(),
            messages::use_item::name_taken(&choices.name),
        )),
        Some(403) if by_openpai => Some((
            VIRTUAL_CLUSTER.to_owned(),
            messages::use_item::cluster_forbidden(&choices.virtual_cluster),
        )),
        // hived's admission: the SKU is the remedy where there is a choice.
        Some(400) if by_openpai && names_sku(&failure.text) => {
            let index = choices
                .skus
                .iter()
                .position(|(role, _)| failure.text.contains(role.as_str()));
            Some((
                sku_id(index.unwrap_or_default()),
                messages::use_item::sku_refused(&failure.text),
            ))
        }
        _ => None,
    };
    // Where OpenPAI did not tell what there is to choose from, there is no control.
    let complaint = complaint.filter(|(id, _)| state.control(id).is_some());
    if let Some(complaint) = complaint {
        state.complain(vec![complaint]);
    } else {
        say(state, failure.clone());
    }
}

/// Says above the buttons why the job was not taken.
fn say(state: State, failure: Failure) {
    state.refused.set(Some(failure));
    state.focus("use-refused".to_owned());
}

/// Whether OpenPAI complains of a SKU or of cells, which are what SKUs are of.
fn names_sku(text: &str) -> bool {
    lowercase(text)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| {
            matches!(
                word,
                "sku" | "skus" | "skutype" | "cell" | "cells" | "celltype"
            )
        })
}

/// What hands the job over to the portal's submit page, with the parameters as typed
/// and without the secrets: they are kept nowhere.
pub(super) fn hand_over(state: State, tasks: &Tasks) -> impl Fn() + 'static {
    let (client, toasts, tasks) = (Session::current().client, Toasts::current(), tasks.clone());
    move || {
        if state.busy.get_untracked() {
            return;
        }
        state.busy.set(true);
        let client = client.clone();
        tasks.spawn(async move {
            let gone = async {
                let mut job = used(state, &client).await?;
                let typed = untrack(|| state.choices_so_far()).parameters;
                if let Some(Value::Object(parameters)) = job.get_mut("parameters") {
                    parameters.extend(typed);
                }
                go(&Value::Object(job).to_string()).map_err(Failure::local)
            };
            if let Err(failure) = gone.await {
                state.busy.set(false);
                if failure.status == Some(412) {
                    say(state, failure);
                } else {
                    toasts.refused(&failure);
                }
            }
        });
    }
}

fn go(job: &str) -> Result<(), &'static str> {
    let storage = window().local_storage().ok().flatten();
    let storage = storage.ok_or(messages::use_item::no_storage())?;
    let kept = storage.set_item(SUBMIT_KEY, job);
    kept.map_err(|_| messages::use_item::no_storage())?;
    let gone = window().location().assign("/submit.html");
    gone.map_err(|_| messages::use_item::no_submit_page())
}

/// What the submit page would drop of this job, if it matters.
pub(super) fn losses(state: State) -> AnyView {
    let text = move || {
        let mut job = state.template.get_value();
        fill::apply(&mut job, &state.choices_so_far());
        let lost = fill::losses(&job).into_iter();
        let lost: Vec<_> = lost.map(|loss| name(loss).to_owned()).collect();
        (!lost.is_empty()).then(|| {
            let text = messages::use_item::losses(&messages::list_of(&lost));
            view! { <p class="hint">{text}</p> }
        })
    };
    live(text)
}

fn name(loss: Loss) -> &'static str {
    match loss {
        Loss::Secrets => messages::use_item::lost_secrets(),
        Loss::Auth => messages::use_item::lost_auth(),
        Loss::VirtualCluster => messages::use_item::lost_cluster(),
        Loss::Sku => messages::use_item::lost_sku(),
    }
}

/// Six letters that set a job's name apart from those of its like.
pub(super) fn suffix() -> String {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number below 2^24"
    )]
    let number = (js_sys::Math::random() * f64::from(1 << 24)) as u32;
    format!("{number:06x}")
}
