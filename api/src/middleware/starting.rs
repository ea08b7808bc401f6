//! Requests that come before the database is there.

use std::sync::Arc;

use poem::{Endpoint, IntoResponse, Request, Response};

use crate::problem;
use store::{Phase, Store};

/// What is answered without the database: how the server is, and what it is.
const ALWAYS: [&str; 6] = [
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
];

/// Tells requests 503 until the catalogue is there.
pub async fn until_ready<E: Endpoint>(
    store: Store,
    inner: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let what = match store.phase() {
        Phase::Ready => None,
        Phase::Waiting => Some("waits for its database"),
        Phase::Preparing => Some("brings its database up to date"),
    };
    match what.filter(|_| !ALWAYS.contains(&request.uri().path())) {
        Some(what) => Err(problem::not_ready(format!(
            "The marketplace is starting and {what}; please try again in a few seconds."
        ))
        .into()),
        None => inner.call(request).await.map(IntoResponse::into_response),
    }
}
