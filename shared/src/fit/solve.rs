//! How many cells of each kind there are, of which only the sum is told.

use super::cluster::Resources;

/// The counts of cells, one for each SKU, whose resources add up to that sum: if
/// there is exactly one answer, which wants at most three SKUs that are no mixture of
/// each other.
pub(super) fn cells(sum: Resources, skus: &[Resources]) -> Option<Vec<u64>> {
    let rows = |of: Resources| {
        [
            i128::from(of.gpu),
            i128::from(of.cpu),
            i128::from(of.memory),
        ]
    };
    let columns: Vec<[i128; 3]> = skus.iter().map(|sku| rows(*sku)).collect();
    let sum = rows(sum);
    let choices: &[&[usize]] = match columns.len() {
        0 => return (sum == [0; 3]).then(Vec::new),
        1 => &[&[0], &[1], &[2]],
        2 => &[&[0, 1], &[0, 2], &[1, 2]],
        3 => &[&[0, 1, 2]],
        _ => return None,
    };
    let (chosen, whole) = choices.iter().find_map(|chosen| {
        let whole = determinant(chosen, &columns);
        (whole != 0).then_some((*chosen, whole))
    })?;
    let counts: Vec<i128> = (0..columns.len())
        .map(|index| {
            let mut columns = columns.clone();
            columns[index] = sum;
            let part = determinant(chosen, &columns);
            (part % whole == 0).then_some(part / whole)
        })
        .collect::<Option<_>>()?;
    let adds_up = (0..3).all(|row| {
        let parts = counts.iter().zip(&columns);
        parts
            .map(|(count, column)| count * column[row])
            .sum::<i128>()
            == sum[row]
    });
    let counts: Option<Vec<u64>> = counts
        .into_iter()
        .map(|count| u64::try_from(count).ok())
        .collect();
    counts.filter(|_| adds_up)
}

/// Of the chosen rows of the columns. Numbers are far below 2^53 each: three of them
/// multiplied, and a few of that added, could be more than fits, so that counts as 0.
fn determinant(rows: &[usize], columns: &[[i128; 3]]) -> i128 {
    let at = |row: usize, column: usize| columns[column][rows[row]];
    let product = |of: &[i128]| of.iter().try_fold(1_i128, |all, one| all.checked_mul(*one));
    let all = match rows.len() {
        1 => Some(at(0, 0)),
        2 => (|| product(&[at(0, 0), at(1, 1)])?.checked_sub(product(&[at(0, 1), at(1, 0)])?))(),
        _ => (|| {
            let mut sum = 0_i128;
            for (a, b, c) in [(0, 1, 2), (1, 2, 0), (2, 0, 1)] {
                sum = sum.checked_add(product(&[at(0, a), at(1, b), at(2, c)])?)?;
                sum = sum.checked_sub(product(&[at(0, c), at(1, b), at(2, a)])?)?;
            }
            Some(sum)
        })(),
    };
    all.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sku(gpu: u64, cpu: u64, memory: u64) -> Resources {
        Resources { gpu, cpu, memory }
    }

    #[test]
    fn sums_are_taken_apart_where_there_is_one_way() {
        let (large, small, none) = (sku(1, 5, 56_334), sku(1, 4, 20_000), sku(0, 1, 10_240));
        assert_eq!(cells(sku(3, 15, 169_002), &[large]), Some(vec![3]));
        assert_eq!(cells(sku(3, 14, 169_002), &[large]), None);
        let sum = sku(7, 5 * 2 + 4 * 5 + 3, 56_334 * 2 + 20_000 * 5 + 3 * 10_240);
        assert_eq!(cells(sum, &[large, small, none]), Some(vec![2, 5, 3]));
        assert_eq!(cells(sku(0, 0, 0), &[large, none]), Some(vec![0, 0]));
        // Twice the same, or one a multiple of the other: any of many ways.
        assert_eq!(cells(sku(4, 16, 80_000), &[small, small]), None);
        assert_eq!(cells(sku(4, 16, 80_000), &[small, sku(2, 8, 40_000)]), None);
        assert_eq!(cells(sku(1, 1, 1), &[large, small, none, none]), None);
        assert_eq!(cells(sku(0, 0, 0), &[]), Some(vec![]));
        let huge = 9_000_000_000_000_000;
        assert_eq!(
            cells(sku(huge, huge, huge), &[sku(1, 1, 1)]),
            Some(vec![huge])
        );
        assert_eq!(
            cells(
                sku(huge, 1, huge),
                &[sku(huge, 1, 3), sku(1, huge, 5), sku(5, 3, huge)]
            ),
            None
        );
    }
}
