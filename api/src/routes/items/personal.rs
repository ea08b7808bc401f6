//! What of an item depends on who looks at it.

use poem::http::StatusCode;
use shared::access::{Caller, Facts};
use shared::wire::{Item, Origin};

use crate::problem::Refusal;
use crate::store::{OfficialNames, Store};

/// What the item was copied from, if the caller may read that.
///
/// # Errors
/// When the database is out of reach.
pub(super) async fn origin(
    store: &Store,
    caller: &Caller,
    item: &Item,
) -> Result<Option<Origin>, Refusal> {
    let Some(Origin { id, .. }) = &item.copied_from else {
        return Ok(None);
    };
    let origin = match store.item(id, &caller.name).await {
        Err(refusal) if refusal.status == StatusCode::NOT_FOUND => return Ok(None),
        origin => origin?,
    };
    let readable = caller.may_read(&Facts::from(&origin));
    Ok(readable.then_some(Origin {
        id: origin.id,
        name: origin.name,
    }))
}

/// Hides from the caller what only authors and admins may read, and marks what may be
/// taken for official. Whatever sends items calls it last.
pub(super) fn fit(caller: &Caller, official: &OfficialNames, mut item: Item) -> Item {
    if !caller.may_see_review(&Facts::from(&item)) {
        item.review_note = None;
    }
    item.resembles_official = official.are_resembled_by(&item);
    // Whether the caller may know of it is found out where one item is asked for.
    item.copied_from = None;
    item
}
