//! Which addresses descriptions may lead to.

use std::collections::BTreeSet;

use pulldown_cmark::{CowStr, Event};
use shared::javascript::lowercase;
use shared::order;

use super::raw;
use crate::reader::html;

/// What the ids of a description begin with: the page has ids of its own.
pub(super) const ANCHOR: &str = "md-";

/// What ends an address without blanks around it, in any script.
const NOT_IN_ADDRESS: &str = "<>\"`，。、；：？！（）【】《》「」『』“”‘’";

/// How pictures begin that are within the description itself. No SVG: it is a
/// document of its own.
const PICTURES: [&str; 4] = [
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/gif;base64,",
    "data:image/webp;base64,",
];

/// Adds a text; bare web addresses in it are links if it may hold `links`.
pub(super) fn push_text(page: &mut Vec<Event<'_>>, text: &str, links: bool) {
    if !links {
        return push_plain(page, text);
    }
    let mut done = 0;
    // Upper and lower case of ASCII letters are of one length.
    let lower = text.to_ascii_lowercase();
    let mut starts: Vec<usize> = lower.match_indices("http").map(|found| found.0).collect();
    starts.extend(lower.match_indices("www.").map(|found| found.0));
    order::by(&mut starts, Ord::cmp);
    for start in starts {
        let Some(address) = (start >= done)
            .then(|| address(&text[..start], &text[start..]))
            .flatten()
        else {
            continue;
        };
        push_plain(page, &text[done..start]);
        let scheme = if lower[start..].starts_with("www.") {
            "http://"
        } else {
            ""
        };
        page.push(raw(html::opening(&format!("{scheme}{address}"))));
        push_plain(page, address);
        page.push(raw("</a>".into()));
        done = start + address.len();
    }
    push_plain(page, &text[done..]);
}

fn push_plain(page: &mut Vec<Event<'_>>, text: &str) {
    if !text.is_empty() {
        page.push(Event::Text(CowStr::from(text.to_owned())));
    }
}

/// The web address that a text begins with, if it does and is not the rest of
/// a word: without the punctuation of the sentence around it.
fn address<'a>(before: &str, text: &'a str) -> Option<&'a str> {
    if before.ends_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let host = if text.as_bytes().first().is_some_and(|c| c | 0x20 == b'w') {
        if before.ends_with(['/', ':', '.', '@', '-']) {
            return None;
        }
        text.get("www.".len()..)?
    } else {
        let rest = &text["http".len()..];
        let rest = rest.strip_prefix(['s', 'S']).unwrap_or(rest);
        rest.strip_prefix("://")?
    };
    if !host.starts_with(|c: char| c.is_alphanumeric() || c == '[') {
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || NOT_IN_ADDRESS.contains(c));
    let mut address = &text[..end.unwrap_or(text.len())];
    let count = |text: &str, c| text.matches(c).count();
    // Of brackets, those that close nothing belong to the sentence.
    let mut round = count(address, ')').saturating_sub(count(address, '('));
    let mut square = count(address, ']').saturating_sub(count(address, '['));
    loop {
        let left = match address.chars().next_back()? {
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | '|' => true,
            ')' if round > 0 => {
                round -= 1;
                true
            }
            ']' if square > 0 => {
                square -= 1;
                true
            }
            _ => false,
        };
        if !left {
            break;
        }
        address = &address[..address.len() - 1];
    }
    (address.len() > text.len() - host.len()).then_some(address)
}

/// The tag that opens a link, if it may lead there: to `http`, `https` and `mailto`, and to
/// the headings whose ids are in `anchors`.
pub(super) fn opening(to: &str, here: &str, anchors: &BTreeSet<&str>) -> Option<String> {
    if let Some(name) = to.strip_prefix('#') {
        let anchor = format!("{}{}", ANCHOR, lowercase(&decoded(name)));
        return anchors
            .contains(anchor.as_str())
            .then(|| within(&anchor, here, ""));
    }
    let scheme = to.split_once(':')?.0.to_ascii_lowercase();
    matches!(scheme.as_str(), "http" | "https" | "mailto").then(|| html::opening(to))
}

/// The tag that opens a link to a place of the description with this id. `more` are
/// attributes of it.
pub(super) fn within(id: &str, here: &str, more: &str) -> String {
    format!(
        r#"<a href="{}" data-anchor="{}"{more}>"#,
        html::address(here),
        html::text(id)
    )
}

/// A picture that is within the description: to show it asks nobody.
pub(super) fn picture(address: &str, name: &str) -> Option<String> {
    let data = PICTURES
        .iter()
        .find_map(|kind| address.strip_prefix(kind))?;
    let is_base64 = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'=');
    data.bytes().all(is_base64).then(|| {
        format!(
            r#"<img src="{}" alt="{}">"#,
            html::address(address),
            html::text(name.trim())
        )
    })
}

/// A part of an address without its percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let hex = after.get(..2).filter(|_| *byte == b'%');
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        let code = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(code.unwrap_or(*byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
