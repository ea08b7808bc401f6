//! How a database comes by the items of a page.
//!
//! Databases choose badly here: they plan a statement for keywords of any
//! frequency, or do not know how many items a code has. The server does, from the
//! last time that it counted them ([`crate::Store`]).

use sea_orm::sea_query::{Expr, Func};

/// Which of two is better depends on how much there is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScanStrategy {
    /// All items are read in the order of the list, until enough of them match.
    OrderedScan,
    /// All that match are looked up in the index and then sorted.
    IndexThenSort,
}

impl ScanStrategy {
    /// The better one for the first `rows` of those items, `found` out of `all`, that are
    /// asked for. Both numbers may be old.
    pub(crate) fn choose(rows: u64, found: u64, all: u64) -> Self {
        // As many as there are between one that matches and the next, for each row.
        let scanned = rows.saturating_mul(all) / found.max(1);
        if scanned < found {
            Self::OrderedScan
        } else {
            Self::IndexThenSort
        }
    }

    /// A column to sort by, such that an index of it is used for ordered scans only.
    pub(crate) fn sort_key(strategy: Option<Self>, column: Expr) -> Expr {
        match strategy {
            Some(Self::IndexThenSort) => Func::coalesce([column.clone(), column]).into(),
            Some(Self::OrderedScan) | None => column,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_frequent_is_met_in_an_ordered_scan() {
        for (rows, found, all, strategy) in [
            (20, 600, 10_000, ScanStrategy::OrderedScan),
            (20, 300, 10_000, ScanStrategy::IndexThenSort),
            (20, 0, 10_000, ScanStrategy::IndexThenSort),
            (20, 100, 0, ScanStrategy::OrderedScan),
            (500, 600, 10_000, ScanStrategy::IndexThenSort),
            (u64::MAX, u64::MAX, u64::MAX, ScanStrategy::OrderedScan),
        ] {
            assert_eq!(
                ScanStrategy::choose(rows, found, all),
                strategy,
                "{rows} of {found} in {all}"
            );
        }
    }
}
