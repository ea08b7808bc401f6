//! Ids as parts of an address.
//!
//! Ids are free text (docs/contract.md#4-databases-of-the-first-marketplace), and what stands between browser and
//! server may decode an address on its way, as pylon does (section 5): an id with
//! `/`, `?`, `#`, `%` or a blank in percent-encoding does not arrive as it was
//! sent, and nobody can tell `a%2Fb` that was decoded once from an id that reads so.
//! So such an id is written in letters that no decoding changes: `~`, then the id,
//! in which `~` and two digits stand for each byte that is not plain.

use std::fmt::Write as _;

/// Stands in front of such an id, and for `%` in it.
const MARK: char = '~';

/// The id as one part of an address that any number of decodings leaves as it is. Plain
/// ids, such as all that are made today, are themselves; no two ids are written alike.
pub fn segment(id: &str) -> String {
    // `.` and `..` are taken out of addresses.
    if !id.is_empty() && id.bytes().all(is_plain) && id != "." && id != ".." {
        return id.to_owned();
    }
    let mut segment = String::from(MARK);
    for byte in id.bytes() {
        if is_plain(byte) {
            segment.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(segment, "{MARK}{byte:02X}");
        }
    }
    segment
}

/// The id that [`segment`] writes so; `None` for everything that it never writes,
/// which is an id as it stands. No id holds NUL, which PostgreSQL takes in no text.
pub fn id_of(segment_: &str) -> Option<String> {
    let mut parts = segment_.strip_prefix(MARK)?.split(MARK);
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    let id = String::from_utf8(bytes).ok()?;
    (!id.contains('\0') && segment(&id) == segment_).then_some(id)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_ids_are_written_in_plain_letters() {
        for (id, written) in [
            ("10", "10"),
            (
                "2fa9dcc9-6f85-4080-9a64-19f69ba5ce25",
                "2fa9dcc9-6f85-4080-9a64-19f69ba5ce25",
            ),
            ("", "~"),
            (".", "~."),
            ("..", "~.."),
            ("chosen id/1", "~chosen~20id~2F1"),
            ("?#%&+;", "~~3F~23~25~26~2B~3B"),
            ("~", "~~7E"),
            ("~a~2Fb", "~~7Ea~7E2Fb"),
            ("一", "~~E4~B8~80"),
        ] {
            assert_eq!(segment(id), written);
            let read = id_of(written);
            assert_eq!(read.as_deref(), (id != written).then_some(id), "{written}");
        }
    }

    #[test]
    fn what_is_never_written_so_is_an_id_as_it_stands() {
        for other in [
            "", "10", "a%2Fb", "a~2Fb", "~a", "~10", "~a~2fb", "~a~2", "~a~", "~a~GG", "~a~+2",
            "~~2F~", "~~00", "~~FF", "~~C3~28", "~a~41", "~a/b", "~一", "~a~一",
        ] {
            assert_eq!(id_of(other), None, "{other}");
        }
    }
}
