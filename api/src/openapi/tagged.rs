//! Answers that carry an entity tag.

use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaResponse, MetaResponses, Registry};

use super::meta_header;

/// A body and the `ETag` of the resource that it is, or is about.
pub struct Tagged<T> {
    /// Quotes included.
    pub etag: String,
    /// What the client gets.
    pub body: T,
}

impl<T: IntoResponse> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        if let Ok(etag) = HeaderValue::try_from(self.etag) {
            response.headers_mut().insert(header::ETAG, etag);
        }
        response
    }
}

impl<T: ApiResponse> ApiResponse for Tagged<T> {
    fn meta() -> MetaResponses {
        let mut meta = T::meta();
        for response in &mut meta.responses {
            if response.headers.is_empty() {
                response.headers.push(etag());
            }
        }
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// The header in the OpenAPI document.
pub(super) fn etag() -> MetaHeader {
    let what = "Names this version: for `If-None-Match` and `If-Match`.";
    meta_header::<String>("ETag", what, true)
}

/// What every JSON answer to GET becomes for a client that has it already.
pub(super) fn not_modified() -> MetaResponse {
    MetaResponse {
        description: "Nothing has changed since the version that `If-None-Match` names.",
        status: Some(304),
        status_range: None,
        content: vec![],
        headers: vec![etag()],
    }
}
