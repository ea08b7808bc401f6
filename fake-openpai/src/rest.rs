//! OpenPAI's REST server, as far as docs/contract.md#2-openpais-rest-server goes.

use std::sync::Arc;

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::web::Data;
use poem::{Endpoint, EndpointExt, FromRequest, Request, Response, Result, Route, get, post, put};

use crate::cluster::Cluster;
use crate::error;
use crate::limits::Call;

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
        .at("/jobs/:id", get(jobs::show))
        .at("/jobs/:id/config", get(jobs::config))
        .at("/jobs/:id/events", get(jobs::events))
        .at("/jobs/:id/tag", put(jobs::add_tag).delete(jobs::remove_tag))
        .at("/virtual-clusters", get(clusters::list))
        .at("/virtual-clusters/:name", get(clusters::show))
        .at("/cluster/sku-types", get(clusters::sku_types))
        .at("/storages", get(clusters::storages))
        .catch_error(|_: poem::error::NotFoundError| async { error::no_api().into_response() })
        .around(within_limits)
}

/// Counts what comes from an address, good and bad requests alike.
async fn within_limits<E: Endpoint<Output = Response>>(
    next: Arc<E>,
    request: Request,
) -> Result<Response> {
    let cluster = Data::<&Arc<Cluster>>::from_request_without_body(&request).await?;
    let address = request.remote_addr().as_socket_addr();
    let address = address.map_or_else(String::new, |address| address.ip().to_string());
    cluster
        .counts
        .take(Call::Any, &address)
        .map_err(error::too_many)?;
    next.call(request).await
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
