//! `ETag` and `If-None-Match` on everything that is read as JSON.

use std::sync::Arc;

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response};

use crate::{entity_tags, etag};

/// Gives JSON answers to GET an entity tag, and answers 304 to a client that has the very
/// same answer already (RFC 9110, section 13.1.2).
pub async fn conditional<E: Endpoint>(inner: Arc<E>, request: Request) -> poem::Result<Response> {
    if request.method() != Method::GET {
        return inner.call(request).await.map(IntoResponse::into_response);
    }
    let known = request
        .headers()
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .cloned()
        .collect::<Vec<_>>();
    let mut response = inner.call(request).await?.into_response();
    if response.status() != StatusCode::OK || !tag(&mut response).await? {
        return Ok(response);
    }
    let current = response.header(header::ETAG).unwrap_or_default();
    let is_known = |tags: &str| entity_tags::is_known(tags, current);
    if known.iter().any(|tags| tags.to_str().is_ok_and(is_known)) {
        response.set_status(StatusCode::NOT_MODIFIED);
        response.take_body();
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    Ok(response)
}

/// Gives the answer a tag, unless it has one or is no JSON; says whether it has
/// one now. It differs from caller to caller, so caches are told to ask.
async fn tag(response: &mut Response) -> poem::Result<bool> {
    if response.header(header::ETAG).is_none() {
        if !response
            .content_type()
            .is_some_and(|kind| kind.starts_with("application/json"))
        {
            return Ok(false);
        }
        let body = response.take_body().into_bytes().await?;
        let value = HeaderValue::try_from(etag::of_bytes(&body))
            .map_err(poem::error::InternalServerError)?;
        response.headers_mut().insert(header::ETAG, value);
        response.set_body(body);
    }
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
    headers.append(header::VARY, HeaderValue::from_static("Authorization"));
    Ok(true)
}
