//! The ids of headings, and a list of them for long texts.

use std::collections::BTreeMap;

use pulldown_cmark::{Event, Tag, TagEnd};
use shared::javascript::lowercase;

use super::links::{ANCHOR, within};
use super::text_until;
use crate::messages::reader as messages;
use crate::reader::html;

/// The fewest headings that are worth a list of them.
const LEAST_HEADINGS: usize = 4;

/// A text that is shorter, in bytes, needs no list of its headings.
const LEAST_TEXT: usize = 2_000;

/// The most headings that are listed.
const MOST_LISTED: usize = 100;

/// The ids of the headings, by the place of their event: each once, as people know
/// them from other sites that show markdown.
pub(super) fn anchors(events: &[Event<'_>]) -> BTreeMap<usize, String> {
    let mut anchors = BTreeMap::new();
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        if !matches!(event, Event::Start(Tag::Heading { .. })) {
            continue;
        }
        let name = slug(&title(events, index));
        let mut free = name.clone();
        while used.contains_key(&free) {
            let number = used.entry(name.clone()).or_default();
            *number += 1;
            free = format!("{name}-{number}");
        }
        used.insert(free.clone(), 0);
        anchors.insert(index, format!("{ANCHOR}{free}"));
    }
    anchors
}

/// Links to the headings, if there are many and the text is long.
pub(super) fn contents(
    events: &[Event<'_>],
    anchors: &BTreeMap<usize, String>,
    length: usize,
    here: &str,
) -> String {
    if anchors.len() < LEAST_HEADINGS || length < LEAST_TEXT {
        return String::new();
    }
    let mut lines = String::new();
    for (&index, anchor) in anchors.iter().take(MOST_LISTED) {
        if let Event::Start(Tag::Heading { level, .. }) = &events[index] {
            let title = html::text(title(events, index).trim());
            let link = within(anchor, here, "");
            let level = *level as usize;
            let entry = format!(r#"<li class="level-{level}">{link}{title}</a></li>"#);
            lines.push_str(&entry);
        }
    }
    let title = messages::contents();
    format!(
        r#"<nav class="contents" aria-label="{title}"><details open><summary>{title}</summary><ul>{lines}</ul></details></nav>"#
    )
}

fn title(events: &[Event<'_>], heading: usize) -> String {
    text_until(&events[heading + 1..], |event| {
        matches!(event, Event::End(TagEnd::Heading(_)))
    })
}

fn slug(title: &str) -> String {
    let letters = title.trim().chars().filter_map(|c| match c {
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    });
    let slug = lowercase(&letters.collect::<String>());
    if slug.is_empty() {
        "section".into()
    } else {
        slug
    }
}
