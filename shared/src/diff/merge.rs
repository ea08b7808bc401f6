//! Puts two changes of one protocol together, by meaning, with the comments of both.
//!
//! What the protocol has to mean afterwards is decided on the trees: what only one
//! side has changed is taken over, and what both have changed differently is a
//! conflict. Then the texts are put together, line by line and, where that fails, word
//! by word; only a text that means exactly what was decided is handed out.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::protocol::yaml::{self, Document, Node};

use super::fingerprint::Fingerprints;
use super::subject::{self, Step, Subject};
use super::{compare, sequence, shown};

/// What both sides have changed, each in its own way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conflict {
    /// Where, as [`Change::path`](super::Change::path).
    pub path: String,
    /// What it was; absent if it was not there, and of secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// What it is on our side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<String>,
    /// What it is on theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<String>,
}

/// Why two changes cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmerged {
    /// One of the three is no YAML, or no mapping.
    Unreadable,
    /// Both have changed the same.
    Conflicts(Vec<Conflict>),
    /// Nothing is in conflict, but no text could be made that means both: the styles
    /// of the texts are too different.
    Texts,
}

impl fmt::Display for Unmerged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("one of the protocols cannot be read"),
            Self::Texts => f.write_str("the texts differ too much to be put together"),
            Self::Conflicts(conflicts) => {
                f.write_str("both sides have changed")?;
                for (index, conflict) in conflicts.iter().enumerate() {
                    write!(f, "{} {}", if index == 0 { "" } else { "," }, conflict.path)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Unmerged {}

/// Puts what `ours` and `theirs` have made of `base` together; what both have done is
/// done once, and comments stay.
///
/// # Errors
/// Where both have changed the same thing differently, by path; or if that cannot be
/// told, or written.
pub fn merge(base: &str, ours: &str, theirs: &str) -> Result<String, Unmerged> {
    merged(base, [ours, theirs], None)
}

/// Does the same, and takes what one side has where both have changed the same.
///
/// # Errors
/// If it cannot be told what the protocols mean, or not be written.
pub fn merge_preferring(
    side: Side,
    base: &str,
    ours: &str,
    theirs: &str,
) -> Result<String, Unmerged> {
    merged(base, [ours, theirs], Some(side))
}

/// One of two changes of a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// That of who merges.
    Ours,
    /// The other one.
    Theirs,
}

fn merged(
    base: &str,
    [ours, theirs]: [&str; 2],
    preferred: Option<Side>,
) -> Result<String, Unmerged> {
    let read = |text: &str| {
        let document = yaml::parse(text).map_err(|_| Unmerged::Unreadable)?;
        if document.root().is_mapping() {
            Ok(document)
        } else {
            Err(Unmerged::Unreadable)
        }
    };
    let documents = [read(base)?, read(ours)?, read(theirs)?];
    let prints = documents.each_ref().map(Fingerprints::of);
    let mut meaning = Meaning {
        prints: &prints,
        steps: Vec::new(),
        conflicts: Vec::new(),
        preferred,
    };
    let merged = meaning.merge(
        documents
            .each_ref()
            .map(|document| Some(Document::root(document))),
    );
    if !meaning.conflicts.is_empty() {
        return Err(Unmerged::Conflicts(meaning.conflicts));
    }
    let wanted = merged.unwrap_or_default().to_string();
    let candidates = [
        (ours == base || ours == theirs).then(|| theirs.to_owned()),
        (theirs == base).then(|| ours.to_owned()),
        texts(base, ours, theirs, &by_words),
    ];
    let of_side = preferred.map(|side| preferring(side, base, ours, theirs));
    candidates
        .into_iter()
        .chain(of_side.into_iter().flatten())
        .flatten()
        .find(|text| compare(&wanted, text).is_ok_and(|diff| diff.is_empty()) && read(text).is_ok())
        .ok_or(Unmerged::Texts)
}

struct Meaning<'m, 'd> {
    prints: &'m [Fingerprints; 3],
    steps: Vec<Step<'d>>,
    conflicts: Vec<Conflict>,
    preferred: Option<Side>,
}

/// Base, ours, theirs.
type Three<T> = [T; 3];

impl<'d> Meaning<'_, 'd> {
    fn print(&self, side: usize, node: Option<Node<'d>>) -> Option<u128> {
        node.map(|node| self.prints[side].get(node))
    }

    /// What stands at one place afterwards.
    fn merge(&mut self, nodes: Three<Option<Node<'d>>>) -> Option<Json> {
        let [base, ours, theirs] = nodes;
        let prints: Three<_> = std::array::from_fn(|side| self.print(side, nodes[side]));
        if prints[1] == prints[2] || prints[0] == prints[2] {
            return ours.map(Node::to_json);
        }
        if prints[0] == prints[1] {
            return theirs.map(Node::to_json);
        }
        if let (Some(ours_node), Some(theirs_node)) = (ours, theirs) {
            let both =
                |is: fn(Node<'d>) -> bool| is(ours_node) && is(theirs_node) && base.is_none_or(is);
            if both(Node::is_mapping) {
                return Some(self.mappings(nodes));
            }
            if both(Node::is_list) && base.is_some() {
                return Some(self.lists(nodes));
            }
            if let (Some(base), Some(ours), Some(theirs)) = (
                base.and_then(Node::as_str),
                ours_node.as_str(),
                theirs_node.as_str(),
            ) && base.contains('\n')
            {
                let lines = |text: &'d str| text.split_inclusive('\n').collect::<Vec<_>>();
                if let Some(lines) = three_ways(&lines(base), &lines(ours), &lines(theirs), &strict)
                {
                    return Some(Json::from(lines.concat()));
                }
            }
        }
        self.conflict(nodes)
    }

    fn mappings(&mut self, nodes: Three<Option<Node<'d>>>) -> Json {
        let mut seen = HashSet::new();
        let keys = nodes
            .into_iter()
            .flatten()
            .flat_map(Node::entries)
            .map(|(key, _)| key);
        let keys: Vec<&str> = keys.filter(|key| seen.insert(*key)).collect();
        let mut merged = Map::new();
        for key in keys {
            self.steps.push(Step::Key(key));
            if let Some(value) = self.merge(nodes.map(|node| node.and_then(|node| node.get(key)))) {
                merged.insert(key.to_owned(), value);
            }
            self.steps.pop();
        }
        Json::Object(merged)
    }

    fn lists(&mut self, nodes: Three<Option<Node<'d>>>) -> Json {
        let items: Three<Vec<Node<'d>>> =
            nodes.map(|node| node.into_iter().flat_map(Node::items).collect());
        if let Some(names) = self.names(&items) {
            return self.by_name(&items, &names);
        }
        let indices: Three<Vec<(usize, usize)>> =
            std::array::from_fn(|side| (0..items[side].len()).map(|index| (side, index)).collect());
        let print = |(side, index): &(usize, usize)| self.prints[*side].get(items[*side][*index]);
        let prints: Three<Vec<u128>> =
            std::array::from_fn(|side| indices[side].iter().map(print).collect());
        let mut merged = Vec::new();
        for chunk in chunks(&prints[0], &prints[1], &prints[2]) {
            let part = |side: usize| &items[side][chunk[side].clone()];
            let same = |one: usize, other: usize| {
                prints[one][chunk[one].clone()] == prints[other][chunk[other].clone()]
            };
            let lengths = chunk.clone().map(|range| range.len());
            if same(1, 2) || same(0, 2) {
                merged.extend(part(1).iter().map(|node| node.to_json()));
            } else if same(0, 1) {
                merged.extend(part(2).iter().map(|node| node.to_json()));
            } else if lengths[0] == lengths[1] && lengths[0] == lengths[2] {
                for offset in 0..lengths[0] {
                    let at = |side: usize| chunk[side].start + offset;
                    self.steps.push(Step::Item {
                        before: Some(at(0)),
                        after: Some(at(1)),
                        label: None,
                    });
                    let item = self.merge(std::array::from_fn(|side| Some(items[side][at(side)])));
                    merged.extend(item);
                    self.steps.pop();
                }
            } else {
                return self.conflict(nodes).unwrap_or_default();
            }
        }
        Json::Array(merged)
    }

    /// What the items of the list here are known by, if that is so and nothing is
    /// there twice.
    fn names(&self, items: &Three<Vec<Node<'d>>>) -> Option<Three<Vec<(&'d str, &'d str)>>> {
        let keys = subject::keys(&self.steps);
        let has_type = match keys[..] {
            ["prerequisites"] => true,
            ["deployments"] => false,
            _ => return None,
        };
        let mut all: Three<Vec<(&str, &str)>> = Default::default();
        for (side, items) in items.iter().enumerate() {
            for item in items {
                let text = |key: &str| item.get(key).and_then(Node::as_str);
                let kind = if has_type { text("type")? } else { "" };
                all[side].push((kind, text("name")?));
            }
            let once: HashSet<_> = all[side].iter().collect();
            if once.len() < items.len() {
                return None;
            }
        }
        Some(all)
    }

    fn by_name(
        &mut self,
        items: &Three<Vec<Node<'d>>>,
        names: &Three<Vec<(&'d str, &'d str)>>,
    ) -> Json {
        let mut seen = HashSet::new();
        let all = names[1].iter().chain(&names[2]).chain(&names[0]);
        let all: Vec<_> = all.filter(|name| seen.insert(**name)).copied().collect();
        let mut merged = Vec::new();
        for name in all {
            let at: Three<Option<usize>> =
                std::array::from_fn(|side| names[side].iter().position(|found| *found == name));
            self.steps.push(Step::Item {
                before: at[0].or(at[2]),
                after: at[1].or(at[2]),
                label: Some(name.1),
            });
            let item = self.merge(std::array::from_fn(|side| {
                at[side].map(|index| items[side][index])
            }));
            merged.extend(item);
            self.steps.pop();
        }
        Json::Array(merged)
    }

    /// What both have changed: it is noted, unless one side is preferred.
    fn conflict(&mut self, nodes: Three<Option<Node<'d>>>) -> Option<Json> {
        if let Some(side) = self.preferred {
            return nodes[side as usize + 1].map(Node::to_json);
        }
        let named = subject::named(&self.steps, false);
        let is_shown = !matches!(
            named.subject,
            Subject::Secret | Subject::RegistryAuth | Subject::Prerequisite
        );
        let [base, ours, theirs] = nodes.map(|node| node.filter(|_| is_shown).map(shown::value));
        let path = subject::path(&self.steps, false);
        self.conflicts.push(Conflict {
            path,
            base,
            ours,
            theirs,
        });
        None
    }
}

/// The texts put together by lines; what both have changed by `both`. Whoever calls this
/// sees whether it means what it should.
fn texts(base: &str, ours: &str, theirs: &str, both: &TogetherBy<'_>) -> Option<String> {
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<_>>();
    let merged = three_ways(&lines(base), &lines(ours), &lines(theirs), both)?;
    Some(merged.concat())
}

/// Lines that both have changed, put together word by word.
fn by_words(base: &[&str], ours: &[&str], theirs: &[&str]) -> Option<Vec<String>> {
    if base.is_empty() {
        // Both have added something there.
        let gap = if ours.last().is_some_and(|line| !line.ends_with('\n')) {
            "\n"
        } else {
            ""
        };
        return Some(vec![format!("{}{gap}{}", ours.concat(), theirs.concat())]);
    }
    if base.len() == ours.len() && base.len() == theirs.len() {
        let mut merged = Vec::new();
        for ((base, ours), theirs) in base.iter().zip(ours).zip(theirs) {
            merged.push(match (base == ours, base == theirs || ours == theirs) {
                (_, true) => (*ours).to_owned(),
                (true, _) => (*theirs).to_owned(),
                _ => three_ways(&words(base), &words(ours), &words(theirs), &strict)?.concat(),
            });
        }
        return Some(merged);
    }
    let (base, ours, theirs) = (base.concat(), ours.concat(), theirs.concat());
    let merged = three_ways(&words(&base), &words(&ours), &words(&theirs), &strict)?;
    Some(vec![merged.concat()])
}

/// The texts put together in two ways that take one side's lines: where words do not go
/// together, and wherever both have changed the same lines.
fn preferring(side: Side, base: &str, ours: &str, theirs: &str) -> [Option<String>; 2] {
    let of_side = |ours: &[&str], theirs: &[&str]| {
        let lines = match side {
            Side::Ours => ours,
            Side::Theirs => theirs,
        };
        Some(vec![lines.concat()])
    };
    let words_first = |base: &[&str], ours: &[&str], theirs: &[&str]| {
        // What both have added may be the same thing twice.
        let words = by_words(base, ours, theirs).filter(|_| !base.is_empty());
        words.or_else(|| of_side(ours, theirs))
    };
    [
        texts(base, ours, theirs, &words_first),
        texts(base, ours, theirs, &|_, ours, theirs| of_side(ours, theirs)),
    ]
}

/// Words, and what stands between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let end = if is_word(first) {
            rest.find(|letter| !is_word(letter)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        words.push(&rest[..end]);
        rest = &rest[end..];
    }
    words
}

