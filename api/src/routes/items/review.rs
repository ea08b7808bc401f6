//! Review: what its author shares with others waits for an admin, and the
//! admin's verdict.
//!
//! With `REQUIRE_APPROVAL` an item of somebody who is no admin is `pending` as
//! soon as anybody but its author may see it: everybody, or a group, which may be
//! everybody too. Without it everything is `approved` unless an admin says
//! otherwise. [`state`] says how authors move their items from one state to
//! another.

mod state;

use poem_openapi::OpenApi;
use poem_openapi::payload::PlainText;
use shared::access::Caller;
use shared::wire::{Item, ItemStatus, MAX_REASON, Rejection, Sharing};

use self::state::Change;
use super::super::Heading;
use crate::auth::SignedIn;
use crate::etag::IfMatch;
use crate::openapi::{InHeader, Json, Path, Text};
use crate::problem::{self, Failure, Refusal, responses};
use store::Store;
use store::versions::Reason;

/// Whether what non-admins share waits for an admin.
#[derive(Clone, Copy, Debug)]
pub struct Review {
    /// `REQUIRE_APPROVAL`.
    pub required: bool,
}

/// The routes of the verdict.
pub struct Reviews(pub(in super::super) Store);

type Judging =
    Failure<{ responses::FORBIDDEN | responses::NOT_FOUND | responses::PRECONDITION_FAILED }>;

#[OpenApi(tag = "Heading::Items")]
impl Reviews {
    /// Let everybody see an item
    #[oai(path = "/items/:id/approve", method = "post")]
    async fn approve(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        /// The `ETag` of the version that was looked at.
        #[oai(name = "If-Match")]
        expected: InHeader<IfMatch>,
    ) -> Result<Text, Judging> {
        self.check_judge(&caller, &id).await?;
        self.judge(&caller, &id, &expected, ItemStatus::Approved, None)
            .await?;
        Ok(PlainText("approved"))
    }

    /// Keep an item from everybody but its author and admins
    ///
    /// The author reads the reason as the item's `reviewNote`.
    #[oai(path = "/items/:id/reject", method = "post")]
    async fn reject(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        /// The `ETag` of the version that was looked at.
        #[oai(name = "If-Match")]
        expected: InHeader<IfMatch>,
        body: Json<Rejection>,
    ) -> Result<
        Text,
        Failure<
            {
                responses::BODY_REFUSED
                    | responses::FORBIDDEN
                    | responses::NOT_FOUND
                    | responses::PRECONDITION_FAILED
            },
        >,
    > {
        self.hold_back(&caller, &id, &expected, ItemStatus::Rejected, body.0)
            .await?;
        Ok(PlainText("rejected"))
    }

    /// Take an item out of use
    ///
    /// For what does harm: nobody but its author and admins sees it, nobody makes a job of it,
    /// and whatever its author does, it stays so until an admin approves it. Whoever follows it
    /// or has used it within 90 days is told why.
    #[oai(path = "/items/:id/quarantine", method = "post")]
    async fn quarantine(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        /// The `ETag` of the version that was looked at.
        #[oai(name = "If-Match")]
        expected: InHeader<IfMatch>,
        body: Json<Rejection>,
    ) -> Result<
        Text,
        Failure<
            {
                responses::BODY_REFUSED
                    | responses::FORBIDDEN
                    | responses::NOT_FOUND
                    | responses::PRECONDITION_FAILED
            },
        >,
    > {
        self.hold_back(&caller, &id, &expected, ItemStatus::Quarantined, body.0)
            .await?;
        Ok(PlainText("quarantined"))
    }
}

impl Reviews {
    /// That there is no such item is told to everybody (docs/contract.md#3-the-api).
    async fn check_judge(&self, caller: &Caller, id: &str) -> Result<(), Refusal> {
        if caller.may_curate() {
            return Ok(());
        }
        self.0.item(id, &caller.name).await?;
        Err(problem::forbidden("Only admins review items."))
    }

    /// A verdict that keeps the item from others, which wants a reason.
    async fn hold_back(
        &self,
        caller: &Caller,
        id: &str,
        expected: &IfMatch,
        verdict: ItemStatus,
        Rejection { reason }: Rejection,
    ) -> Result<(), Refusal> {
        self.check_judge(caller, id).await?;
        check_note("reason", Some(&reason))?;
        self.judge(caller, id, expected, verdict, Some(reason))
            .await
    }

    async fn judge(
        &self,
        caller: &Caller,
        id: &str,
        expected: &IfMatch,
        verdict: ItemStatus,
        note: Option<String>,
    ) -> Result<(), Refusal> {
        let judged = |mut item: Item| {
            expected.check(&item)?;
            item.status = Some(verdict);
            item.review_note = note;
            Ok::<_, Refusal>(item)
        };
        let reason = Reason::default();
        self.0.update_item(id, &caller.name, reason, judged).await?;
        tracing::info!(caller = caller.name, item = id, %verdict, "item reviewed");
        Ok(())
    }
}

impl Review {
    /// Where a new item stands.
    pub(super) fn of_new(self, caller: &Caller, sharing: &Sharing) -> ItemStatus {
        let is_reviewed = self.required && !caller.admin;
        state::of_new(is_reviewed, sharing.leaves_author())
    }

    /// Where an item stands after a change.
    pub(super) fn of_changed(self, caller: &Caller, old: &Item, new: &Item) -> Option<ItemStatus> {
        if caller.admin {
            return new.status;
        }
        let rejected_before = old.review_note.is_some();
        let change = Change::of(old, new);
        state::after(self.required, old.status, rejected_before, change)
    }
}

/// Refuses a note that is blank or longer than a paragraph.
pub(super) fn check_note(field: &str, note: Option<&str>) -> Result<(), Refusal> {
    let Some(note) = note else {
        return Ok(());
    };
    let length = note.chars().count();
    if note.trim().is_empty() {
        return Err(problem::bad_request(format!(
            "The field `{field}` must not be empty: the author reads it."
        )));
    }
    if length > MAX_REASON {
        return Err(problem::bad_request(format!(
            "The field `{field}` is {length} characters long; it takes {MAX_REASON} at most."
        )));
    }
    Ok(())
}
