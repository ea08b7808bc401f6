//! Aligns two lists: what stands in both, in order.

use std::collections::HashMap;

use crate::order;

/// The most comparisons of one stretch of two lists. Beyond it, only what is
/// there once on each side holds them together.
const MAX_CELLS: usize = 1_000_000;

/// Pairs of equal items, by their indices, both of which grow: as many as there
/// can be, or in long lists nearly.
pub(super) fn common(before: &[u128], after: &[u128]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    stretch(before, after, (0, 0), true, &mut pairs);
    pairs
}

fn stretch(
    mut before: &[u128],
    mut after: &[u128],
    mut offset: (usize, usize),
    may_anchor: bool,
    pairs: &mut Vec<(usize, usize)>,
) {
    while let ([first, before_rest @ ..], [second, after_rest @ ..]) = (before, after)
        && first == second
    {
        pairs.push(offset);
        offset = (offset.0 + 1, offset.1 + 1);
        (before, after) = (before_rest, after_rest);
    }
    let mut tail = Vec::new();
    while let ([before_rest @ .., first], [after_rest @ .., second]) = (before, after)
        && first == second
    {
        (before, after) = (before_rest, after_rest);
        tail.push((offset.0 + before.len(), offset.1 + after.len()));
    }
    if before.len().saturating_mul(after.len()) <= MAX_CELLS {
        longest(before, after, offset, pairs);
    } else if may_anchor {
        let mut last = (0, 0);
        for (first, second) in anchors(before, after) {
            let at = (offset.0 + last.0, offset.1 + last.1);
            stretch(
                &before[last.0..first],
                &after[last.1..second],
                at,
                false,
                pairs,
            );
            pairs.push((offset.0 + first, offset.1 + second));
            last = (first + 1, second + 1);
        }
        let at = (offset.0 + last.0, offset.1 + last.1);
        stretch(&before[last.0..], &after[last.1..], at, false, pairs);
    }
    pairs.extend(tail.into_iter().rev());
}

/// The longest common subsequence.
fn longest(
    before: &[u128],
    after: &[u128],
    offset: (usize, usize),
    pairs: &mut Vec<(usize, usize)>,
) {
    let width = after.len() + 1;
    let mut best = vec![0_u32; (before.len() + 1) * width];
    for (row, first) in before.iter().enumerate().rev() {
        for (column, second) in after.iter().enumerate().rev() {
            let (here, below) = (row * width + column, (row + 1) * width + column);
            best[here] = if first == second {
                best[below + 1] + 1
            } else {
                best[below].max(best[here + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    while row < before.len() && column < after.len() {
        let (here, below) = (row * width + column, (row + 1) * width + column);
        if before[row] == after[column] {
            pairs.push((offset.0 + row, offset.1 + column));
            (row, column) = (row + 1, column + 1);
        } else if best[below] >= best[here + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
}

/// What is there once on each side and in the same order: the longest row of it.
fn anchors(before: &[u128], after: &[u128]) -> Vec<(usize, usize)> {
    let mut places: HashMap<u128, [Option<(usize, bool)>; 2]> = HashMap::new();
    for (side, list) in [before, after].into_iter().enumerate() {
        for (index, item) in list.iter().enumerate() {
            let place = &mut places.entry(*item).or_default()[side];
            *place = Some((index, place.is_none()));
        }
    }
    let mut both: Vec<(usize, usize)> = places
        .into_values()
        .filter_map(|place| match place {
            [Some((first, true)), Some((second, true))] => Some((first, second)),
            _ => None,
        })
        .collect();
    order::by(&mut both, Ord::cmp);
    // The ends of the rows so far, by length, and what stands before each.
    let (mut ends, mut previous): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), Vec::new());
    for (index, (_, second)) in both.iter().enumerate() {
        let length = ends.partition_point(|end| both[*end].1 < *second);
        previous.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut row = Vec::new();
    let mut at = ends.last().copied();
    while let Some(index) = at {
        row.push(both[index]);
        at = previous[index];
    }
    row.reverse();
    row
}

/// Pairs of items that are alike, from two stretches without equal ones: such
/// that their order stays and their likeness, from 0 to 1, is greatest. One
/// item against one is a pair, whatever it is.
pub(super) fn alike(
    before: usize,
    after: usize,
    likeness: impl Fn(usize, usize) -> f32,
) -> Vec<(usize, usize)> {
    /// Beyond it, items are taken one after the other.
    const MAX_PAIRS: usize = 10_000;
    const LEAST: f32 = 0.4;
    if before.saturating_mul(after) > MAX_PAIRS || (before, after) == (1, 1) {
        return (0..before.min(after)).map(|index| (index, index)).collect();
    }
    let width = after + 1;
    let worth: Vec<f32> = (0..before * after)
        .map(|cell| likeness(cell / after, cell % after))
        .collect();
    let mut best = vec![0_f32; (before + 1) * width];
    for row in (0..before).rev() {
        for column in (0..after).rev() {
            let (here, below) = (row * width + column, (row + 1) * width + column);
            let worth = worth[row * after + column];
            let paired = if worth >= LEAST {
                best[below + 1] + worth
            } else {
                0.0
            };
            best[here] = paired.max(best[below]).max(best[here + 1]);
        }
    }
    let mut pairs = Vec::new();
    let (mut row, mut column) = (0, 0);
    while row < before && column < after {
        let (here, below) = (row * width + column, (row + 1) * width + column);
        if best[here] <= best[below] {
            row += 1;
        } else if best[here] <= best[here + 1] {
            column += 1;
        } else {
            pairs.push((row, column));
            (row, column) = (row + 1, column + 1);
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Vec<u128> {
        text.bytes().map(u128::from).collect()
    }

    #[test]
    fn the_longest_common_row_is_found() {
        let row = |before: &str, after: &str| {
            let (before, after) = (letters(before), letters(after));
            let pairs = common(&before, &after);
            assert!(
                pairs
                    .windows(2)
                    .all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1)
            );
            assert!(pairs.iter().all(|(a, b)| before[*a] == after[*b]));
            pairs.len()
        };
        assert_eq!(row("", ""), 0);
        assert_eq!(row("abcd", "abcd"), 4);
        assert_eq!(row("abcd", "bd"), 2);
        assert_eq!(row("abcbdab", "bdcaba"), 4);
        assert_eq!(row("xaby", "aby"), 3);
    }

    #[test]
    fn long_lists_are_held_together_by_what_is_there_once() {
        let before: Vec<u128> = (0..20_000).collect();
        let mut after = before.clone();
        after.splice(5000..5010, [99_999]);
        after.insert(15_000, 99_998);
        after.rotate_left(1);
        assert_eq!(common(&before, &after).len(), 20_000 - 10 - 1);
        // Nothing but repetition: the ends are all that is found, and soon.
        let (many, more) = (vec![1; 30_000], vec![1; 40_000]);
        assert_eq!(common(&many, &more).len(), 30_000);
    }

    #[test]
    fn what_is_alike_is_paired_in_order() {
        let likeness = |first: usize, second: usize| if first + 1 == second { 0.9 } else { 0.1 };
        assert_eq!(alike(3, 3, likeness), [(0, 1), (1, 2)]);
        assert_eq!(alike(1, 1, |_, _| 0.0), [(0, 0)]);
        assert_eq!(alike(2, 2, |_, _| 0.0), []);
        assert_eq!(alike(200, 200, |_, _| 0.0).len(), 200);
    }
}
