//! Lists that may be read a page at a time.

use std::io;
use std::marker::PhantomData;

use futures_util::stream;
use hyper::body::Bytes;
use poem::http::HeaderValue;
use poem::http::header::{CONTENT_LENGTH, ETAG, LINK};
use poem::{Body, IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponses, Registry};
use schemars::JsonSchema;
use serde::Serialize;

use super::{JSON, Json, meta_header, schema};
use crate::digest::Digest;
use crate::list_memory::{self, Share};
use crate::problem::{self, Refusal};

/// A JSON list that is written while its elements are read, so that a whole
/// catalogue never stands in memory as rows, items and text at once, and what of
/// it has been sent is free again.
///
/// Its memory is bounded by a [`Share`], which goes with the body: it is free again
/// when the body has been sent, or is sent no more.
pub struct JsonList<T> {
    share: Share,
    outgrown: bool,
    full: Vec<Bytes>,
    text: Vec<u8>,
    length: usize,
    digest: Digest,
    of: PhantomData<fn(&T)>,
}

impl<T> JsonList<T> {
    /// An empty one that may take as much as `share` allows.
    pub fn new(share: Share) -> Self {
        Self {
            share,
            outgrown: false,
            full: Vec::new(),
            text: vec![b'['],
            length: 0,
            digest: Digest::default(),
            of: PhantomData,
        }
    }

    /// Whether the last element was refused because there is no memory for it: the
    /// list may be begun anew with [`ListMemory::begin_alone`].
    ///
    /// [`ListMemory::begin_alone`]: crate::list_memory::ListMemory::begin_alone
    pub fn is_outgrown(&self) -> bool {
        self.outgrown
    }
}

impl<T: Serialize> JsonList<T> {
    /// Adds an element.
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON, 503 when there is no memory for it.
    pub fn push(&mut self, element: &T) -> Result<(), Refusal> {
        let is_first = self.full.is_empty() && self.text.len() == 1;
        if !is_first {
            self.text.push(b',');
        }
        serde_json::to_writer(&mut self.text, element)
            .map_err(|error| problem::internal(error.to_string()))?;
        if self.text.len() >= list_memory::piece_size(self.length) {
            self.turn_over();
            if !self.share.grow(self.length) {
                self.outgrown = true;
                return Err(problem::overloaded(
                    "The list is too long at the moment.",
                    "a list has outgrown its memory",
                ));
            }
        }
        Ok(())
    }

    fn turn_over(&mut self) {
        self.digest.update(&self.text);
        self.length += self.text.len();
        self.full.push(list_memory::put_aside(&self.text));
        self.text.clear();
    }

    fn into_body(mut self) -> (Body, String, usize) {
        self.text.push(b']');
        self.turn_over();
        self.share.shrink(self.length);
        let share = self.share;
        let chunks = self.full.into_iter().map(move |chunk| {
            // It stays until the last chunk is gone.
            let _ = &share;
            Ok::<_, io::Error>(chunk)
        });
        let body = Body::from_bytes_stream(stream::iter(chunks));
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
                meta_header::<u64>("X-Total-Count", "How many there are on all pages.", true),
                meta_header::<String>(
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
