//! Requests that come before the database is there.

use poem::{Endpoint, IntoResponse, Middleware, Request, Response};

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

/// Puts [`UntilReadyEndpoint`] around an endpoint.
pub struct UntilReady(pub Store);

/// An endpoint whose requests are told 503 until the catalogue is there.
pub struct UntilReadyEndpoint<E> {
    inner: E,
    store: Store,
}

impl<E: Endpoint> Middleware<E> for UntilReady {
    type Output = UntilReadyEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        UntilReadyEndpoint {
            inner,
            store: self.0.clone(),
        }
    }
}

impl<E: Endpoint> Endpoint for UntilReadyEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let what = match self.store.phase() {
            Phase::Ready => None,
            Phase::Waiting => Some("waits for its database"),
            Phase::Preparing => Some("brings its database up to date"),
        };
        match what.filter(|_| !ALWAYS.contains(&request.uri().path())) {
            Some(what) => Err(problem::not_ready(format!(
                "The marketplace is starting and {what}; please try again in a few seconds."
            ))
            .into()),
            None => self
                .inner
                .call(request)
                .await
                .map(IntoResponse::into_response),
        }
    }
}
