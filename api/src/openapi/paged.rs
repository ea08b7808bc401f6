//! Lists that may be read a page at a time.

use std::marker::PhantomData;
use std::{io, mem};

use futures_util::stream;
use poem::http::HeaderValue;
use poem::http::header::{CONTENT_LENGTH, ETAG, LINK};
use poem::{Body, IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaResponses, Registry};
use poem_openapi::types::Type;
use schemars::JsonSchema;
use serde::Serialize;

use super::{JSON, Json, schema};
use crate::etag::Digest;
use crate::problem::{self, Refusal};

/// Bytes that are allocated at a time: what is large is slow to get and slow to
/// give back.
const CHUNK: usize = 64 * 1024;

/// A JSON list that is written while its elements are read, so that a whole
/// catalogue never stands in memory as rows, items and text at once, and what of
/// it has been sent is free again.
pub struct JsonList<T> {
    full: Vec<Vec<u8>>,
    text: Vec<u8>,
    length: usize,
    digest: Digest,
    of: PhantomData<fn(&T)>,
}

impl<T> Default for JsonList<T> {
    fn default() -> Self {
        Self {
            full: Vec::new(),
            text: vec![b'['],
            length: 0,
            digest: Digest::default(),
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
        let is_first = self.full.is_empty() && self.text.len() == 1;
        if !is_first {
            self.text.push(b',');
        }
        serde_json::to_writer(&mut self.text, element)
            .map_err(|error| problem::internal(error.to_string()))?;
        if self.text.len() >= CHUNK {
            self.turn_over();
        }
        Ok(())
    }

    fn turn_over(&mut self) {
        // An element more than a chunk is common.
        let text = mem::replace(&mut self.text, Vec::with_capacity(CHUNK + CHUNK / 8));
        self.digest.update(&text);
        self.length += text.len();
        self.full.push(text);
    }

    fn into_body(mut self) -> (Body, String, usize) {
        self.text.push(b']');
        self.turn_over();
        let body = if self.full.len() == 1 {
            Body::from(self.full.swap_remove(0))
        } else {
            let chunks = self.full.into_iter().map(Ok::<_, io::Error>);
            Body::from_bytes_stream(stream::iter(chunks))
        };
        (body, self.digest.tag(), self.length)
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
        let (body, tag, length) = self.items.into_body();
        let mut response = Response::builder()
            .content_type(JSON)
            .header(CONTENT_LENGTH, length)
            .header(ETAG, tag)
            .header("x-total-count", self.total)
            .body(body);
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
