//! A YAML tree in which every node knows where it stands in the text.
//!
//! The scanning is saphyr-parser's; the tree is built from its events, without
//! recursion, into one flat list of nodes. An alias is a second reference to
//! the node it names. How far aliases would expand is counted while the tree
//! grows, so whoever walks a tree may follow them freely: the walk visits at
//! most [`MAX_NODES`] nodes, [`MAX_DEPTH`] deep, with [`MAX_EXPANDED_BYTES`]
//! of text.
//!
//! Everything means what it means to js-yaml 3.13's `safeLoad`, OpenPAI's
//! reader: `yes` is text, `0100` is 64, `2021-01-01` a date, a key is the text
//! that JavaScript makes of it, and `<<` merges mappings into the one it stands
//! in. Three things that it takes are refused, for no JSON could hold them: an
//! alias inside the node it names, and the types `!!binary` and `!!pairs`.

mod build;
mod date;
mod json;
mod limits;
mod mapping;
mod scalar;
mod syntax;
mod write;

pub use write::to_yaml;

use super::findings::Findings;
use super::source::{Source, Span};
use super::{Diagnostic, Severity};

/// Longest text that is read, in bytes. Real protocols have a few thousand.
pub const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting of lists and mappings, aliases followed.
pub const MAX_DEPTH: usize = 64;
/// Most nodes of a tree, aliases expanded.
pub const MAX_NODES: u32 = 200_000;
/// Most text in a tree, aliases expanded.
pub const MAX_EXPANDED_BYTES: usize = 8 << 20;

/// Reads a text that is one YAML document.
///
/// # Errors
/// What is wrong with it: the first error of syntax, or all duplicate keys.
pub fn parse(text: &str) -> Result<Document, Vec<Diagnostic>> {
    let source = Source::new(text);
    let mut findings = Findings::new(&source);
    let document = read(&source, &mut findings);
    match (document, findings.into_diagnostics()) {
        (Some(document), found) if found.iter().all(|found| found.severity != Severity::Error) => {
            Ok(document)
        }
        (_, found) => Err(found),
    }
}

/// Reads a text as far as it can be read: of a key that is there twice the first
/// counts, and what has no meaning is text. For protocols that are shown or
/// compared, old and invalid ones among them.
///
/// # Errors
/// An error of syntax, or one of the limits.
pub fn parse_leniently(text: &str) -> Result<Document, Vec<Diagnostic>> {
    let source = Source::new(text);
    let mut findings = Findings::new(&source);
    read(&source, &mut findings).ok_or_else(|| findings.into_diagnostics())
}

/// Reads what can be read: no document comes back after an error of syntax or
/// beyond a limit, but one with duplicate keys (the first counts) does.
pub(super) fn read(source: &Source<'_>, findings: &mut Findings<'_>) -> Option<Document> {
    build::read(source, findings)
}

/// A YAML document.
#[derive(Debug)]
pub struct Document {
    nodes: Vec<NodeData>,
    root: u32,
}

impl Document {
    /// The node that holds all others.
    pub fn root(&self) -> Node<'_> {
        Node {
            document: self,
            id: self.root,
        }
    }

    /// How many nodes there are, aliases not expanded.
    pub(crate) fn node_count(&self) -> usize {
        self.nodes.len()
    }
}

/// A node of a [`Document`].
#[derive(Clone, Copy, Debug)]
pub struct Node<'d> {
    document: &'d Document,
    id: u32,
}

#[derive(Debug)]
struct NodeData {
    span: Span,
    value: Value,
    size: Size,
}

/// How much hangs below a node, itself included, with aliases expanded.
#[derive(Clone, Copy, Debug)]
struct Size {
    depth: usize,
    nodes: u32,
    bytes: usize,
}

#[derive(Debug)]
enum Value {
    Scalar(Scalar, Box<str>),
    List(Vec<u32>),
    Mapping(Mapping),
}

/// What the text of a scalar means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number, at most 2^53 away from 0: JavaScript has no other.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A date or a time, in milliseconds since 1970.
    Date(i64),
    /// Everything else, and whatever stands in quotes.
    Text,
}

/// The text that JavaScript, and so a command, gets for a number.
pub(super) fn in_javascript(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => scalar::in_javascript(Scalar::Float(float), ""),
        _ => number.to_string(),
    }
}

impl Scalar {
    /// What a text without quotes means.
    pub(super) fn of_plain(text: &str) -> Self {
        scalar::plain(text)
    }
}

