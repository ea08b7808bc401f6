//! What of an item depends on who looks at it.

use shared::access::{Caller, Facts};
use shared::wire::Item;

use store::OfficialNames;

/// Hides from the caller what only authors and admins may read, and marks what may be
/// taken for official. Whatever sends items calls it last.
pub(super) fn fit(caller: &Caller, official: &OfficialNames, mut item: Item) -> Item {
    if !caller.may_see_review(&Facts::from(&item)) {
        item.review_note = None;
    }
    item.resembles_official = official.are_resembled_by(&item);
    item
}
