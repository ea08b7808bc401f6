//! Values as a change shows them.

use crate::protocol::yaml::{Node, Scalar};

use super::MAX_SHOWN;

/// A value on one side: scalars as commands get them, others as JSON.
pub(super) fn value(node: Node<'_>) -> String {
    cut(&whole(node), 0)
}

/// Two different values, of which only those lines are shown that differ; the
/// number is the first of them, if there are others.
pub(super) fn pair(before: Node<'_>, after: Node<'_>) -> (String, String, Option<u32>) {
    let (mut old, mut new) = (whole(before), whole(after));
    if old == new {
        // The same letters, but a number here and a text there.
        (old, new) = (before.to_json().to_string(), after.to_json().to_string());
    }
    if !old.contains('\n') || !new.contains('\n') {
        let same = same_start(&old, &new);
        return (cut(&old, same), cut(&new, same), None);
    }
    let (old_lines, new_lines): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let mut pairs = old_lines.iter().zip(&new_lines);
    let first = pairs.position(|(old, new)| old != new);
    // All that differs may be line breaks at the end.
    let first = first.unwrap_or(old_lines.len().min(new_lines.len()));
    let rest = old_lines.len().min(new_lines.len()) - first;
    let ends = old_lines.iter().rev().zip(new_lines.iter().rev());
    let last = ends.take(rest).take_while(|(old, new)| old == new).count();
    let (old_part, new_part) = (
        &old_lines[first..old_lines.len() - last],
        &new_lines[first..new_lines.len() - last],
    );
    if old_part.is_empty() && new_part.is_empty() {
        return (
            format!("{:?}", end_of(&old)),
            format!("{:?}", end_of(&new)),
            None,
        );
    }
    let (old_part, new_part) = (old_part.join("\n"), new_part.join("\n"));
    let same = same_start(&old_part, &new_part);
    let line = u32::try_from(first + 1).unwrap_or(u32::MAX);
    (cut(&old_part, same), cut(&new_part, same), Some(line))
}

/// The line breaks at a text's end, with the word before them.
fn end_of(text: &str) -> &str {
    let last = text.trim_end_matches('\n');
    let start = last.char_indices().rev().take(20).last();
    &text[start.map_or(0, |(start, _)| start)..]
}

fn whole(node: Node<'_>) -> String {
    match node.scalar() {
        Some(Scalar::Null) => "null".to_owned(),
        Some(_) => node.printed().unwrap_or_default(),
        None => node.to_json().to_string(),
    }
}

/// How many characters both begin with.
fn same_start(old: &str, new: &str) -> usize {
    old.chars()
        .zip(new.chars())
        .take_while(|(old, new)| old == new)
        .count()
}

/// At most [`MAX_SHOWN`] characters, from a little before the one that matters.
fn cut(text: &str, matters: usize) -> String {
    const BEFORE: usize = 40;
    if text.chars().nth(MAX_SHOWN).is_none() {
        return text.to_owned();
    }
    let skipped = if matters + BEFORE < MAX_SHOWN {
        0
    } else {
        matters - BEFORE
    };
    let mut shown = String::from(if skipped > 0 { "…" } else { "" });
    let room = MAX_SHOWN - 2;
    let mut rest = text.chars().skip(skipped);
    shown.extend(rest.by_ref().take(room));
    if rest.next().is_some() {
        shown.push('…');
    }
    shown
}
