//! Checks what no table of shapes can say: that names are unique, that they
//! name something, and that placeholders will be filled in.

mod extras;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;

use super::findings::{Findings, Path, Short};
use super::placeholder::Placeholders;
use super::prerequisites::{Prerequisites, report_duplicate};
use super::schema::PREREQUISITE_TYPES;
use super::source::Source;
use super::yaml::Node;
use super::{Code, suggest};

/// Reports names used twice, names of nothing and placeholders of nothing.
/// Values of the wrong type are passed over: the shape's check names them.
pub(super) fn check(root: Node<'_>, source: &Source<'_>, findings: &mut Findings<'_>) {
    let prerequisites = Prerequisites::collect(root, findings);
    let deployments = collect_deployments(root, findings);
    if root.get("prerequisites").is_none_or(Node::is_list) {
        check_references(root, &prerequisites, findings);
    }
    check_default_deployment(root, &deployments, findings);
    check_deployed_roles(root, findings);
    extras::check(root, findings);
    Placeholders::new(root, &prerequisites, source, findings).check();
}

fn collect_deployments<'d>(
    root: Node<'d>,
    findings: &mut Findings<'_>,
) -> BTreeMap<&'d str, Node<'d>> {
    let mut by_name = BTreeMap::new();
    let path = Path::Root.key("deployments");
    for (index, node) in root
        .get("deployments")
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
        match by_name.entry(name.0) {
            Entry::Vacant(entry) => {
                entry.insert(node);
            }
            Entry::Occupied(first) => report_duplicate(
                "deployment",
                name,
                *first.get(),
                &path.index(index),
                findings,
            ),
        }
    }
    by_name
}

/// The keys of a task role that name a prerequisite, and of which type.
const REFERENCES: [(&str, &str); 4] = [
    ("dockerImage", "dockerimage"),
    ("data", "data"),
    ("output", "output"),
    ("script", "script"),
];

/// What a message calls a prerequisite of a type.
fn in_words(kind: &str) -> &str {
    if kind == "dockerimage" {
        "docker image"
    } else {
        kind
    }
}

fn check_references(
    root: Node<'_>,
    prerequisites: &Prerequisites<'_>,
    findings: &mut Findings<'_>,
) {
    // Put into words once: many references must not each list many names.
    let kinds = PREREQUISITE_TYPES
        .iter()
        .map(|kind| Some(*kind))
        .chain([None]);
    let known: BTreeMap<_, _> = kinds
        .map(|kind| (kind, suggest::list(prerequisites.names(kind))))
        .collect();
    let mut check = |role: &str, kind: Option<&str>, reference: Node<'_>, path: &Path<'_>| {
        let Some(name) = reference.as_str() else {
            return;
        };
        let what = kind.map_or("prerequisite", in_words);
        let mut message = format!(
            "task role `{}` uses {what} `{}`, but ",
            Short(role),
            Short(name)
        );
        let types: Vec<_> = prerequisites.types_of(name).collect();
        let code = if types.is_empty() {
            let known = &known[&kind];
            let _ = if let Some(meant) = suggest::closest(name, prerequisites.names(kind)) {
                write!(
                    message,
                    "the prerequisites have no {what} of that name; did you mean `{meant}`?"
                )
            } else if known.is_empty() {
                write!(message, "the prerequisites have no {what} at all")
            } else {
                write!(
                    message,
                    "the prerequisites have no {what} of that name; they have: {known}"
                )
            };
            Code::DanglingReference
        } else if types.iter().all(|found| {
            PREREQUISITE_TYPES.contains(found) && kind.is_some_and(|kind| kind != *found)
        }) {
            let _ = write!(
                message,
                "the prerequisite of that name is of type `{}`",
                types[0]
            );
            Code::WrongReferenceType
        } else {
            return;
        };
        findings.error(code, reference.span(), path, message);
    };
    let roles = Path::Root.key("taskRoles");
    for (role, node) in root.get("taskRoles").into_iter().flat_map(Node::entries) {
        let path = roles.key(role);
        for (key, kind) in REFERENCES {
            if let Some(reference) = node.get(key) {
                check(role, Some(kind), reference, &path.key(key));
            }
        }
        let path = path.key("prerequisites");
        for (index, reference) in node
            .get("prerequisites")
            .into_iter()
            .flat_map(Node::items)
            .enumerate()
        {
            check(role, None, reference, &path.index(index));
        }
    }
}

fn check_default_deployment(
    root: Node<'_>,
    deployments: &BTreeMap<&str, Node<'_>>,
    findings: &mut Findings<'_>,
) {
    let Some(reference) = root
        .get("defaults")
        .and_then(|defaults| defaults.get("deployment"))
    else {
        return;
    };
    let Some(name) = reference
        .as_str()
        .filter(|name| !deployments.contains_key(name))
    else {
        return;
    };
    if root
        .get("deployments")
        .is_some_and(|deployments| !deployments.is_list())
    {
        return;
    }
    let mut message = format!(
        "the default deployment `{}` is none of `deployments`",
        Short(name)
    );
    let names = || deployments.keys().copied();
    if let Some(meant) = suggest::closest(name, names()) {
        let _ = write!(message, "; did you mean `{meant}`?");
    } else if deployments.is_empty() {
        message += ", of which there are none";
    } else {
        let _ = write!(message, "; they have: {}", suggest::list(names()));
    }
    let defaults = Path::Root.key("defaults");
    findings.error(
        Code::DanglingReference,
        reference.span(),
        &defaults.key("deployment"),
        message,
    );
}

fn check_deployed_roles(root: Node<'_>, findings: &mut Findings<'_>) {
    let path = Path::Root.key("deployments");
    for (index, deployment) in root
        .get("deployments")
        .into_iter()
        .flat_map(Node::items)
        .enumerate()
    {
        if let Some(roles) = deployment.get("taskRoles") {
            let path = path.index(index);
            check_role_names(
                root,
                roles,
                "nothing of it will run",
                &path.key("taskRoles"),
                findings,
            );
        }
    }
}

/// Warns of keys that should name task roles and do not.
fn check_role_names(
    root: Node<'_>,
    named: Node<'_>,
    outcome: &str,
    path: &Path<'_>,
    findings: &mut Findings<'_>,
) {
    let Some(roles) = root.get("taskRoles").filter(|roles| roles.is_mapping()) else {
        return;
    };
    for (role, span, _) in named
        .spanned_entries()
        .filter(|(role, ..)| roles.get(role).is_none())
    {
        let mut message = format!("there is no task role `{}`, so {outcome}", Short(role));
        if let Some(meant) = suggest::closest(role, roles.entries().map(|(name, _)| name)) {
            let _ = write!(message, "; did you mean `{meant}`?");
        }
        findings.warn(Code::DanglingReference, span, &path.key(role), message);
    }
}
