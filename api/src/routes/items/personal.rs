//! What of an item depends on who looks at it.

use shared::access::{Caller, Facts};
use shared::wire::{Item, Origin};

use crate::problem::Refusal;
use store::{OfficialNames, Store, StoreError};

/// Hides from the caller what only authors and admins may read, and marks what may be
/// taken for official. Whatever sends items calls it last.
pub(super) fn fit(caller: &Caller, official: &OfficialNames, mut item: Item) -> Item {
    if !caller.may_see_review(&Facts::from(&item)) {
        item.review_note = None;
    }
    item.resembles_official = official.are_resembled_by(&item);
    // That is another item, which has to be looked at: see `fit_one`.
    item.copied_from = None;
    item
}

/// Does the same to one item, and says what it was copied from.
///
/// # Errors
/// When the database is out of reach.
pub(super) async fn fit_one(store: &Store, caller: &Caller, item: Item) -> Result<Item, Refusal> {
    let origin = match &item.copied_from {
        Some(origin) => self::origin(store, caller, origin).await?,
        None => None,
    };
    let official = store.official_names().await?;
    Ok(Item {
        copied_from: origin,
        ..fit(caller, &official, item)
    })
}

/// An origin of items as it is today: nothing if it is there and the caller may not read
/// it.
///
/// # Errors
/// When the database is out of reach.
pub(super) async fn origin(
    store: &Store,
    caller: &Caller,
    origin: &Origin,
) -> Result<Option<Origin>, Refusal> {
    let copied = Origin {
        version: origin.version,
        ..Origin::of(&*origin.id)
    };
    let item = match store.item(&origin.id, &caller.name).await {
        Err(StoreError::NotFound { .. }) => {
            return Ok(Some(Origin {
                gone: true,
                ..copied
            }));
        }
        item => item?,
    };
    let readable = caller.may_read(&Facts::from(&item));
    Ok(readable.then_some(Origin {
        name: item.name,
        newest: Some(item.version),
        ..copied
    }))
}
