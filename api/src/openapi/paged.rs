//! Lists that may be read a page at a time.

use std::marker::PhantomData;

use poem::http::HeaderValue;
use poem::http::header::LINK;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaResponses, Registry};
use poem_openapi::types::Type;
use schemars::JsonSchema;
use serde::Serialize;

use super::{JSON, Json, schema};
use crate::problem::{self, Refusal};

/// A JSON list that is written while its elements are read, so that a whole
/// catalogue never stands in memory as rows, items and text at once.
pub struct JsonList<T> {
    text: Vec<u8>,
    of: PhantomData<fn(&T)>,
}

impl<T> Default for JsonList<T> {
    fn default() -> Self {
        Self {
            text: vec![b'['],
            of: PhantomData,
        }
    }
}

impl<T: Serialize> JsonList<T> {
    /// Adds an element.
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON.
    pub fn push(&mut self, element: &T) -> Result<(), Refusal> {
        if self.text.len() > 1 {
            self.text.push(b',');
        }
        serde_json::to_writer(&mut self.text, element)
            .map_err(|error| problem::internal(error.to_string()))
    }

    fn into_text(mut self) -> Vec<u8> {
        self.text.push(b']');
        self.text
    }
}

/// A JSON list that says how much of it there is, and where the rest is.
pub struct Paged<T> {
    /// What is on this page.
    pub items: JsonList<T>,
    /// How many there are on all pages.
    pub total: u64,
    /// Where the other pages are (RFC 8288).
    pub link: Option<String>,
}

impl<T: Serialize> IntoResponse for Paged<T> {
    fn into_response(self) -> Response {
        let mut response = Response::builder()
            .content_type(JSON)
            .header("x-total-count", self.total)
            .body(self.items.into_text());
        if let Some(link) = self.link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            response.headers_mut().insert(LINK, link);
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
