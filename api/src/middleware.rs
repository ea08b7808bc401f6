//! What every request passes through, outermost first: a request id, one log
//! line and figures, compression, CORS headers, errors turned into what the
//! client reads, and a time limit.

mod address;
mod conditional;
mod starting;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use poem::error::ParsePathError;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, EndpointExt, IntoResponse, PathPattern, Request, Response};
use poem_openapi::error::ParsePathError as ParseNumberError;
use shared::wire::Problem;

use crate::auth::CallerName;
use crate::compress::Asked;
use crate::metrics::Metrics;
use crate::patterns::Patterns;
use crate::problem::{self, RETRY_AFTER_SECONDS, Refusal};
use store::clock::Ids;

pub use conditional::conditional;
pub use starting::until_ready;

/// The one route for clients that know HTTP Basic only.
const FEED: &str = "/me/news.atom";

const REQUEST_ID: &str = "x-request-id";

/// The longest request id taken over from a client.
const MAX_REQUEST_ID: usize = 64;

/// What stands in front of all.
#[derive(Clone)]
pub struct Front {
    /// How routes are called in logs and figures.
    pub patterns: Patterns,
    /// Where requests are counted.
    pub metrics: Metrics,
    /// The longest that a request may take; then it is told 503.
    pub timeout: Duration,
    /// Ids for requests that come without one.
    pub ids: Ids,
}

impl Front {
    /// Puts it in front of an endpoint, which never fails then: whatever goes wrong inside
    /// is a response.
    pub fn before(
        self,
        endpoint: impl Endpoint + 'static,
    ) -> impl Endpoint<Output = Response> + 'static {
        let front = Arc::new(self);
        endpoint.around(move |inner, request| {
            let front = Arc::clone(&front);
            async move { Ok(serve(&*inner, &front, request).await) }
        })
    }
}

