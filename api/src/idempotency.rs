//! The header `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header):
//! a client that does not get its answer sends the request again, with the same
//! key, and nothing is made twice.

use poem::http::{HeaderMap, HeaderValue};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::openapi::ReadHeaders;
use crate::problem::{self, Refusal};
use store::idempotency::IdempotencyKey;

const NAME: &str = "idempotency-key";

/// The longest key, in characters: a UUID has 36.
const MAX_LENGTH: usize = 255;

/// The request's `Idempotency-Key`, if it has one.
pub struct IdempotencyHeader(Option<String>);

impl ReadHeaders for IdempotencyHeader {
    /// Reads the header.
    ///
    /// # Errors
    /// 400 when it is given more than once, empty, too long, or holds anything
    /// but visible ASCII characters.
    fn read(headers: &HeaderMap) -> Result<Self, Refusal> {
        let malformed = || {
            problem::bad_request(format!(
                "The header `Idempotency-Key` is malformed: send one key of 1 to {MAX_LENGTH} visible ASCII \
                 characters, such as a UUID."
            ))
        };
        let mut lines = headers.get_all(NAME).iter();
        let Some(line) = lines.next() else {
            return Ok(Self(None));
        };
        let is_key = |key: &&str| {
            (1..=MAX_LENGTH).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
        };
        let key = HeaderValue::to_str(line).ok().filter(is_key);
        match (key, lines.next()) {
            (Some(key), None) => Ok(Self(Some(key.to_owned()))),
            _ => Err(malformed()),
        }
    }
}

impl IdempotencyHeader {
    /// The key of a request with this body.
    ///
    /// # Errors
    /// When the body cannot be written as JSON.
    pub fn with_body<T: Serialize>(self, body: &T) -> Result<Option<IdempotencyKey>, Refusal> {
        let Some(key) = self.0 else {
            return Ok(None);
        };
        let json =
            serde_json::to_vec(body).map_err(|error| problem::internal(error.to_string()))?;
        Ok(Some(IdempotencyKey {
            key,
            body_digest: format!("{:x}", Sha256::digest(json)),
        }))
    }
}