#[derive(Debug)]
struct Mapping {
    entries: Vec<Entry>,
    /// The entries' indices, ordered by key.
    by_key: Vec<u32>,
}

#[derive(Debug)]
struct Entry {
    key: Box<str>,
    key_span: Span,
    value: u32,
    /// Whether it comes from a mapping that `<<` merged into this one.
    is_merged: bool,
}

impl<'d> Node<'d> {
    /// The value of a key; `None` too when this is no mapping.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        let Value::Mapping(mapping) = &self.data().value else {
            return None;
        };
        let entry = |index: &u32| &mapping.entries[*index as usize];
        let found = mapping
            .by_key
            .binary_search_by(|index| (*entry(index).key).cmp(key))
            .ok()?;
        Some(self.at(entry(&mapping.by_key[found]).value))
    }

    /// The items of a list; none when this is no list.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'d>> {
        let ids: &'d [u32] = match &self.data().value {
            Value::List(ids) => ids,
            _ => &[],
        };
        ids.iter().map(move |id| self.at(*id))
    }

    /// The item of a list at an index from 0.
    pub fn item(self, index: usize) -> Option<Node<'d>> {
        match &self.data().value {
            Value::List(ids) => ids.get(index).map(|id| self.at(*id)),
            _ => None,
        }
    }

    /// The keys and values of a mapping in the order of the text; none when
    /// this is no mapping.
    pub fn entries(self) -> impl ExactSizeIterator<Item = (&'d str, Node<'d>)> {
        self.spanned_entries().map(|(key, _, value)| (key, value))
    }

    /// As [`entries`](Self::entries), with where each key stands.
    pub(super) fn spanned_entries(
        self,
    ) -> impl ExactSizeIterator<Item = (&'d str, Span, Node<'d>)> {
        let entries: &'d [Entry] = match &self.data().value {
            Value::Mapping(mapping) => &mapping.entries,
            _ => &[],
        };
        entries
            .iter()
            .map(move |entry| (&*entry.key, entry.key_span, self.at(entry.value)))
    }

    /// The text of a scalar that is text: `None` for numbers and the like.
    pub fn as_str(self) -> Option<&'d str> {
        match &self.data().value {
            Value::Scalar(Scalar::Text, text) => Some(text),
            _ => None,
        }
    }

    /// The text of any scalar as it was written, quotes and escapes resolved;
    /// `None` for null, lists and mappings.
    pub fn written(self) -> Option<&'d str> {
        match &self.data().value {
            Value::Scalar(Scalar::Null, _) | Value::List(_) | Value::Mapping(_) => None,
            Value::Scalar(_, text) => Some(text),
        }
    }

    /// The text that a command gets for a scalar, which is not always the one
    /// that was written: `64` for `0100`, `0.001` for `1e-3`. `None` for null,
    /// lists and mappings.
    pub fn printed(self) -> Option<String> {
        let text = self.written()?;
        Some(scalar::in_javascript(self.scalar()?, text))
    }

    /// What a scalar means; `None` for lists and mappings.
    pub fn scalar(self) -> Option<Scalar> {
        match self.data().value {
            Value::Scalar(scalar, _) => Some(scalar),
            _ => None,
        }
    }

    /// A whole number, at most 2^53 away from 0. As in JSON schemas, `1.0` and
    /// `1e3` are whole numbers.
    pub fn as_int(self) -> Option<i64> {
        match self.scalar()? {
            Scalar::Int(number) => Some(number),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "whole and small enough, as just checked"
            )]
            Scalar::Float(number) if number.fract() == 0.0 && number.abs() < scalar::MAX_WHOLE => {
                Some(number as i64)
            }
            _ => None,
        }
    }

    /// Whether nothing is there: `key:` or `key: null`.
    pub fn is_null(self) -> bool {
        self.scalar() == Some(Scalar::Null)
    }

    /// Whether this is a list.
    pub fn is_list(self) -> bool {
        matches!(self.data().value, Value::List(_))
    }

    /// Whether this is a mapping.
    pub fn is_mapping(self) -> bool {
        matches!(self.data().value, Value::Mapping(_))
    }

    pub(super) fn span(self) -> Span {
        self.data().span
    }

    /// The node's number in its document, less than
    /// [`Document::node_count`]; an alias has that of what it names.
    pub(crate) fn id(self) -> usize {
        self.id as usize
    }

    fn data(self) -> &'d NodeData {
        &self.document.nodes[self.id as usize]
    }

    fn at(self, id: u32) -> Node<'d> {
        Node { id, ..self }
    }
}

#[cfg(test)]
mod tests;
