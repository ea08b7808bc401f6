//! Entity tags (RFC 9110, sections 8.8.3 and 13.1).
//!
//! The tag of an item has two parts: a digest of what its author and admins
//! write, and what others move, the counters and whether the caller has
//! starred it. Reads compare all of it, so that nobody is told 304 while a
//! number changed. `If-Match` compares the first part alone: a star that is
//! given while somebody edits is no reason to refuse the edit.

use std::io::Write;

use poem::http::{HeaderMap, HeaderValue, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchemaRef};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use sha2::{Digest as _, Sha256};
use shared::wire::{Item, Origin};
use xxhash_rust::xxh3::Xxh3;

use crate::problem::{self, Refusal};

/// The strong tag of an item as one caller sees it.
pub fn of_item(item: &Item) -> String {
    format!(
        "\"{}-{}-{}-{}{}\"",
        content(item),
        item.use_number,
        item.star_number,
        u8::from(item.starred) | u8::from(item.resembles_official) << 1,
        item.copied_from.as_ref().map_or_else(String::new, origin)
    )
}

/// The strong tag of a body.
pub fn of_bytes(body: &[u8]) -> String {
    let mut digest = Digest::default();
    digest.update(body);
    digest.tag()
}

/// The digest of a body that is at hand piece by piece: of a whole catalogue too,
/// so it is one that takes no longer than to read it.
#[derive(Default)]
pub struct Digest(Box<Xxh3>);

impl Digest {
    /// Adds what comes next.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The strong tag of all that was added.
    pub fn tag(&self) -> String {
        format!("\"{:032x}\"", self.0.digest128())
    }
}

/// Whether `If-None-Match` names the current tag, weakly compared, or is `*`.
/// One that cannot be read names nothing.
pub fn is_known(if_none_match: &HeaderValue, current: &str) -> bool {
    let Ok(text) = if_none_match.to_str() else {
        return false;
    };
    text.trim() == "*"
        || parse(text).is_some_and(|tags| {
            let current = current.trim_matches('"');
            tags.iter().any(|tag| tag.opaque == current)
        })
}

/// The versions of an item that a change may be made to: the request's
/// `If-Match`.
pub enum IfMatch {
    /// Whichever there is: the header is missing or `*`.
    Any,
    /// One with this content.
    Contents(Vec<String>),
}

impl IfMatch {
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
        let tags = parse(&text).ok_or_else(malformed)?;
        let strong = tags.iter().filter(|tag| !tag.weak);
        let contents = strong.filter_map(|tag| tag.opaque.split('-').next());
        Ok(Self::Contents(contents.map(str::to_owned).collect()))
    }

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

/// Handlers take it as a parameter; the OpenAPI document shows a header.
impl<'a> ApiExtractor<'a> for IfMatch {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = false;

    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(String::schema_ref())
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        Ok(Self::read(request.headers())?)
    }
}

/// What an item was copied from is another item, whose name may change.
fn origin(origin: &Origin) -> String {
    let mut digest = Sha256::new();
    // As with an item.
    let _ = serde_json::to_writer(&mut digest as &mut dyn Write, origin);
    format!("-{}", hex(&digest.finalize()))
}

/// A digest of what an author or admin sees, but for what others move.
fn content(item: &Item) -> String {
    let mut item = item.clone();
    item.use_number = 0;
    item.star_number = 0;
    item.starred = false;
    item.resembles_official = false;
    item.copied_from = None;
    let mut digest = Sha256::new();
    // Neither the digest nor an item, which is plain data, can fail.
    let _ = serde_json::to_writer(&mut digest as &mut dyn Write, &item);
    hex(&digest.finalize())
}

/// The first 128 bits: more than enough to tell versions apart.
fn hex(digest: &[u8]) -> String {
    let bits = digest.first_chunk().copied().map(u128::from_be_bytes);
    format!("{:032x}", bits.unwrap_or_default())
}

struct Tag<'a> {
    weak: bool,
    opaque: &'a str,
}

/// Reads a list of entity tags; a tag may hold commas, and empty elements do
/// not count. Malformed or empty is `None`.
fn parse(text: &str) -> Option<Vec<Tag<'_>>> {
    const BLANK: [char; 2] = [' ', '\t'];
    const BETWEEN: [char; 3] = [' ', '\t', ','];
    let mut tags = Vec::new();
    let mut rest = text.trim_matches(BETWEEN);
    while !rest.is_empty() {
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let (opaque, tail) = quoted.strip_prefix('"')?.split_once('"')?;
        let tail = tail.trim_start_matches(BLANK);
        let ends_well = tail.is_empty() || tail.starts_with(',');
        if !ends_well || opaque.chars().any(|c| c == ' ' || c.is_control()) {
            return None;
        }
        tags.push(Tag { weak, opaque });
        rest = tail.trim_start_matches(BETWEEN);
    }
    (!tags.is_empty()).then_some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(header: &'static str, current: &str) -> bool {
        is_known(&HeaderValue::from_static(header), current)
    }

    #[test]
    fn if_none_match_compares_weakly_and_takes_lists() {
        for header in [
            "\"a\"",
            "W/\"a\"",
            "*",
            " * ",
            "\"x\", \"a\"",
            "\"x,y\",,W/\"a\" ,",
        ] {
            assert!(known(header, "\"a\""), "{header}");
        }
        for header in [
            "\"b\"",
            "a",
            "\"a",
            "\"a\" \"b\"",
            "",
            ",",
            "\"x,a\"",
            "*, \"a\"",
            "w/\"a\"",
            "\"a b\", \"a\"",
        ] {
            assert!(!known(header, "\"a\""), "{header}");
        }
    }

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
