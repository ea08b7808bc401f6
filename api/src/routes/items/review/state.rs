//! The states of review and how an author's doings move an item from one to
//! another. What admins do moves nothing by itself: the status is what they say.
//!
//! | | content changes | shared with more people | shared with nobody any more | all else |
//! |---|---|---|---|---|
//! | **approved**, or none | *pending* | *pending* | – | – |
//! | **pending** | – | *–*, else approved | approved | – |
//! | **pending**, rejected before | – | – | – | – |
//! | **rejected** | pending | – | – | – |
//! | **quarantined** | – | – | – | – |
//!
//! What is slanted holds where approval is required (`REQUIRE_APPROVAL`), and for
//! items that others than their author and admins may read; – is no move. An item
//! that was rejected and has been mended has the admin's note still: it waits for
//! an admin wherever its author moves it meanwhile.

use shared::wire::{Item, ItemStatus, Sharing};

/// What an author has done to an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// Something differs that an admin would have to look at again: what others
    /// read or run. Tags and categories, which the catalogue keeps, do not count.
    pub(super) content: bool,
    /// Somebody may read it now, as far as sharing is concerned, who could not.
    pub(super) wider: bool,
    /// Others than its author and admins may read it now.
    pub(super) shared: bool,
}

impl Change {
    pub(super) fn of(old: &Item, new: &Item) -> Self {
        let sharing = Sharing::from(new);
        Self {
            content: differs(old, new),
            wider: sharing.is_wider_than(&Sharing::from(old)),
            shared: sharing.leaves_author(),
        }
    }
}

/// Where an author's new item stands.
pub(super) fn of_new(required: bool, shared: bool) -> ItemStatus {
    if required && shared {
        ItemStatus::Pending
    } else {
        ItemStatus::Approved
    }
}

/// Where an item stands after an author's change. `rejected_before` says whether
/// it has an admin's note.
pub(super) fn after(
    required: bool,
    status: Option<ItemStatus>,
    rejected_before: bool,
    change: Change,
) -> Option<ItemStatus> {
    use ItemStatus::{Approved, Pending, Quarantined, Rejected};
    let Change {
        content,
        wider,
        shared,
    } = change;
    match status {
        None | Some(Approved) if required && shared && (content || wider) => Some(Pending),
        None | Some(Approved) => status,
        Some(Pending) if rejected_before => Some(Pending),
        Some(Pending) if !shared || wider && !required => Some(Approved),
        Some(Pending) => Some(Pending),
        Some(Rejected) if content => Some(Pending),
        Some(Rejected) => Some(Rejected),
        Some(Quarantined) => Some(Quarantined),
    }
}

fn differs(old: &Item, new: &Item) -> bool {
    old.name != new.name
        || old.kind != new.kind
        || old.data_type != new.data_type
        || old.data_url != new.data_url
        || old.license != new.license
        || old.use_blob != new.use_blob
        || old.summary != new.summary
        || old.description != new.description
        || old.protocol != new.protocol
}

#[cfg(test)]
mod tests {
    use super::*;
    use ItemStatus::{Approved, Pending, Quarantined, Rejected};

    #[test]
    fn of_new_items() {
        assert_eq!(of_new(true, true), Pending);
        assert_eq!(of_new(true, false), Approved);
        assert_eq!(of_new(false, true), Approved);
        assert_eq!(of_new(false, false), Approved);
    }

    /// State × change → state, where approval is required and where it is not.
    #[test]
    fn the_states_as_a_table() {
        let change = |content, wider, shared| Change {
            content,
            wider,
            shared,
        };
        let changes = [
            ("content", change(true, false, true)),
            ("more people", change(false, true, true)),
            ("both", change(true, true, true)),
            ("nobody any more", change(false, false, false)),
            ("content for nobody", change(true, false, false)),
            ("all else", change(false, false, true)),
        ];
        let (a, p, r) = (Some(Approved), Some(Pending), Some(Rejected));
        let q = Some(Quarantined);
        #[rustfmt::skip]
        let table = [
            // status, rejected before, required → after each of `changes`
            (None, false, true,  [p,    p,    p,    None, None, None]),
            (None, false, false, [None, None, None, None, None, None]),
            (a,    false, true,  [p,    p,    p,    a,    a,    a]),
            (a,    false, false, [a,    a,    a,    a,    a,    a]),
            (a,    true,  true,  [p,    p,    p,    a,    a,    a]),
            (a,    true,  false, [a,    a,    a,    a,    a,    a]),
            (p,    false, true,  [p,    p,    p,    a,    a,    p]),
            (p,    false, false, [p,    a,    a,    a,    a,    p]),
            (p,    true,  true,  [p,    p,    p,    p,    p,    p]),
            (p,    true,  false, [p,    p,    p,    p,    p,    p]),
            (r,    false, true,  [p,    r,    p,    r,    p,    r]),
            (r,    false, false, [p,    r,    p,    r,    p,    r]),
            (r,    true,  true,  [p,    r,    p,    r,    p,    r]),
            (r,    true,  false, [p,    r,    p,    r,    p,    r]),
            (q,    true,  true,  [q,    q,    q,    q,    q,    q]),
            (q,    true,  false, [q,    q,    q,    q,    q,    q]),
        ];
        for (status, rejected_before, required, wanted) in table {
            for ((what, change), wanted) in changes.into_iter().zip(wanted) {
                let state = after(required, status, rejected_before, change);
                let from = format!("{status:?}, before: {rejected_before}, required: {required}");
                assert_eq!(state, wanted, "{from}: {what}");
            }
        }
    }
}
