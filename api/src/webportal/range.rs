//! Parts of files (RFC 9110, section 14): browsers and proxies go on with a download
//! that broke off.

use std::ops::Range;

use poem::http::{HeaderMap, header};

/// What of a file a client wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The whole file: also when it asks for several parts, or for what cannot be
    /// understood, which servers may leave out of account.
    All,
    /// These bytes of it.
    Part(Range<usize>),
    /// Bytes that it does not have.
    Beyond,
}

/// Reads `Range` for a file with this tag and length. With `If-Range` the part is of
/// that version, or all is asked for.
pub(super) fn asked(headers: &HeaderMap, tag: &str, length: usize) -> Asked {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    if text(header::IF_RANGE).is_some_and(|version| version != tag) {
        return Asked::All;
    }
    let Some((first, last)) =
        text(header::RANGE).and_then(|range| range.strip_prefix("bytes=")?.split_once('-'))
    else {
        return Asked::All;
    };
    let number = |text: &str| text.trim().parse::<usize>();
    let part = match (number(first), number(last)) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..length,
        (Err(_), Ok(count)) if first.trim().is_empty() => length.saturating_sub(count)..length,
        _ => return Asked::All,
    };
    if part.is_empty() {
        Asked::Beyond
    } else {
        Asked::Part(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_parts_of_the_file() {
        for (range, expected) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=2-", Asked::Part(2..10)),
            ("bytes=2-5", Asked::Part(2..6)),
            ("bytes=9-99", Asked::Part(9..10)),
            ("bytes=0-18446744073709551615", Asked::Part(0..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-99", Asked::Part(0..10)),
            ("bytes=10-", Asked::Beyond),
            ("bytes=10-20", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=5-2", Asked::All),
            ("bytes=-", Asked::All),
            ("bytes=0-1,3-4", Asked::All),
            ("bytes=a-b", Asked::All),
            ("bytes=99999999999999999999-", Asked::All),
            ("lines=0-1", Asked::All),
            ("", Asked::All),
        ] {
            let headers = HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]);
            assert_eq!(asked(&headers, "\"tag\"", 10), expected, "{range}");
        }
    }

    #[test]
    fn a_part_of_another_version_is_the_whole_file() {
        for (version, expected) in [
            ("\"tag\"", Asked::Part(2..6)),
            ("\"other\"", Asked::All),
            ("W/\"tag\"", Asked::All),
            ("Wed, 25 Nov 2026 00:00:00 GMT", Asked::All),
        ] {
            let headers = HeaderMap::from_iter([
                (header::RANGE, "bytes=2-5".parse().unwrap()),
                (header::IF_RANGE, version.parse().unwrap()),
            ]);
            assert_eq!(asked(&headers, "\"tag\"", 10), expected, "{version}");
        }
    }
}