/// What both have changed differently is nothing that can be put together.
fn strict(_: &[&str], _: &[&str], _: &[&str]) -> Option<Vec<String>> {
    None
}

/// How stretches of base, ours and theirs become one, if they do.
type TogetherBy<'f> = dyn Fn(&[&str], &[&str], &[&str]) -> Option<Vec<String>> + 'f;

/// Puts three texts in pieces together; what both sides have changed is for somebody
/// else to put together.
fn three_ways(
    base: &[&str],
    ours: &[&str],
    theirs: &[&str],
    both: &TogetherBy<'_>,
) -> Option<Vec<String>> {
    // Pieces by number, so that they are compared as lists of other things are.
    let mut known = std::collections::HashMap::new();
    let mut numbers = |pieces: &[&str]| -> Vec<u128> {
        pieces
            .iter()
            .map(|piece| {
                let next = known.len() as u128;
                *known.entry((*piece).to_owned()).or_insert(next)
            })
            .collect()
    };
    let (base_numbers, our_numbers, their_numbers) =
        (numbers(base), numbers(ours), numbers(theirs));
    let mut merged = Vec::new();
    for [of_base, of_ours, of_theirs] in chunks(&base_numbers, &our_numbers, &their_numbers) {
        let (base, ours, theirs) = (&base[of_base], &ours[of_ours], &theirs[of_theirs]);
        let taken = if ours == theirs || base == theirs {
            ours
        } else if base == ours {
            theirs
        } else {
            merged.extend(both(base, ours, theirs)?);
            continue;
        };
        merged.extend(taken.iter().map(|piece| (*piece).to_owned()));
    }
    Some(merged)
}

