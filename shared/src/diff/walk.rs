//! Walks two protocols side by side.

use std::collections::HashMap;

use crate::order;
use crate::protocol::RUNTIME_PLUGINS;
use crate::protocol::yaml::{Document, Node};

use super::fingerprint::Fingerprints;
use super::renames::Renames;
use super::subject::{Named, Step, Subject};
use super::{Change, Diff, Kind, MAX_CHANGES, sequence, shown, subject};

pub(super) fn compare(older: &Document, newer: &Document) -> Diff {
    let prints = (Fingerprints::of(older), Fingerprints::of(newer));
    let roots = (older.root(), newer.root());
    let renames = Renames::find((roots.0, &prints.0), (roots.1, &prints.1));
    let mut walk = Walk {
        prints: &prints,
        renames,
        steps: Vec::new(),
        is_image: false,
        diff: Diff::default(),
    };
    walk.mappings(Some(roots.0), Some(roots.1));
    walk.diff
}

struct Walk<'w, 'd> {
    prints: &'w (Fingerprints, Fingerprints),
    renames: Renames<'d>,
    steps: Vec<Step<'d>>,
    /// Whether the prerequisite it is in is a docker image.
    is_image: bool,
    diff: Diff,
}

/// The order in which a protocol is told of.
const ORDER: [&str; 14] = [
    "protocolVersion",
    "type",
    "name",
    "version",
    "contributor",
    "description",
    "prerequisites",
    "parameters",
    "secrets",
    "jobRetryCount",
    "taskRoles",
    "deployments",
    "defaults",
    "extras",
];

