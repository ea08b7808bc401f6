//! Lists that may be read a page at a time.

use poem::http::HeaderValue;
use poem::http::header::LINK;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaResponses, Registry};
use poem_openapi::types::Type;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Json, schema};

/// A JSON list that says how much of it there is, and where the rest is.
pub struct Paged<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
    /// Where the other pages are (RFC 8288).
    pub link: Option<String>,
}

impl<T: Serialize + Send> IntoResponse for Paged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.items).into_response();
        let headers = response.headers_mut();
        headers.insert("x-total-count", self.total.into());
        if let Some(link) = self.link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            headers.insert(LINK, link);
        }
        response
    }
}

impl<T: JsonSchema + Serialize + Send> ApiResponse for Paged<T> {
    fn meta() -> MetaResponses {
        let mut meta = Json::<Vec<T>>::meta();
        let page = meta.responses.iter_mut().filter(|r| r.status == Some(200));
        for response in page {
            response.headers.extend([
                header::<u64>("X-Total-Count", "How many there are on all pages.", true),
                header::<String>(
                    "Link",
                    "With `limit`: the first, previous, next and last page (RFC 8288), relative to this address.",
                    false,
                ),
            ]);
        }
        meta
    }

    fn register(registry: &mut Registry) {
        schema::register::<Vec<T>>(registry);
    }
}

fn header<T: Type>(name: &str, description: &str, required: bool) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required,
        deprecated: false,
        schema: T::schema_ref(),
    }
}
