use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use poem::http::StatusCode;
use poem::web::{Data, Json};
use poem::{Endpoint, FromRequest, IntoResponse, Request, Response, Result, Route, handler, put};
use serde::Deserialize;

use crate::error;

/// What the paths begin with by which tests of other processes move the cluster. No
/// paths of a real OpenPAI.
const CONTROL_PATHS: &str = "/__";

/// Trouble that a request meets on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The right answer, but so much later.
    Delay(Duration),
    /// This status with an error body, whatever was asked.
    Status(u16),
    /// The request is read and never answered.
    Hang,
    /// 200 with a body that is no JSON.
    Garbage,
}

/// The faults in force, and who came in.
#[derive(Default)]
pub(crate) struct Faults {
    by_prefix: Mutex<HashMap<String, Fault>>,
    calls_by_path: Mutex<HashMap<String, usize>>,
}

impl Faults {
    pub(crate) fn set(&self, path_prefix: &str, fault: Fault) {
        lock(&self.by_prefix).insert(path_prefix.to_owned(), fault);
    }

    pub(crate) fn clear(&self) {
        lock(&self.by_prefix).clear();
    }

    pub(crate) fn calls(&self, path_prefix: &str) -> usize {
        lock(&self.calls_by_path)
            .iter()
            .filter(|(path, _)| path.starts_with(path_prefix))
            .map(|(_, calls)| calls)
            .sum()
    }

    fn count(&self, path: &str) {
        *lock(&self.calls_by_path)
            .entry(path.to_owned())
            .or_default() += 1;
    }

    fn of(&self, path: &str) -> Option<Fault> {
        lock(&self.by_prefix)
            .iter()
            .filter(|(prefix, _)| path.starts_with(prefix.as_str()))
            .max_by_key(|(prefix, _)| prefix.len())
            .map(|(_, fault)| *fault)
    }
}

/// Counts a request and lets it meet its fault on the way to `next`.
pub(crate) async fn strike<E: Endpoint>(next: Arc<E>, request: Request) -> Result<Response> {
    let path = request.uri().path().to_owned();
    if path.starts_with(CONTROL_PATHS) {
        return Ok(next.get_response(request).await);
    }
    let faults = Data::<&Arc<Faults>>::from_request_without_body(&request)
        .await?
        .0
        .clone();
    faults.count(&path);
    match faults.of(&path) {
        Some(Fault::Status(status)) => Err(error::on_request(status)),
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Garbage) => Ok("neither { JSON\nnor anything else"
            .with_content_type("application/json")
            .into_response()),
        Some(Fault::Delay(delay)) => {
            tokio::time::sleep(delay).await;
            Ok(next.get_response(request).await)
        }
        None => Ok(next.get_response(request).await),
    }
}

/// `PUT` sets a fault, `DELETE` clears all of them.
pub(crate) fn routes() -> Route {
    Route::new().at("/", put(set).delete(clear))
}

/// The body of `PUT /__faults`: a path prefix and exactly one fault.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FaultBody {
    path: String,
    delay_ms: Option<u64>,
    status: Option<u16>,
    #[serde(default)]
    hang: bool,
    #[serde(default)]
    garbage: bool,
}

impl FaultBody {
    fn fault(&self) -> Option<Fault> {
        let faults = [
            self.delay_ms.map(Duration::from_millis).map(Fault::Delay),
            self.status
                .filter(|status| StatusCode::from_u16(*status).is_ok())
                .map(Fault::Status),
            self.hang.then_some(Fault::Hang),
            self.garbage.then_some(Fault::Garbage),
        ];
        let mut given = faults.into_iter().flatten();
        given.next().filter(|_| given.next().is_none())
    }
}

#[handler]
fn set(Json(body): Json<FaultBody>, faults: Data<&Arc<Faults>>) -> Result<StatusCode> {
    let fault = body.fault().ok_or_else(|| {
        error::invalid_parameters("Name one of delayMs, status (100 to 999), hang and garbage.")
    })?;
    faults.set(&body.path, fault);
    Ok(StatusCode::NO_CONTENT)
}

#[handler]
fn clear(faults: Data<&Arc<Faults>>) -> StatusCode {
    faults.clear();
    StatusCode::NO_CONTENT
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
