//! The prerequisites of a protocol, by type and name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Code;
use super::findings::{Findings, Path, Short};
use super::source::Span;
use super::yaml::Node;

/// A protocol's prerequisites by type and name.
pub(super) struct Prerequisites<'d> {
    by_type: BTreeMap<&'d str, BTreeMap<&'d str, Node<'d>>>,
}

impl<'d> Prerequisites<'d> {
    pub(super) fn collect(root: Node<'d>, findings: &mut Findings<'_>) -> Self {
        let mut by_type: BTreeMap<_, BTreeMap<_, Node<'d>>> = BTreeMap::new();
        let path = Path::Root.key("prerequisites");
        for (index, node) in root
            .get("prerequisites")
            .into_iter()
            .flat_map(Node::items)
            .enumerate()
        {
            let Some(name) = node
                .get("name")
                .and_then(|name| Some((name.as_str()?, name.span())))
            else {
                continue;
            };
            let kind = node.get("type").and_then(Node::as_str).unwrap_or_default();
            match by_type.entry(kind).or_default().entry(name.0) {
                Entry::Vacant(entry) => {
                    entry.insert(node);
                }
                Entry::Occupied(_) if kind.is_empty() => {}
                Entry::Occupied(first) => {
                    let what = format!("prerequisite of type `{}`", Short(kind));
                    report_duplicate(&what, name, *first.get(), &path.index(index), findings);
                }
            }
        }
        Self { by_type }
    }

    /// The prerequisite of a type and a name.
    pub(super) fn get(&self, kind: &str, name: &str) -> Option<Node<'d>> {
        self.by_type.get(kind)?.get(name).copied()
    }

    /// The types of the prerequisites of a name; an empty or unknown one
    /// stands for any type.
    pub(super) fn types_of(&self, name: &str) -> impl Iterator<Item = &'d str> {
        self.by_type
            .iter()
            .filter(move |(_, names)| names.contains_key(name))
            .map(|(kind, _)| *kind)
    }

    pub(super) fn names(&self, kind: Option<&str>) -> impl Iterator<Item = &'d str> {
        let wanted = move |found: &str| kind.is_none_or(|kind| kind == found);
        self.by_type
            .iter()
            .filter(move |(found, _)| wanted(found))
            .flat_map(|(_, names)| names.keys().copied())
    }
}

/// Says that a name was given before, and where.
pub(super) fn report_duplicate(
    what: &str,
    (name, span): (&str, Span),
    first: Node<'_>,
    path: &Path<'_>,
    findings: &mut Findings<'_>,
) {
    let line = findings
        .position(first.get("name").unwrap_or(first).span())
        .line;
    let message = format!(
        "another {what} is named `{}`, on line {line}; give each a name of its own",
        Short(name)
    );
    findings.error(Code::DuplicateName, span, &path.key("name"), message);
}
