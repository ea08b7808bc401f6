//! How tests of other processes move the cluster. No paths of a real OpenPAI, and
//! none of these calls counts as one.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::{Data, Json, Path};
use poem::{Result, Route, handler, put};
use serde::Deserialize;

use crate::cluster::Cluster;
use crate::error;
use crate::jobs::{Change, State};
use crate::limits::Limits;

/// `PUT /__jobs/USER~JOB` changes a job, `PUT /__limits` the limits.
pub(crate) fn jobs() -> Route {
    Route::new().at("/:id", put(change_job))
}

/// See [`jobs`].
pub(crate) fn limits() -> Route {
    Route::new().at("/", put(set_limits))
}

/// A state with an exit code, or a warning.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangeBody {
    state: Option<State>,
    exit_code: Option<i32>,
    warning: Option<Warning>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Warning {
    reason: String,
    message: String,
}

#[handler]
fn change_job(
    Path(id): Path<String>,
    Json(body): Json<ChangeBody>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<StatusCode> {
    let warning = body
        .warning
        .map(|warning| Change::Warn(warning.reason, warning.message));
    let step = body.state.map(|state| Change::Go(state, body.exit_code));
    let changes: Vec<_> = warning.into_iter().chain(step).collect();
    if changes.is_empty() {
        return Err(error::invalid_parameters("Name a state or a warning."));
    }
    for change in &changes {
        match cluster.jobs.change(&id, change) {
            None => return Err(error::no_job(&id)),
            Some(false) => return Err(error::invalid_parameters("The job has ended.")),
            Some(true) => {}
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

#[handler]
fn set_limits(Json(limits): Json<Limits>, cluster: Data<&Arc<Cluster>>) -> StatusCode {
    cluster.counts.set(limits);
    StatusCode::NO_CONTENT
}
