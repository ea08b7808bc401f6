//! How a database comes by the items of a page.
//!
//! Databases choose badly here: they plan a statement for keywords of any
//! frequency, or do not know how many items a code has. The server does, from the
//! last time that it counted them ([`crate::Store`]).

use sea_orm::sea_query::{Expr, Func};
use shared::wire::ItemFilter;

/// Items of which a list by relevance costs much to answer: it reads the text of
/// each.
const MANY: u64 = 2_000;

/// Which of two is better depends on how much there is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScanStrategy {
    /// All items are read in the order of the list, until enough of them match.
    OrderedScan,
    /// All that match are looked up in the index and then sorted.
    IndexThenSort,
}

/// What a page is chosen a strategy by, before the database is asked anything.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    /// The items up to the last one of the page; nothing for a whole list.
    pub(crate) rows: Option<u64>,
    /// See [`is_indexed`].
    pub(crate) is_indexed: bool,
    /// A keyword is looked for, and the order is by relevance or by name.
    pub(crate) is_by_keyword: bool,
    /// How many items match, as they were counted last.
    pub(crate) found: Option<u64>,
}

/// What can be said before the database is asked anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It is the database's to choose.
    Databases,
    /// This one, whatever there is.
    Always(ScanStrategy),
    /// The better one for so many rows of so many that are found: see
    /// [`ScanStrategy::choose`].
    ByNumbers { rows: u64, found: u64 },
}

impl Asked {
    /// By what the strategy is chosen. It is the database's to choose where only its own
    /// columns are asked, and for whole lists.
    pub(crate) fn rule(self) -> Rule {
        match (self.rows, self.found) {
            (None, _) => Rule::Databases,
            _ if !self.is_indexed => Rule::Databases,
            // There is no index of what fits best. And what a keyword finds often has it
            // in the name, so that it stands together, maybe at the end of all names.
            _ if self.is_by_keyword => Rule::Always(ScanStrategy::IndexThenSort),
            (_, None) => Rule::Always(ScanStrategy::IndexThenSort),
            (Some(rows), Some(found)) => Rule::ByNumbers { rows, found },
        }
    }
}

/// Whether the items of a filter are found by their codes.
pub(crate) fn is_indexed(filter: &ItemFilter, has_keyword: bool) -> bool {
    has_keyword
        || !filter.tags.is_empty()
        || !filter.categories.is_empty()
        || filter.official == Some(true)
        || filter.runs_here == Some(true)
}

/// Whether a list is read in its turn among those that read many texts: where codes do
/// not tell whether the keyword finds an item, and by relevance where it finds many.
/// `found` may be old.
pub(crate) fn reads_many_texts(
    codes_tell: bool,
    ranks_by_keyword: bool,
    found: Option<u64>,
) -> bool {
    !codes_tell || ranks_by_keyword && found.is_some_and(|found| found > MANY)
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
    fn a_strategy_is_wanted_for_pages_of_what_codes_find() {
        use Rule::{Always, ByNumbers, Databases};
        use ScanStrategy::IndexThenSort;

        let by_numbers = ByNumbers { rows: 20, found: 7 };
        for (rows, is_indexed, is_by_keyword, found, rule) in [
            (None, true, true, Some(7), Databases),
            (None, true, false, None, Databases),
            (Some(20), false, false, Some(7), Databases),
            (Some(20), true, true, Some(7), Always(IndexThenSort)),
            (Some(20), true, true, None, Always(IndexThenSort)),
            (Some(20), true, false, None, Always(IndexThenSort)),
            (Some(20), true, false, Some(7), by_numbers),
        ] {
            let asked = Asked {
                rows,
                is_indexed,
                is_by_keyword,
                found,
            };
            let said = format!("{rows:?} {is_indexed} {is_by_keyword} {found:?}");
            assert_eq!(asked.rule(), rule, "{said}");
        }
    }

    #[test]
    fn codes_stand_for_keywords_tags_categories_and_what_runs() {
        let none = ItemFilter::default;
        let names = || vec!["x".to_owned()];
        #[rustfmt::skip]
        let filters = [
            (ItemFilter { tags: names(), ..none() }, true),
            (ItemFilter { categories: names(), ..none() }, true),
            (ItemFilter { official: Some(true), ..none() }, true),
            (ItemFilter { official: Some(false), ..none() }, false),
            (ItemFilter { runs_here: Some(true), ..none() }, true),
            (ItemFilter { runs_here: Some(false), ..none() }, false),
            (ItemFilter { author: Some("x".to_owned()), ..none() }, false),
            (ItemFilter { starred: Some(true), ..none() }, false),
            (none(), false),
        ];
        for (filter, has_codes) in filters {
            assert_eq!(is_indexed(&filter, false), has_codes, "{filter:?}");
            assert!(is_indexed(&filter, true), "{filter:?}");
        }
    }

    #[test]
    fn many_texts_are_read_to_find_and_to_rank() {
        for (codes_tell, ranks, found, many) in [
            (false, false, None, true),
            (false, true, Some(0), true),
            (true, false, Some(MANY + 1), false),
            (true, true, None, false),
            (true, true, Some(MANY), false),
            (true, true, Some(MANY + 1), true),
        ] {
            let said = format!("{codes_tell} {ranks} {found:?}");
            assert_eq!(reads_many_texts(codes_tell, ranks, found), many, "{said}");
        }
    }

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