/// Cuts three lists into stretches that belong together: those that are the same in
/// all, and those between them.
fn chunks(base: &[u128], ours: &[u128], theirs: &[u128]) -> Vec<Three<std::ops::Range<usize>>> {
    let partners = |other: &[u128]| {
        let mut partners = vec![None; base.len()];
        for (first, second) in sequence::common(base, other) {
            partners[first] = Some(second);
        }
        partners
    };
    let (in_ours, in_theirs) = (partners(ours), partners(theirs));
    let mut chunks = Vec::new();
    let mut at = [0, 0, 0];
    let mut cut = |at: &mut Three<usize>, to: Three<usize>| {
        if *at != to {
            chunks.push(std::array::from_fn(|side| at[side]..to[side]));
        }
        *at = to;
    };
    for index in 0..base.len() {
        if let (Some(our), Some(their)) = (in_ours[index], in_theirs[index]) {
            cut(&mut at, [index, our, their]);
            cut(&mut at, [index + 1, our + 1, their + 1]);
        }
    }
    cut(&mut at, [base.len(), ours.len(), theirs.len()]);
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "# first\nprotocolVersion: 2\nname: job # the name\ntype: job\nparameters:\n  lr: 0.1 # small\nprerequisites:\n- {name: a, type: dockerimage, uri: x:1}\ntaskRoles:\n  main:\n    instances: 1\n    dockerImage: a\n    resourcePerInstance:\n      cpu: 1\n      gpu: 1 # of them\n    commands:\n    - one\n    - |\n      two\n      three\n      four\n";

    fn changed(pieces: &[(&str, &str)]) -> String {
        pieces.iter().fold(BASE.to_owned(), |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replacen(old, new, 1)
        })
    }

    #[test]
    fn what_only_one_side_has_changed_is_taken_over() {
        for (ours, theirs) in [
            (("cpu: 1", "cpu: 4"), ("gpu: 1", "gpu: 2")),
            (
                ("lr: 0.1 # small", "lr: 0.2 # large"),
                ("# first", "# second"),
            ),
            (
                ("uri: x:1", "uri: x:2"),
                ("name: a,", "name: a, version: 3,"),
            ),
            (
                ("# small\n", "# small\n  epochs: 3\n"),
                ("# small\n", "# small\n  batch: 8\n"),
            ),
            (
                ("- one\n", "- zero\n    - one\n"),
                ("      four\n", "      five\n"),
            ),
            (("      two\n", "      2\n"), ("      four\n", "      4\n")),
            (("- one\n", "- won\n"), ("      two\n", "      2\n")),
            (("    instances: 1\n", ""), ("cpu: 1", "cpu: 2")),
            (
                ("- {name: a", "- {name: b, type: data}\n- {name: a"),
                ("x:1}\n", "x:1}\n- {name: c, type: data}\n"),
            ),
            (("job # the name", "job2 # a name"), ("cpu: 1", "cpu: 2")),
        ] {
            let (one, two, both) = (
                changed(&[ours]),
                changed(&[theirs]),
                changed(&[ours, theirs]),
            );
            let merged =
                merge(BASE, &one, &two).unwrap_or_else(|why| panic!("{ours:?} {theirs:?}: {why}"));
            if ours.0 != theirs.0 {
                assert_eq!(merged, both);
            }
            let turned = merge(BASE, &two, &one).expect("the other way round");
            assert!(compare(&merged, &turned).expect("two mappings").is_empty());
            assert_eq!(merge(BASE, &one, BASE), Ok(one.clone()));
            assert_eq!(merge(BASE, BASE, &one), Ok(one.clone()));
            assert_eq!(merge(BASE, &one, &one), Ok(one));
        }
    }

    #[test]
    fn what_both_have_changed_is_a_conflict_with_its_path() {
        for (ours, theirs, path) in [
            (
                ("cpu: 1", "cpu: 4"),
                ("cpu: 1", "cpu: 2"),
                "taskRoles.main.resourcePerInstance.cpu",
            ),
            (
                ("    instances: 1\n", ""),
                ("instances: 1", "instances: 2"),
                "taskRoles.main.instances",
            ),
            (
                ("uri: x:1", "uri: x:2"),
                ("uri: x:1", "uri: y:1"),
                "prerequisites[0].uri",
            ),
            (
                ("- one\n", "- won\n"),
                ("- one\n", "- uno\n"),
                "taskRoles.main.commands[0]",
            ),
            (
                ("- one\n", "- zero\n    - one\n"),
                ("- one\n", "- null\n    - one\n"),
                "taskRoles.main.commands",
            ),
            (
                ("      two\n", "      2\n"),
                ("      two\n", "      II\n"),
                "taskRoles.main.commands[1]",
            ),
            (
                ("# small\n", "# small\n  epochs: 3\n"),
                ("# small\n", "# small\n  epochs: 4\n"),
                "parameters.epochs",
            ),
        ] {
            let merged = merge(BASE, &changed(&[ours]), &changed(&[theirs]));
            let Err(Unmerged::Conflicts(conflicts)) = merged else {
                panic!("{ours:?} {theirs:?}: {merged:?}");
            };
            let paths: Vec<_> = conflicts
                .iter()
                .map(|conflict| conflict.path.as_str())
                .collect();
            assert_eq!(paths, [path]);
            for (side, change) in [(Side::Ours, ours), (Side::Theirs, theirs)] {
                let other = ("# first", "# other");
                let (one, two) = (changed(&[ours]), changed(&[theirs, other]));
                let merged = merge_preferring(side, BASE, &one, &two);
                assert_eq!(merged, Ok(changed(&[change, other])), "{path}: {side:?}");
            }
        }
        let secret = |value: &str| format!("{BASE}secrets: {{key: {value}}}\n");
        let Err(Unmerged::Conflicts(conflicts)) = merge(&secret("a"), &secret("b"), &secret("c"))
        else {
            panic!("a conflict");
        };
        assert_eq!(
            (conflicts[0].path.as_str(), &conflicts[0].ours),
            ("secrets.key", &None)
        );
    }

    #[test]
    fn what_cannot_be_written_is_not_handed_out() {
        assert_eq!(merge("a: [", BASE, BASE), Err(Unmerged::Unreadable));
        let json = yaml::parse(&changed(&[("cpu: 1", "cpu: 2")]))
            .expect("YAML")
            .root()
            .to_json()
            .to_string();
        let merged = merge(BASE, &json, &changed(&[("gpu: 1", "gpu: 2")]));
        assert_eq!(merged, Err(Unmerged::Texts));
    }
}
