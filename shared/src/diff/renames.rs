//! What has another name and is plainly the same otherwise.

use std::collections::HashMap;

use crate::protocol::yaml::Node;

use super::fingerprint::Fingerprints;

/// Old names and the new ones they have become.
#[derive(Default)]
pub(super) struct Renames<'d> {
    pub(super) roles: HashMap<&'d str, &'d str>,
    /// By type and name.
    pub(super) prerequisites: HashMap<(&'d str, &'d str), &'d str>,
    pub(super) deployments: HashMap<&'d str, &'d str>,
}

/// How many names of one sort are tried against each other on each side; who
/// gives more of them new names sees them removed and added.
const MOST: usize = 50;

impl<'d> Renames<'d> {
    pub(super) fn find(
        before: (Node<'d>, &Fingerprints),
        after: (Node<'d>, &Fingerprints),
    ) -> Self {
        let mut found = Self::default();
        let prints = (before.1, after.1);
        let (before, after) = (before.0, after.0);
        let is_image_same = |old: Node<'d>, new: Node<'d>| {
            same(old.get("uri"), new.get("uri"), prints)
                && same_but_for(old, new, &["name", "uri"], prints)
                && old.get("uri").is_some()
        };
        let named = |root: Node<'d>, list: &str| -> Vec<((&'d str, &'d str), Node<'d>)> {
            let items = root.get(list).into_iter().flat_map(Node::items);
            items
                .map(|item| {
                    let text = |key| item.get(key).and_then(Node::as_str).unwrap_or_default();
                    ((text("type"), text("name")), item)
                })
                .collect()
        };
        let (old, new) = (
            named(before, "prerequisites"),
            named(after, "prerequisites"),
        );
        let pairs = pairs(&old, &new, |old, new| {
            old.0.0 == new.0.0 && is_image_same(old.1, new.1)
        });
        found
            .prerequisites
            .extend(pairs.into_iter().map(|(old, new)| (old, new.1)));

        let (old, new) = (named(before, "deployments"), named(after, "deployments"));
        let pairs = self::pairs(&old, &new, |old, new| {
            same_but_for(old.1, new.1, &["name"], prints)
        });
        found
            .deployments
            .extend(pairs.into_iter().map(|(old, new)| (old.1, new.1)));

        let roles = |root: Node<'d>| -> Vec<(&'d str, Node<'d>)> {
            root.get("taskRoles")
                .into_iter()
                .flat_map(Node::entries)
                .collect()
        };
        let (old, new) = (roles(before), roles(after));
        found.roles.extend(self::pairs(&old, &new, |old, new| {
            let image = |role: Node<'d>| role.get("dockerImage").and_then(Node::as_str);
            let image_before = image(old.1).map(|name| {
                let key = ("dockerimage", name);
                found.prerequisites.get(&key).copied().unwrap_or(name)
            });
            image_before == image(new.1) && are_commands_same(*old, *new)
        }));
        found
    }
}

/// Of those whose name the other side lacks, the first pairs that are the same.
fn pairs<'d, K: Copy + Eq + std::hash::Hash>(
    before: &[(K, Node<'d>)],
    after: &[(K, Node<'d>)],
    is_same: impl Fn(&(K, Node<'d>), &(K, Node<'d>)) -> bool,
) -> Vec<(K, K)> {
    let missing = |here: &[(K, Node<'d>)], there: &[(K, Node<'d>)]| -> Vec<(K, Node<'d>)> {
        let known: std::collections::HashSet<K> = there.iter().map(|(key, _)| *key).collect();
        let missing = here.iter().filter(|(key, _)| !known.contains(key));
        missing.copied().take(MOST).collect()
    };
    let old = missing(before, after);
    let mut new = missing(after, before);
    let mut pairs = Vec::new();
    for old in &old {
        if let Some(index) = new.iter().position(|new| is_same(old, new)) {
            pairs.push((old.0, new.remove(index).0));
        }
    }
    pairs
}

fn same(
    old: Option<Node<'_>>,
    new: Option<Node<'_>>,
    prints: (&Fingerprints, &Fingerprints),
) -> bool {
    old.map(|node| prints.0.get(node)) == new.map(|node| prints.1.get(node))
}

fn same_but_for(
    old: Node<'_>,
    new: Node<'_>,
    but: &[&str],
    prints: (&Fingerprints, &Fingerprints),
) -> bool {
    let all = old.entries().chain(new.entries());
    all.map(|(key, _)| key)
        .filter(|key| !but.contains(key))
        .all(|key| same(old.get(key), new.get(key), prints))
}

/// Whether both roles run the same, their own names apart: commands read
/// variables that hold them.
fn are_commands_same(old: (&str, Node<'_>), new: (&str, Node<'_>)) -> bool {
    let (Some(before), Some(after)) = (old.1.get("commands"), new.1.get("commands")) else {
        return false;
    };
    let counts = (before.items().len(), after.items().len());
    counts.0 == counts.1
        && counts.0 > 0
        && before.items().zip(after.items()).all(|(before, after)| {
            match (before.as_str(), after.as_str()) {
                (Some(before), Some(after)) => {
                    before == after || before.replace(old.0, new.0) == after
                }
                _ => false,
            }
        })
}