impl<'d> Walk<'_, 'd> {
    /// Compares what stands at one place.
    fn at(&mut self, before: Option<Node<'d>>, after: Option<Node<'d>>) {
        let keys = subject::keys(&self.steps);
        match (before, after) {
            (None, None) => {}
            (Some(before), Some(after)) => {
                if self.prints.0.get(before) == self.prints.1.get(after) {
                    return;
                }
                if before.is_mapping() && after.is_mapping() {
                    self.mappings(Some(before), Some(after));
                } else if before.is_list() && after.is_list() {
                    self.lists(Some(before), Some(after));
                } else if !self.is_renamed_reference(&keys, before, after) {
                    self.tell(Kind::Changed, Some(before), Some(after));
                }
            }
            (Some(one), None) | (None, Some(one)) => {
                let is_empty = one.entries().len() == 0 && one.items().len() == 0;
                if is_empty || !subject::is_told_by_its_parts(&keys) {
                    let kind = if before.is_some() {
                        Kind::Removed
                    } else {
                        Kind::Added
                    };
                    self.tell(kind, before, after);
                } else if one.is_mapping() {
                    self.mappings(before, after);
                } else {
                    self.lists(before, after);
                }
            }
        }
    }

    fn is_renamed_reference(&self, keys: &[&str], before: Node<'d>, after: Node<'d>) -> bool {
        let (Some(old), Some(new)) = (before.as_str(), after.as_str()) else {
            return false;
        };
        if keys == ["defaults", "deployment"] {
            return self.renames.deployments.get(old) == Some(&new);
        }
        match subject::is_reference(keys) {
            Some(Some(kind)) => self.renames.prerequisites.get(&(kind, old)) == Some(&new),
            Some(None) => {
                let mut renames = self.renames.prerequisites.iter();
                renames.any(|((_, from), to)| *from == old && *to == new)
            }
            None => false,
        }
    }

    fn mappings(&mut self, before: Option<Node<'d>>, after: Option<Node<'d>>) {
        let keys = subject::keys(&self.steps);
        let are_roles = subject::is_by_task_role(&keys);
        let old_keys = || before.into_iter().flat_map(Node::entries);
        let new_keys = || after.into_iter().flat_map(Node::entries);
        let mut steps: Vec<Step<'d>> = Vec::new();
        let mut was_renamed: HashMap<&str, &'d str> = HashMap::new();
        if are_roles {
            let renames = self.renames.roles.iter();
            was_renamed.extend(renames.map(|(old, new)| (*new, *old)));
        }
        let has = |node: Option<Node<'d>>, key: &str| node.and_then(|node| node.get(key)).is_some();
        // A name that both sides have is no new one, whatever it is elsewhere.
        let renamed = |new: &'d str| {
            let old = was_renamed.get(new).copied()?;
            (has(before, old) && !has(after, old) && !has(before, new)).then_some(old)
        };
        let mut gone: Vec<&str> = Vec::new();
        for (key, _) in new_keys() {
            steps.push(match renamed(key) {
                Some(old) => {
                    gone.push(old);
                    Step::Renamed(old, key)
                }
                None => Step::Key(key),
            });
        }
        for (key, _) in old_keys() {
            if !has(after, key) && !gone.contains(&key) {
                steps.push(Step::Key(key));
            }
        }
        if keys.is_empty() {
            let place = |step: &Step<'_>| match step {
                Step::Key(key) => ORDER
                    .iter()
                    .position(|known| known == key)
                    .unwrap_or(ORDER.len()),
                _ => ORDER.len(),
            };
            order::by(&mut steps, |one, other| place(one).cmp(&place(other)));
        }
        let is_named_item = matches!(keys[..], ["prerequisites" | "deployments", "[]"]);
        if is_named_item {
            let either = after.or(before);
            let kind = either
                .and_then(|node| node.get("type"))
                .and_then(Node::as_str);
            self.is_image = kind == Some("dockerimage");
        }
        for step in steps {
            let (old, new) = match step {
                Step::Key(key) => (key, key),
                Step::Renamed(old, new) => (old, new),
                Step::Item { .. } => continue,
            };
            let (old, new) = (
                before.and_then(|node| node.get(old)),
                after.and_then(|node| node.get(new)),
            );
            let is_text = |node: Option<Node<'_>>| node.is_some_and(|node| node.as_str().is_some());
            // Items are paired by it: what is new about it is told already.
            if is_named_item && matches!(step, Step::Key("name")) && is_text(old) && is_text(new) {
                continue;
            }
            self.steps.push(step);
            if matches!(step, Step::Renamed(..)) && keys == ["taskRoles"] {
                self.tell(Kind::Renamed, None, None);
            }
            self.at(old, new);
            self.steps.pop();
        }
    }

    fn lists(&mut self, before: Option<Node<'d>>, after: Option<Node<'d>>) {
        let keys = subject::keys(&self.steps);
        let items = |node: Option<Node<'d>>| -> Vec<Node<'d>> {
            node.into_iter().flat_map(Node::items).collect()
        };
        let (old, new) = (items(before), items(after));
        match keys[..] {
            ["prerequisites"] => self.by_name(
                &old,
                &new,
                |item| {
                    let text = |key| item.get(key).and_then(Node::as_str).unwrap_or_default();
                    (text("type"), text("name"))
                },
                |renames, (kind, name)| {
                    renames
                        .prerequisites
                        .get(&(kind, name))
                        .map(|new| (kind, *new))
                },
            ),
            ["deployments"] => self.by_name(
                &old,
                &new,
                |item| {
                    (
                        "",
                        item.get("name").and_then(Node::as_str).unwrap_or_default(),
                    )
                },
                |renames, (kind, name)| renames.deployments.get(name).map(|new| (kind, *new)),
            ),
            ["extras", RUNTIME_PLUGINS] => self.by_name(
                &old,
                &new,
                |item| {
                    (
                        "",
                        item.get("plugin")
                            .and_then(Node::as_str)
                            .unwrap_or_default(),
                    )
                },
                |_, _| None,
            ),
            _ => self.in_order(&old, &new),
        }
    }

    /// Lists whose items are known by a name; of equal ones the first is the
    /// first. Only the order of plugins counts, which run one after the other.
    fn by_name(
        &mut self,
        before: &[Node<'d>],
        after: &[Node<'d>],
        name: impl Fn(Node<'d>) -> (&'d str, &'d str),
        new_name: impl Fn(&Renames<'d>, (&'d str, &'d str)) -> Option<(&'d str, &'d str)>,
    ) {
        let mut places: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (index, item) in before.iter().enumerate().rev() {
            let old = name(*item);
            places
                .entry(new_name(&self.renames, old).unwrap_or(old))
                .or_default()
                .push(index);
        }
        let partners: Vec<Option<usize>> = after
            .iter()
            .map(|item| places.get_mut(&name(*item)).and_then(Vec::pop))
            .collect();
        let mut moved = Vec::new();
        if subject::keys(&self.steps)[0] == "extras" {
            let order: Vec<u128> = partners
                .iter()
                .flatten()
                .map(|index| *index as u128)
                .collect();
            let mut sorted = order.clone();
            order::by(&mut sorted, Ord::cmp);
            let stays: Vec<u128> = sequence::common(&sorted, &order)
                .into_iter()
                .map(|(index, _)| sorted[index])
                .collect();
            moved.extend(
                order
                    .into_iter()
                    .filter(|index| stays.binary_search(index).is_err()),
            );
        }
        for (index, item) in after.iter().enumerate() {
            let partner = partners[index];
            let old = partner.map(|partner| before[partner]);
            self.steps.push(Step::Item {
                before: partner,
                after: Some(index),
                label: Some(name(*item).1),
            });
            if let Some(old) = old.filter(|old| name(*old) != name(*item)) {
                self.tell_renamed(name(old).1);
            }
            if partner.is_some_and(|partner| moved.contains(&(partner as u128))) {
                self.tell(Kind::Moved, None, None);
            }
            self.at(old, Some(*item));
            self.steps.pop();
        }
        let mut gone: Vec<usize> = places.into_values().flatten().collect();
        order::by(&mut gone, Ord::cmp);
        for index in gone {
            self.steps.push(Step::Item {
                before: Some(index),
                after: None,
                label: Some(name(before[index]).1),
            });
            self.at(Some(before[index]), None);
            self.steps.pop();
        }
    }

    /// Lists whose order counts: commands, addresses.
    fn in_order(&mut self, before: &[Node<'d>], after: &[Node<'d>]) {
        let old: Vec<u128> = before.iter().map(|item| self.prints.0.get(*item)).collect();
        let new: Vec<u128> = after.iter().map(|item| self.prints.1.get(*item)).collect();
        let pairs = sequence::common(&old, &new);
        let mut ends = pairs.clone();
        ends.push((before.len(), after.len()));
        let mut partners: Vec<Option<usize>> = vec![None; after.len()];
        let mut used = vec![false; before.len()];
        for (first, second) in &pairs {
            (partners[*second], used[*first]) = (Some(*first), true);
        }
        // What is gone here and new there has moved.
        let mut gone: HashMap<u128, Vec<usize>> = HashMap::new();
        for index in (0..before.len()).rev().filter(|index| !used[*index]) {
            gone.entry(old[index]).or_default().push(index);
        }
        let mut moved = vec![false; after.len()];
        for index in 0..after.len() {
            if partners[index].is_none()
                && let Some(from) = gone.get_mut(&new[index]).and_then(Vec::pop)
            {
                (partners[index], used[from], moved[index]) = (Some(from), true, true);
            }
        }
        let mut last = (0, 0);
        let mut order: Vec<(Option<usize>, Option<usize>)> = Vec::new();
        for (first, second) in ends {
            let olds: Vec<usize> = (last.0..first).filter(|index| !used[*index]).collect();
            let news: Vec<usize> = (last.1..second)
                .filter(|index| partners[*index].is_none())
                .collect();
            let words = |list: &[Node<'d>], indices: &[usize]| -> Vec<Words<'d>> {
                indices
                    .iter()
                    .map(|index| Words::of(list[*index]))
                    .collect()
            };
            let (old_words, new_words) = (words(before, &olds), words(after, &news));
            let alike = sequence::alike(olds.len(), news.len(), |old, new| {
                old_words[old].likeness(&new_words[new])
            });
            let mut at = (0, 0);
            for (old, new) in alike.into_iter().chain([(olds.len(), news.len())]) {
                order.extend(olds[at.0..old].iter().map(|index| (Some(*index), None)));
                order.extend(news[at.1..new].iter().map(|index| (None, Some(*index))));
                if old < olds.len() && new < news.len() {
                    order.push((Some(olds[old]), Some(news[new])));
                }
                at = (old + 1, new + 1);
            }
            let arrived = (last.1..second).filter(|index| moved[*index]);
            order.extend(arrived.map(|index| (partners[index], Some(index))));
            last = (first + 1, second + 1);
        }
        for (first, second) in order {
            self.steps.push(Step::Item {
                before: first,
                after: second,
                label: None,
            });
            if second.is_some_and(|second| moved[second]) {
                self.tell(Kind::Moved, None, None);
            } else {
                let (old, new) = (
                    first.map(|index| before[index]),
                    second.map(|index| after[index]),
                );
                self.at(old, new);
            }
            self.steps.pop();
        }
    }

    fn tell_renamed(&mut self, old: &str) {
        self.push(Kind::Renamed, Some(old.to_owned()), None, None);
    }

    fn tell(&mut self, kind: Kind, before: Option<Node<'d>>, after: Option<Node<'d>>) {
        if self.diff.changes.len() >= MAX_CHANGES {
            self.diff.left_out += 1;
            return;
        }
        let number = |index: Option<usize>| index.map(|index| (index + 1).to_string());
        match (self.steps.last(), before, after) {
            (Some(Step::Renamed(old, _)), None, None) => {
                let old = (*old).to_owned();
                self.push(kind, Some(old), None, None);
            }
            (Some(Step::Item { before, after, .. }), None, None) => {
                let (before, after) = (number(*before), number(*after));
                self.push(kind, before, after, None);
            }
            (_, Some(before), Some(after)) => {
                let (before, after, line) = shown::pair(before, after);
                self.push(kind, Some(before), Some(after), line);
            }
            _ => {
                // Of a prerequisite what it brings, never its credentials.
                let part = |node: Node<'d>| match subject::keys(&self.steps)[..] {
                    ["prerequisites", "[]"] => node.get("uri"),
                    ["prerequisites"] => None,
                    _ => Some(node),
                };
                let show = |node: Option<Node<'d>>| node.and_then(part).map(shown::value);
                let (before, after) = (show(before), show(after));
                self.push(kind, before, after, None);
            }
        }
    }

    fn push(
        &mut self,
        kind: Kind,
        before: Option<String>,
        after: Option<String>,
        line: Option<u32>,
    ) {
        if self.diff.changes.len() >= MAX_CHANGES {
            self.diff.left_out += 1;
            return;
        }
        let Named { subject, of, name } = subject::named(&self.steps, self.is_image);
        let number = self
            .steps
            .iter()
            .enumerate()
            .rev()
            .find_map(|(depth, step)| match step {
                Step::Item {
                    before,
                    after,
                    label: None,
                } if depth > 1 => {
                    let index = if kind == Kind::Removed {
                        *before
                    } else {
                        *after
                    };
                    index.and_then(|index| u32::try_from(index + 1).ok())
                }
                _ => None,
            });
        let is_hidden = match subject {
            Subject::Secret => true,
            Subject::RegistryAuth => !matches!(name.as_deref(), Some("username" | "registryuri")),
            _ => false,
        };
        let says_enough = match subject {
            Subject::TaskRole | Subject::Deployment => kind != Kind::Renamed,
            Subject::Prerequisite => kind == Kind::Changed,
            _ => false,
        };
        let show = |value: Option<String>| value.filter(|_| !is_hidden && !says_enough);
        self.diff.changes.push(Change {
            kind,
            subject,
            of,
            name,
            number,
            path: subject::path(&self.steps, kind == Kind::Removed),
            before: show(before),
            after: if kind == Kind::Renamed {
                None
            } else {
                show(after)
            },
            line: line.filter(|_| !is_hidden && !says_enough),
        });
    }
}

/// The words of a text, sorted, to tell how alike two texts are.
struct Words<'d>(Vec<&'d str>);

impl<'d> Words<'d> {
    fn of(node: Node<'d>) -> Self {
        let mut words: Vec<_> = node
            .written()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        order::by(&mut words, Ord::cmp);
        Self(words)
    }

    /// The part of the words that both have.
    #[expect(clippy::cast_precision_loss, reason = "a likeness needs no more")]
    fn likeness(&self, other: &Self) -> f32 {
        let (mut at, mut both) = ((0, 0), 0);
        while let (Some(first), Some(second)) = (self.0.get(at.0), other.0.get(at.1)) {
            match first.cmp(second) {
                std::cmp::Ordering::Less => at.0 += 1,
                std::cmp::Ordering::Greater => at.1 += 1,
                std::cmp::Ordering::Equal => {
                    both += 1;
                    at = (at.0 + 1, at.1 + 1);
                }
            }
        }
        let all = self.0.len() + other.0.len();
        if all == 0 {
            0.0
        } else {
            (2 * both) as f32 / all as f32
        }
    }
}
