//! What of an item depends on who looks at it.

use sea_orm::DbErr;
use shared::access::{Caller, Facts};
use shared::wire::Item;

use crate::store::Store;

/// Fits items to the caller: marks those that the caller has starred, and hides
/// what only authors and admins may read. Whatever sends items calls it last.
pub(super) async fn fit(store: &Store, caller: &Caller, items: &mut [Item]) -> Result<(), DbErr> {
    for item in items.iter_mut() {
        if !caller.may_see_review(&Facts::from(&*item)) {
            item.review_note = None;
        }
    }
    store.mark_starred(&caller.name, items).await
}
