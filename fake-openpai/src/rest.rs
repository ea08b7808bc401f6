//! OpenPAI's REST server, as far as docs/contract.md#2-openpais-rest-server goes.

use std::sync::Arc;

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, EndpointExt, Request, Response, Result, Route, get, post};

pub(crate) mod error;

mod authn;
mod clusters;
mod jobs;
mod users;

/// Everything below `/api/v2`.
pub(crate) fn routes() -> impl Endpoint {
    Route::new()
        .at("/authn/basic/login", post(authn::login))
        .at("/tokens/check", get(authn::check))
        .at("/users/:name", get(users::show))
        .at("/groups", get(users::groups))
        .at("/jobs", get(jobs::list).post(jobs::submit))
        .at("/jobs/:id/config", get(jobs::config))
        .at("/virtual-clusters", get(clusters::list))
        .catch_error(|_: poem::error::NotFoundError| async { error::no_api().into_response() })
}

/// The real server answers pages of any origin, and does so on errors too.
pub(crate) async fn allow_any_origin<E: Endpoint>(
    next: Arc<E>,
    request: Request,
) -> Result<Response> {
    if !request.uri().path().starts_with("/api/") {
        return Ok(next.get_response(request).await);
    }
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        Response::builder()
            .status(StatusCode::NO_CONTENT)
            .header(
                header::ACCESS_CONTROL_ALLOW_METHODS,
                "GET,HEAD,PUT,PATCH,POST,DELETE",
            )
            .header(
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "Authorization,Content-Type,Accept",
            )
            .finish()
    } else {
        next.get_response(request).await
    };
    response.headers_mut().insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    Ok(response)
}
