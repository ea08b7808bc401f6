//! How the items of a page are come by.
//!
//! Databases choose badly here: they plan a statement for keywords of any
//! frequency, or do not know how many items a code has. The server does, from the
//! last time that it counted them.

use sea_orm::DbErr;
use sea_orm::sea_query::{Expr, Func};

use super::Store;
use super::counts::Question;
use super::list::{Page, Sort};
use super::wanted::Wanted;

/// One of two ways, of which the better one depends on how much there is to be
/// found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// All items are gone through in the order of the list, until there are enough
    /// that fit.
    Walk,
    /// All that fit are looked up and then sorted.
    Gather,
}

impl Way {
    /// The way to the first `rows` of those items, `found` out of `all`, that are
    /// asked for. Both numbers may be old.
    pub(super) fn to(rows: u64, found: u64, all: u64) -> Self {
        // As many as there are between one that fits and the next, for each row.
        let walked = rows.saturating_mul(all) / found.max(1);
        if walked < found {
            Self::Walk
        } else {
            Self::Gather
        }
    }

    /// A column to sort by, such that an index of it is used for walking only.
    pub(super) fn key(way: Option<Self>, column: Expr) -> Expr {
        match way {
            Some(Self::Gather) => Func::coalesce([column.clone(), column]).into(),
            Some(Self::Walk) | None => column,
        }
    }
}

impl Store {
    /// The way to a page of what `question` counts. It is the database's to choose
    /// where only its own columns are asked, and for whole lists.
    pub(super) async fn way(
        &self,
        wanted: Wanted<'_>,
        page: Page,
        question: &Question,
    ) -> Result<Option<Way>, DbErr> {
        let Page {
            limit: Some(limit),
            offset,
            sort,
        } = page
        else {
            return Ok(None);
        };
        if !wanted.is_indexed() {
            return Ok(None);
        }
        // There is no index of what fits best. And what a keyword finds often has it
        // in the name, so that it stands together, maybe at the end of all names.
        let has_keyword = wanted.plan.is_some();
        if has_keyword && matches!(sort, Sort::Relevance | Sort::Name) {
            return Ok(Some(Way::Gather));
        }
        let Some(found) = self.guess(question) else {
            return Ok(Some(Way::Gather));
        };
        let rows = offset.saturating_add(limit);
        Ok(Some(Way::to(rows, found, self.size().await?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_frequent_is_met_on_the_way() {
        assert_eq!(Way::to(20, 600, 10_000), Way::Walk);
        assert_eq!(Way::to(20, 300, 10_000), Way::Gather);
        assert_eq!(Way::to(20, 0, 10_000), Way::Gather);
        assert_eq!(Way::to(20, 100, 0), Way::Walk);
        assert_eq!(Way::to(500, 600, 10_000), Way::Gather);
        assert_eq!(Way::to(u64::MAX, u64::MAX, u64::MAX), Way::Walk);
    }
}
