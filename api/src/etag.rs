//! The entity tags of what the API answers, and `If-Match` (RFC 9110, section
//! 13.1.1).
//!
//! The tag of an item has two parts: a digest of what its author and admins
//! write, and what others move, the counters, whether the caller has
//! starred and follows it, what its runs have shown, and other items that it names. Reads compare all of it, so that nobody is told 304 while a
//! number changed. `If-Match` compares the first part alone: a star that is
//! given while somebody edits is no reason to refuse the edit.

use std::io::Write;

use poem::http::{HeaderMap, HeaderValue, header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use shared::wire::Item;

use crate::digest::Digest;
use crate::entity_tags;
use crate::openapi::ReadHeaders;
use crate::problem::{self, Refusal};

/// The strong tag of an item as one caller sees it.
pub fn of_item(item: &Item) -> String {
    let successor = item
        .deprecation
        .as_ref()
        .and_then(|it| it.successor.as_ref());
    let runs = (item.evidence, item.canary_passed_at.as_ref());
    let others = match (item.copied_from.as_ref(), successor, runs) {
        (None, None, (None, None)) => String::new(),
        others => format!("-{}", digest(&others)),
    };
    format!(
        "\"{}-{}-{}-{}{}\"",
        content(item),
        item.use_number,
        item.star_number,
        u8::from(item.starred)
            | u8::from(item.resembles_official) << 1
            | u8::from(item.followed) << 2,
        others
    )
}

/// The strong tag of a body.
pub fn of_bytes(body: &[u8]) -> String {
    let mut digest = Digest::default();
    digest.update(body);
    digest.tag()
}

/// The versions of an item that a change may be made to: the request's
/// `If-Match`.
pub enum IfMatch {
    /// Whichever there is: the header is missing or `*`.
    Any,
    /// One with this content.
    Contents(Vec<String>),
}

impl ReadHeaders for IfMatch {
    /// Reads the header, all of its lines. Weak tags are well-formed but match
    /// nothing.
    ///
    /// # Errors
    /// 400 when it is malformed: to go on without it could undo somebody's
    /// work.
    fn read(headers: &HeaderMap) -> Result<Self, Refusal> {
        let malformed = || {
            problem::bad_request(
                "The header `If-Match` is malformed: send the `ETag` of the item, quotes included, or `*`.",
            )
        };
        let lines = headers.get_all(header::IF_MATCH).iter();
        let lines: Vec<&str> = lines
            .map(HeaderValue::to_str)
            .collect::<Result<_, _>>()
            .map_err(|_| malformed())?;
        if lines.is_empty() || lines.iter().all(|line| line.trim() == "*") {
            return Ok(Self::Any);
        }
        let text = lines.join(",");
        let tags = entity_tags::parse(&text).ok_or_else(malformed)?;
        let strong = tags.iter().filter(|tag| !tag.weak);
        let contents = strong.filter_map(|tag| tag.opaque.split('-').next());
        Ok(Self::Contents(contents.map(str::to_owned).collect()))
    }
}

impl IfMatch {
    /// Checks the item as it is now.
    ///
    /// # Errors
    /// 412 when it is none of the versions.
    pub fn check(&self, item: &Item) -> Result<(), Refusal> {
        match self {
            Self::Contents(contents) if !contents.contains(&content(item)) => {
                Err(problem::outdated(
                    "Somebody else has changed this item in the meantime; please load it again and repeat your change.",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// A digest of what an author or admin sees, but for what others move.
fn content(item: &Item) -> String {
    let mut item = item.clone();
    item.use_number = 0;
    item.evidence = None;
    item.canary_passed_at = None;
    item.star_number = 0;
    item.starred = false;
    item.resembles_official = false;
    item.followed = false;
    // What is called so may change, and who may know of it.
    item.copied_from = None;
    if let Some(deprecation) = &mut item.deprecation {
        deprecation.successor = None;
    }
    digest(&item)
}

fn digest(value: &impl Serialize) -> String {
    let mut digest = Sha256::new();
    // Neither the digest nor what is digested, which is plain data, can fail.
    let _ = serde_json::to_writer(&mut digest as &mut dyn Write, value);
    hex(&digest.finalize())
}

/// The first 128 bits: more than enough to tell versions apart.
fn hex(digest: &[u8]) -> String {
    let bits = digest.first_chunk().copied().map(u128::from_be_bytes);
    format!("{:032x}", bits.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_is_strict() {
        let contents = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::IF_MATCH, HeaderValue::from_static(line));
            }
            match IfMatch::read(&headers) {
                Ok(IfMatch::Contents(contents)) => contents,
                Ok(IfMatch::Any) => vec!["any".to_owned()],
                Err(refusal) => vec![refusal.status.to_string()],
            }
        };
        let two = ["ab", "cd"];
        assert_eq!(contents(&["\"ab-1-2-0\", \"cd-0-0-1\""]), two);
        assert_eq!(contents(&["\"ab-1-2-0\"", "\"cd-0-0-1\""]), two);
        assert_eq!(contents(&["*"]), ["any"]);
        assert_eq!(contents(&[]), ["any"]);
        assert!(
            contents(&["W/\"ab-1-2-0\""]).is_empty(),
            "weak tags match nothing"
        );
        for malformed in ["", "ab", "\"ab", "\"a\"\"b\"", "*, \"a\""] {
            assert_eq!(contents(&[malformed]), ["400 Bad Request"], "{malformed}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(
            header::IF_MATCH,
            HeaderValue::from_bytes(b"\"\xff\"").unwrap(),
        );
        assert!(IfMatch::read(&headers).is_err());
    }
}
