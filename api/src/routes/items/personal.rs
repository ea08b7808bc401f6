//! What of an item depends on who looks at it.

use shared::access::{Caller, Facts};
use shared::wire::{Item, ItemChanges, Origin};

use crate::problem::{self, Refusal};
use store::{OfficialNames, Store, StoreError};

/// Hides from the caller what only authors and admins may read, and marks what may be
/// taken for official. Whatever sends items calls it last.
pub(super) fn redact(caller: &Caller, official: &OfficialNames, mut item: Item) -> Item {
    if !caller.may_see_review(&Facts::from(&item)) {
        item.review_note = None;
    }
    item.resembles_official = official.are_resembled_by(&item);
    // That is another item, which has to be looked at: see `redact_one`.
    item.copied_from = None;
    if let Some(deprecation) = &mut item.deprecation {
        deprecation.successor = None;
    }
    item
}

/// Does the same to one item, and says what it was copied from and what takes its place.
pub(super) async fn redact_one(
    store: &Store,
    caller: &Caller,
    item: Item,
) -> Result<Item, Refusal> {
    let named = async |origin: Option<&Origin>| match origin {
        Some(origin) => self::origin(store, caller, origin).await,
        None => Ok(None),
    };
    let origin = named(item.copied_from.as_ref()).await?;
    let deprecation = item.deprecation.as_ref();
    let successor = named(deprecation.and_then(|it| it.successor.as_ref())).await?;
    let official = store.official_names().await?;
    let mut item = redact(caller, &official, item);
    item.copied_from = origin;
    if let Some(deprecation) = &mut item.deprecation {
        deprecation.successor = successor;
    }
    Ok(item)
}

/// Another item that one names, as it is today: nothing if it is there and the caller may not read
/// it.
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

/// Checks what is to take the item's place.
///
/// # Errors
/// 400 when it is the item itself, or none that the caller may read.
pub(super) async fn check_successor(
    store: &Store,
    caller: &Caller,
    item: &Item,
    changes: &ItemChanges,
) -> Result<(), Refusal> {
    let deprecation = changes.deprecation.as_ref().and_then(Option::as_ref);
    let Some(successor) = deprecation.and_then(|it| it.successor.as_ref()) else {
        return Ok(());
    };
    let known = item
        .deprecation
        .as_ref()
        .and_then(|it| it.successor.as_ref());
    if known.is_some_and(|known| known.id == successor.id) {
        return Ok(());
    }
    let found = origin(store, caller, successor).await?;
    if successor.id == item.id || found.is_none_or(|found| found.gone) {
        return Err(problem::bad_request(
            "The field `deprecation.successor` names no other item that you may read: leave it out, or name one.",
        ));
    }
    Ok(())
}
