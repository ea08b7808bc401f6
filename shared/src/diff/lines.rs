//! Two texts line by line.

use std::collections::HashMap;

use super::sequence;

/// A line, without what ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'t> {
    /// Both texts have it.
    Same(&'t str),
    /// Only the older one.
    Removed(&'t str),
    /// Only the newer one.
    Added(&'t str),
    /// So many lines that are the same stand here, and are left out.
    Gap(usize),
}

/// What of two texts differs, with so many lines of `context` around it; what was removed
/// stands before what was added in its place. Nothing if they are the same but for how
/// their lines end.
pub fn lines<'t>(older: &'t str, newer: &'t str, context: usize) -> Vec<Line<'t>> {
    let [before, after] = [older, newer].map(|text| text.lines().collect::<Vec<_>>());
    let mut known = HashMap::new();
    let mut numbers = |lines: &[&'t str]| -> Vec<u128> {
        lines
            .iter()
            .map(|line| {
                let next = known.len() as u128;
                *known.entry(*line).or_insert(next)
            })
            .collect()
    };
    let pairs = sequence::common(&numbers(&before), &numbers(&after));
    let mut all = Vec::new();
    let (mut left, mut right) = (0, 0);
    for (first, second) in pairs.into_iter().chain([(before.len(), after.len())]) {
        all.extend(before[left..first].iter().map(|line| Line::Removed(line)));
        all.extend(after[right..second].iter().map(|line| Line::Added(line)));
        all.extend(before.get(first).map(|line| Line::Same(line)));
        (left, right) = (first + 1, second + 1);
    }
    shortened(&all, context)
}

fn shortened<'t>(all: &[Line<'t>], context: usize) -> Vec<Line<'t>> {
    let mut near = vec![false; all.len()];
    for (index, _) in all.iter().enumerate().filter(|(_, line)| differs(line)) {
        let end = all.len().min(index + context + 1);
        near[index.saturating_sub(context)..end].fill(true);
    }
    let mut shown = Vec::new();
    for (line, near) in all.iter().zip(near) {
        match (near, shown.last_mut()) {
            (true, _) => shown.push(*line),
            (false, Some(Line::Gap(count))) => *count += 1,
            (false, _) => shown.push(Line::Gap(1)),
        }
    }
    if shown.iter().any(differs) {
        shown
    } else {
        Vec::new()
    }
}

fn differs(line: &Line<'_>) -> bool {
    matches!(line, Line::Removed(_) | Line::Added(_))
}

#[cfg(test)]
mod tests {
    use super::Line::{Added, Gap, Removed, Same};
    use super::*;

    #[test]
    fn what_differs_stands_among_its_neighbours() {
        let older = "a\nb\nc\nd\ne\nf\ng\n";
        let newer = "a\nb\nc\nD\ne\nf\ng\nh";
        assert_eq!(
            lines(older, newer, 1),
            [
                Gap(2),
                Same("c"),
                Removed("d"),
                Added("D"),
                Same("e"),
                Gap(1),
                Same("g"),
                Added("h"),
            ]
        );
        assert_eq!(lines(older, newer, 0).len(), 5);
        assert_eq!(lines(older, newer, 100).len(), 9);
    }

    #[test]
    fn nothing_is_said_of_equal_texts() {
        assert_eq!(lines("a\r\nb", "a\nb\n", 3), []);
        assert_eq!(lines("", "", 3), []);
        assert_eq!(lines("", "a", 3), [Added("a")]);
        assert_eq!(lines("a", "", 3), [Removed("a")]);
    }

    // It is no crate for the browser.
    #[cfg(not(target_family = "wasm"))]
    proptest::proptest! {
        #[test]
        fn both_texts_can_be_read_from_it(older in "([ab]\n){0,12}", newer in "([abc]\n){0,12}") {
            let all = lines(&older, &newer, usize::MAX / 4);
            if older == newer {
                proptest::prop_assert!(all.is_empty());
            } else {
                let side = |is_older: bool| -> String {
                    let lines = all.iter().filter_map(|line| match line {
                        Same(text) => Some(text),
                        Removed(text) => is_older.then_some(text),
                        Added(text) => (!is_older).then_some(text),
                        Gap(_) => None,
                    });
                    lines.flat_map(|line| [*line, "\n"]).collect()
                };
                proptest::prop_assert_eq!(side(true), older.as_str());
                proptest::prop_assert_eq!(side(false), newer.as_str());
            }
        }
    }
}
