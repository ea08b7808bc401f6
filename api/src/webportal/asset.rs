//! One file of the plugin, in every form in which it is sent.

use std::sync::OnceLock;

use poem::Response;
use poem::http::{HeaderMap, Method, StatusCode, header};
use sha2::{Digest, Sha256};

use super::range::{self, Asked};
use crate::compress::{self, Coding, Effort, WORTHWHILE};
use crate::entity_tags;

/// One file.
pub struct Asset {
    body: Vec<u8>,
    coded: [OnceLock<Vec<u8>>; Coding::ALL.len()],
    content_type: String,
    etag: String,
    cache: &'static str,
}

impl Asset {
    pub(super) fn new(name: &str, body: Vec<u8>) -> Self {
        let digest: [u8; 32] = Sha256::digest(&body).into();
        let etag = format!(
            "\"{:032x}\"",
            u128::from_be_bytes(*digest.first_chunk().unwrap_or(&[0; 16]))
        );
        let kind = mime_guess::from_path(name).first_or_octet_stream();
        let content_type = if kind.type_() == mime_guess::mime::TEXT {
            format!("{kind}; charset=utf-8")
        } else {
            kind.to_string()
        };
        Self {
            body,
            coded: Default::default(),
            content_type,
            etag,
            cache: if is_hashed(name) {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            },
        }
    }

    /// Makes the compressed forms, as small as can be: up to a few seconds of
    /// work. Until it is done the file is sent as it is.
    pub(super) fn compress(&self) {
        if self.body.len() < WORTHWHILE || !compress::is_text(&self.content_type) {
            return;
        }
        for (coding, coded) in Coding::ALL.iter().zip(&self.coded) {
            coded.get_or_init(|| coding.encode(&self.body, Effort::Once));
        }
    }

    pub(super) fn response(&self, headers: &HeaderMap, method: &Method) -> Response {
        let coding = Coding::accepted(headers)
            .and_then(|coding| Some((coding, self.coded[coding as usize].get()?)));
        let tag = coding.map_or(self.etag.clone(), |(coding, _)| coding.tag(&self.etag));
        let response = Response::builder()
            .header(header::ETAG, &tag)
            .header(header::VARY, "Accept-Encoding")
            .header(header::CACHE_CONTROL, self.cache);
        if self.is_known(headers) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        let response = response
            .content_type(&self.content_type)
            .header(header::ACCEPT_RANGES, "bytes");
        let (response, body) = match coding {
            Some((coding, body)) => {
                let response = response.header(header::CONTENT_ENCODING, coding.name());
                (response, body)
            }
            None => (response, &self.body),
        };
        if *method == Method::HEAD {
            return response.header(header::CONTENT_LENGTH, body.len()).finish();
        }
        match range::asked(headers, &tag, body.len()) {
            Asked::All => response.body(body.clone()),
            Asked::Part(part) => {
                let place = format!("bytes {}-{}/{}", part.start, part.end - 1, body.len());
                response
                    .status(StatusCode::PARTIAL_CONTENT)
                    .header(header::CONTENT_RANGE, place)
                    .body(body[part].to_vec())
            }
            Asked::Beyond => Response::builder()
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .header(header::CONTENT_RANGE, format!("bytes */{}", body.len()))
                .body("The file is shorter than that.\n"),
        }
    }

    /// Whether the client has the file already, in whatever form.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|tags| entity_tags::is_known(&compress::plain_tags(tags), &self.etag))
    }
}

/// Names such as `marketplace-0123456789abcdef.wasm` change with their
/// content, so browsers may keep them for good.
fn is_hashed(name: &str) -> bool {
    name.rsplit_once('.')
        .and_then(|(stem, _)| stem.rsplit_once('-'))
        .is_some_and(|(_, hash)| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}