async fn serve<E: Endpoint>(inner: &E, front: &Front, mut request: Request) -> Response {
    let started = Instant::now();
    let _in_flight = front.metrics.begin();
    let id = request_id(&request).map_or_else(|| front.ids.next(), str::to_owned);
    let method = request.method().clone();
    let accepts_json = accepts_json(&request);
    let compression = Asked::of(request.headers_mut());
    let caller = CallerName::default();
    request.set_data(caller.clone());

    let result = if method == Method::OPTIONS {
        Ok(preflight())
    } else {
        answer(inner, front.timeout, request).await
    };
    // Logged is the route's pattern, never the path: a path may hold what a
    // client typed into the wrong place.
    let pattern = match &result {
        Ok(response) => response.data::<PathPattern>(),
        Err(error) => error.data::<PathPattern>(),
    }
    .cloned();
    let mut response = match result {
        Ok(response) => response,
        Err(error) => {
            let refusal = into_refusal(error);
            if let Some(cause) = &refusal.cause {
                tracing::error!(request_id = %id, status = refusal.status.as_u16(), cause, "request failed");
            }
            render(&refusal, accepts_json, &id)
        }
    };
    add_headers(&mut response, &id);
    if response.status() == StatusCode::UNAUTHORIZED {
        let challenge = challenge(pattern.as_ref());
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Ok(methods) = HeaderValue::from_str(front.patterns.methods(pattern.as_ref()))
    {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    let response = compression.answer(response).await;
    let (route, took) = (front.patterns.name(pattern.as_ref()), started.elapsed());
    front.metrics.end(&method, route, response.status(), took);
    tracing::info!(
        request_id = %id,
        %method,
        route,
        status = response.status().as_u16(),
        ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        caller = caller.get(),
        "request"
    );
    response
}

async fn answer<E: Endpoint>(
    inner: &E,
    timeout: Duration,
    mut request: Request,
) -> poem::Result<Response> {
    if let Some(uri) = address::plain(request.uri()) {
        *request.uri_mut() = uri;
    }
    // PostgreSQL takes no NUL in texts; SQLite would.
    let uri = request.uri();
    if uri.path().contains("%00") {
        return Err(StatusCode::NOT_FOUND.into());
    }
    if uri.query().is_some_and(|query| query.contains("%00")) {
        return Err(problem::bad_request(
            "The address holds the character NUL (%00), which no text of the catalogue may.",
        )
        .into());
    }
    let call = AssertUnwindSafe(inner.call(request)).catch_unwind();
    match tokio::time::timeout(timeout, call).await {
        Ok(Ok(result)) => result.map(IntoResponse::into_response),
        Ok(Err(panic)) => Err(problem::internal(panic_text(panic.as_ref())).into()),
        Err(_) => Err(problem::unavailable("The answer", "the request took too long").into()),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("of an unknown kind"))
}

/// A client's own id is kept if it is harmless, so that its log and ours can
/// be laid side by side.
fn request_id(request: &Request) -> Option<&str> {
    request
        .header(REQUEST_ID)
        .filter(|id| !id.is_empty() && id.len() <= MAX_REQUEST_ID)
        .filter(|id| {
            id.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        })
}

/// Whether the client names JSON or problem details among what it accepts;
/// `*/*` does not count (docs/contract.md#3-the-api).
fn accepts_json(request: &Request) -> bool {
    request
        .headers()
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|part| part.split(';').next())
        .any(|kind| {
            let kind = kind.trim();
            kind.eq_ignore_ascii_case("application/json")
                || kind.eq_ignore_ascii_case("application/problem+json")
        })
}

/// Everything that went wrong below becomes a [`Refusal`]: ours as they are,
/// poem's by their status.
fn into_refusal(error: poem::Error) -> Refusal {
    // An id that is no text is the id of nothing, and so is a number that is none.
    let is_no_id = error.is::<ParsePathError>() || error.is::<ParseNumberError>();
    let status = if is_no_id {
        StatusCode::NOT_FOUND
    } else {
        error.status()
    };
    let text = error.to_string();
    match error.downcast::<Refusal>() {
        Ok(refusal) => refusal,
        Err(_) => Refusal {
            status,
            detail: match status {
                StatusCode::NOT_FOUND => "There is nothing at this address.".to_owned(),
                StatusCode::METHOD_NOT_ALLOWED => {
                    "This address does not know this method.".to_owned()
                }
                StatusCode::UNAUTHORIZED => {
                    "A bearer token of OpenPAI is wanted: sign in and send it as `Authorization: Bearer …`.".to_owned()
                }
                status if status.is_server_error() => return problem::internal(text),
                _ => text,
            },
            diagnostics: Vec::new(),
            cause: None,
        },
    }
}

fn render(refusal: &Refusal, as_json: bool, request_id: &str) -> Response {
    let response = Response::builder().status(refusal.status);
    let mut response = if as_json {
        let problem = Problem {
            kind: "about:blank".to_owned(),
            title: refusal
                .status
                .canonical_reason()
                .unwrap_or("Error")
                .to_owned(),
            status: refusal.status.as_u16(),
            detail: refusal.detail.clone(),
            request_id: Some(request_id.to_owned()),
            diagnostics: refusal.diagnostics.clone(),
        };
        response
            .content_type("application/problem+json")
            .body(serde_json::to_vec(&problem).unwrap_or_default())
    } else {
        // One line: the portal shows it as it is.
        let line = refusal.detail.replace(['\r', '\n'], " ");
        response
            .content_type("text/plain; charset=utf-8")
            .body(line)
    };
    let headers = response.headers_mut();
    if refusal.status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
    }
    response
}

/// How to sign in. Feed readers are asked for a name and a password; browsers must not be,
/// for they would ask their users.
fn challenge(pattern: Option<&PathPattern>) -> HeaderValue {
    HeaderValue::from_static(match pattern {
        Some(PathPattern(path)) if path.ends_with(FEED) => "Basic realm=\"OpenPAI\"",
        _ => "Bearer realm=\"OpenPAI\"",
    })
}

/// The portal and the plugin call from other origins where there is no pylon.
/// Rights hang on the bearer token alone, never on a cookie, so any origin may
/// ask.
fn preflight() -> Response {
    Response::builder()
        .status(StatusCode::NO_CONTENT)
        .header(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            "GET, HEAD, POST, PUT, DELETE, OPTIONS",
        )
        .header(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, Accept, Idempotency-Key, If-Match, If-None-Match, X-Request-Id",
        )
        .header(header::ACCESS_CONTROL_MAX_AGE, "86400")
        .finish()
}

fn add_headers(response: &mut Response, request_id: &str) {
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("ETag, Link, Retry-After, X-Request-Id, X-Total-Count"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
}
