//! Whether tasks find room on nodes: what is whole on a node cannot be spread.

use crate::order;

/// The most steps of looking for a way where the first try fails. Each may be a call within
/// the one before, so it is also how deep they go.
const MAX_STEPS: u32 = 2_000;

/// Whether so many tasks of each size, as pairs of size and count, find room in such
/// nodes. First-fit-decreasing, the largest first; where sizes do not divide each
/// other that can miss a way, so others are tried, for a while.
pub(super) fn fits(tasks: &[(u64, u64)], nodes: &[u64]) -> bool {
    let mut tasks: Vec<(u64, u64)> = tasks
        .iter()
        .copied()
        .filter(|(size, count)| *size > 0 && *count > 0)
        .collect();
    let asked = tasks
        .iter()
        .map(|(size, count)| u128::from(*size) * u128::from(*count))
        .sum::<u128>();
    let there = nodes.iter().map(|node| u128::from(*node)).sum::<u128>();
    if asked > there {
        return false;
    }
    order::by(&mut tasks, |one, other| other.cmp(one));
    if first_fit(&tasks, nodes) {
        return true;
    }
    if tasks.windows(2).all(|pair| pair[0].0 % pair[1].0 == 0) {
        return false;
    }
    let mut nodes = nodes.to_vec();
    order::by(&mut nodes, u64::cmp);
    let mut steps = MAX_STEPS;
    search(&mut tasks, &mut nodes, &mut steps)
}

fn first_fit(tasks: &[(u64, u64)], nodes: &[u64]) -> bool {
    let mut nodes = nodes.to_vec();
    tasks.iter().all(|(size, count)| {
        let mut left = *count;
        for node in &mut nodes {
            let here = left.min(*node / size);
            *node -= here * size;
            left -= here;
        }
        left == 0
    })
}

/// Puts the largest task that is left on each node in turn.
fn search(tasks: &mut [(u64, u64)], nodes: &mut [u64], steps: &mut u32) -> bool {
    let Some(largest) = tasks.iter().position(|(_, count)| *count > 0) else {
        return true;
    };
    let size = tasks[largest].0;
    let mut tried = None;
    for index in 0..nodes.len() {
        if nodes[index] < size || tried == Some(nodes[index]) {
            continue;
        }
        if *steps == 0 {
            return false;
        }
        *steps -= 1;
        tried = Some(nodes[index]);
        nodes[index] -= size;
        tasks[largest].1 -= 1;
        let found = search(tasks, nodes, steps);
        nodes[index] += size;
        tasks[largest].1 += 1;
        if found {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_whole_on_a_node_is_not_spread() {
        assert!(fits(&[(4, 2)], &[4, 4]) && fits(&[(4, 2)], &[8]));
        assert!(!fits(&[(4, 2)], &[4, 3, 3]) && !fits(&[(8, 1)], &[4, 4]));
        assert!(fits(&[(0, 1000), (1, 3)], &[1, 1, 1]));
        assert!(fits(&[], &[]) && !fits(&[(1, 1)], &[]));
        assert!(!fits(&[(1, u64::MAX), (2, u64::MAX)], &[u64::MAX]));
    }

    #[test]
    fn other_ways_are_tried_where_the_first_fails() {
        // First fit puts 3 on the first node, and then 2 and 2 do not fit on the
        // second one.
        assert!(fits(&[(3, 1), (2, 2)], &[4, 3]));
        assert!(!fits(&[(3, 2), (2, 2)], &[5, 4]));
    }
}
