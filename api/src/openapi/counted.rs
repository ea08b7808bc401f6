//! Pages of something longer.

use poem::http::HeaderValue;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponses, Registry};

use super::meta_header;

/// A page, and how many entries there are on all pages: `X-Total-Count`.
pub struct Counted<T> {
    /// On all pages.
    pub total: u64,
    /// What the client gets.
    pub body: T,
}

impl<T: IntoResponse> IntoResponse for Counted<T> {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        response
            .headers_mut()
            .insert("x-total-count", HeaderValue::from(self.total));
        response
    }
}

impl<T: ApiResponse> ApiResponse for Counted<T> {
    fn meta() -> MetaResponses {
        let mut meta = T::meta();
        for response in &mut meta.responses {
            let what = "How many entries there are on all pages.";
            let header = meta_header::<u64>("X-Total-Count", what, true);
            response.headers.push(header);
        }
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
