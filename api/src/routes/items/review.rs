//! Review: when a public item waits for an admin, and the admin's verdict.
//!
//! With `REQUIRE_APPROVAL` a public item of somebody who is no admin is
//! `pending` when it is made, when it becomes public, and when one of those of
//! its fields changes that others read or run; tags and categories, which the
//! catalogue keeps, do not count. An item that stops being public leaves the
//! review. Without it everything is `approved` unless an admin says otherwise, also
//! what has waited for nobody under the setting of before, or in a database of the
//! first marketplace, once it becomes public.
//! A rejected item goes back to `pending` when its author mends it, with or
//! without the setting.

use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::PlainText;
use shared::access::Caller;
use shared::wire::{Item, ItemStatus, MAX_REASON, Rejection};

use super::super::Heading;
use crate::auth::SignedIn;
use crate::etag::IfMatch;
use crate::openapi::{Json, Text};
use crate::problem::{self, Failure, Refusal, may};
use crate::store::Store;

/// Whether public items of non-admins wait for an admin.
#[derive(Clone, Copy, Debug)]
pub struct Review {
    /// `REQUIRE_APPROVAL`.
    pub required: bool,
}

/// The routes of the verdict.
pub struct Reviews(pub(in super::super) Store);

type Judging = Failure<{ may::FORBID | may::NOT_FIND | may::BE_OUTDATED }>;

#[OpenApi(tag = "Heading::Items")]
impl Reviews {
    /// Let everybody see an item
    #[oai(path = "/items/:id/approve", method = "post")]
    async fn approve(
        &self,
        SignedIn(caller): SignedIn,
        id: Path<String>,
        /// The `ETag` of the version that was looked at.
        #[oai(name = "If-Match")]
        expected: IfMatch,
    ) -> Result<Text, Judging> {
        self.check_judge(&caller, &id).await?;
        self.judge(&caller, &id, &expected, ItemStatus::Approved, None)
            .await?;
        Ok(PlainText("approved"))
    }

    /// Keep a public item from everybody but its author and admins
    ///
    /// The author reads the reason as the item's `reviewNote`.
    #[oai(path = "/items/:id/reject", method = "post")]
    async fn reject(
        &self,
        SignedIn(caller): SignedIn,
        id: Path<String>,
        /// The `ETag` of the version that was looked at.
        #[oai(name = "If-Match")]
        expected: IfMatch,
        body: Json<Rejection>,
    ) -> Result<Text, Failure<{ may::READ_BODY | may::FORBID | may::NOT_FIND | may::BE_OUTDATED }>>
    {
        self.check_judge(&caller, &id).await?;
        let reason = body.0.reason;
        check_note("reason", Some(&reason))?;
        self.judge(&caller, &id, &expected, ItemStatus::Rejected, Some(reason))
            .await?;
        Ok(PlainText("rejected"))
    }
}

impl Reviews {
    /// That there is no such item is told to everybody (contract, section 3).
    async fn check_judge(&self, caller: &Caller, id: &str) -> Result<(), Refusal> {
        if caller.may_curate() {
            return Ok(());
        }
        self.0.item(id, &caller.name).await?;
        Err(problem::forbidden("Only admins review items."))
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
            Ok(item)
        };
        self.0.update_item(id, &caller.name, judged).await?;
        tracing::info!(caller = caller.name, item = id, %verdict, "item reviewed");
        Ok(())
    }
}

impl Review {
    /// Where a new item stands.
    pub(super) fn of_new(self, caller: &Caller, is_public: bool) -> ItemStatus {
        if self.required && is_public && !caller.admin {
            ItemStatus::Pending
        } else {
            ItemStatus::Approved
        }
    }

    /// Where an item stands after a change.
    pub(super) fn of_changed(self, caller: &Caller, old: &Item, new: &Item) -> Option<ItemStatus> {
        if caller.admin {
            return new.status;
        }
        let reworded = differs(old, new);
        let mended = reworded && old.status == Some(ItemStatus::Rejected);
        let opened = new.is_public && !old.is_public;
        let closed = old.is_public && !new.is_public;
        // One with a note waits for the admin who rejected it.
        let forgotten =
            opened && old.status == Some(ItemStatus::Pending) && old.review_note.is_none();
        if new.is_public && (mended || self.required && (reworded || opened)) {
            Some(ItemStatus::Pending)
        } else if self.required && closed || !self.required && forgotten {
            Some(ItemStatus::Approved)
        } else {
            new.status
        }
    }
}

/// Whether an admin would have to look again.
fn differs(old: &Item, new: &Item) -> bool {
    old.name != new.name
        || old.kind != new.kind
        || old.data_type != new.data_type
        || old.data_url != new.data_url
        || old.use_blob != new.use_blob
        || old.summary != new.summary
        || old.description != new.description
        || old.protocol != new.protocol
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
