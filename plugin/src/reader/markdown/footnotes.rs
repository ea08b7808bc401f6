//! Footnotes: numbered in the order in which the text names them, and shown at its end.

use std::collections::BTreeMap;
use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::links::within;
use crate::messages::reader as messages;

/// What the ids of footnotes begin with.
const NOTE: &str = "md-note--";

/// What the ids of the places that name them begin with.
const PLACE: &str = "md-note-from--";

/// The footnotes of a text.
pub(super) struct Footnotes {
    /// Where the events of each definition are, by its label.
    defined: BTreeMap<String, Range<usize>>,
    /// The labels in the order of their numbers, and how often each was named.
    named: Vec<(String, usize)>,
}

impl Footnotes {
    pub(super) fn of(events: &[Event<'_>]) -> Self {
        let mut defined = BTreeMap::new();
        let mut open: Option<(String, usize)> = None;
        for (index, event) in events.iter().enumerate() {
            match event {
                Event::Start(Tag::FootnoteDefinition(label)) => {
                    open = Some((label.to_string(), index + 1));
                }
                Event::End(TagEnd::FootnoteDefinition) => {
                    if let Some((label, start)) = open.take() {
                        defined.entry(label).or_insert(start..index);
                    }
                }
                _ => {}
            }
        }
        Self {
            defined,
            named: Vec::new(),
        }
    }

    /// What stands where the text names a footnote.
    pub(super) fn reference(&mut self, label: &str, here: &str) -> Option<String> {
        if !self.defined.contains_key(label) {
            return None;
        }
        let known = self.named.iter().position(|(name, _)| name == label);
        let index = known.unwrap_or_else(|| {
            self.named.push((label.to_owned(), 0));
            self.named.len() - 1
        });
        self.named[index].1 += 1;
        let number = index + 1;
        // The way back leads to the first place.
        let id = match self.named[index].1 {
            1 => format!(r#" id="{PLACE}{number}""#),
            _ => String::new(),
        };
        let name = messages::footnote(&number.to_string());
        let link = within(
            &format!("{NOTE}{number}"),
            here,
            &format!(r#"{id} aria-label="{name}""#),
        );
        Some(format!("<sup>{link}{number}</a></sup>"))
    }

    /// The events of the footnote with this number, if it is named.
    pub(super) fn content(&self, number: usize) -> Option<Range<usize>> {
        let label = &self.named.get(number.checked_sub(1)?)?.0;
        self.defined.get(label).cloned()
    }

    /// What stands before and after the content of a footnote.
    pub(super) fn around(number: usize, here: &str) -> [String; 2] {
        let name = messages::back_to_text();
        let back = within(
            &format!("{PLACE}{number}"),
            here,
            &format!(r#" aria-label="{name}" title="{name}""#),
        );
        [
            format!(r#"<li id="{NOTE}{number}" tabindex="-1">"#),
            format!("{back}↩</a></li>"),
        ]
    }
}
