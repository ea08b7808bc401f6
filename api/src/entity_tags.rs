//! Lists of entity tags in requests (RFC 9110, section 8.8.3), one reading of
//! them for everything that is served.

/// One of a list.
pub struct EntityTag<'a> {
    /// Whether it is marked `W/`.
    pub weak: bool,
    /// What is between the quotes.
    pub opaque: &'a str,
}

/// Reads a list of entity tags; a tag may hold commas, and empty elements do
/// not count. Malformed or empty is `None`.
pub fn parse(text: &str) -> Option<Vec<EntityTag<'_>>> {
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
        tags.push(EntityTag { weak, opaque });
        rest = tail.trim_start_matches(BETWEEN);
    }
    (!tags.is_empty()).then_some(tags)
}

/// Whether a line of `If-None-Match` names the current tag, quotes included,
/// weakly compared, or is `*` (section 13.1.2). One that cannot be read names
/// nothing.
pub fn is_known(if_none_match: &str, current: &str) -> bool {
    if_none_match.trim() == "*"
        || parse(if_none_match).is_some_and(|tags| {
            let current = current.trim_matches('"');
            tags.iter().any(|tag| tag.opaque == current)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(header: &str, current: &str) -> bool {
        is_known(header, current)
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
}
