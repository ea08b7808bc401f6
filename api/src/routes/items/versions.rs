//! `/items/{id}/versions`: what an item's protocol was before it was changed.

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param;
use poem_openapi::payload::PlainText;
use shared::access::{Caller, Facts};
use shared::wire::{Item, ItemChanges, Origin, Version, Withdrawal};

use super::super::Heading;
use super::super::text::check_reason;
use super::{Changing, Review, change, check_writer, personal, readable};
use crate::auth::SignedIn;
use crate::config::SharedSecrets;
use crate::etag::{self, IfMatch};
use crate::openapi::{InHeader, Json, Path, Tagged, Text};
use crate::problem::{self, Failure, Refusal, responses};
use store::Store;
use store::versions::Reason;

/// The routes.
pub struct Versions(pub(in super::super) Store);

#[OpenApi(tag = "Heading::Items")]
impl Versions {
    /// The versions of an item
    ///
    /// Newest first, without their protocols. Each change of the protocol makes one; the
    /// newest 500 are kept at least. Its author and admins are told of all, others of those
    /// that were shared while they were its protocol.
    #[oai(path = "/items/:id/versions", method = "get")]
    async fn list(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
    ) -> Result<Json<Vec<Version>>, Changing> {
        let item = readable(&self.0, &caller, &id).await?;
        let versions = self.0.versions(&item, sees_shared_only(&caller, &item));
        Ok(Json(versions.await?))
    }

    /// A version of an item, with its protocol
    #[oai(path = "/items/:id/versions/:number", method = "get")]
    async fn get(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        /// Its number, counted from 1.
        number: param::Path<i32>,
    ) -> Result<Json<Version>, Changing> {
        let item = readable(&self.0, &caller, &id).await?;
        let shared_only = sees_shared_only(&caller, &item);
        Ok(Json(self.0.version(&item, number.0, shared_only).await?))
    }

    /// Make a version the newest again
    ///
    /// The item's protocol becomes what it was; that makes a version of its own, so nothing
    /// is lost. With `If-Match` only if nobody else has changed the item since. What is said
    /// of changes of a protocol holds here too: it must be valid, and may have to be
    /// approved again.
    #[oai(path = "/items/:id/versions/:number/restore", method = "post")]
    async fn restore(
        &self,
        SignedIn(caller): SignedIn,
        Data(review): Data<&Review>,
        Data(secrets): Data<&SharedSecrets>,
        id: Path,
        /// Its number, counted from 1.
        number: param::Path<i32>,
        /// The `ETag` of the item that was looked at.
        #[oai(name = "If-Match")]
        expected: InHeader<IfMatch>,
    ) -> Result<
        Tagged<Text>,
        Failure<
            {
                responses::BAD_REQUEST
                    | responses::FORBIDDEN
                    | responses::NOT_FOUND
                    | responses::PRECONDITION_FAILED
            },
        >,
    > {
        let item = self.0.item(&id, &caller.name).await?;
        check_writer(&caller, &item)?;
        expected.check(&item)?;
        let changes = ItemChanges {
            protocol: self.0.version(&item, number.0, false).await?.protocol,
            ..ItemChanges::default()
        };
        change::check_protocol(&changes).await?;
        let reason = Reason {
            note: None,
            restored_from: Some(number.0),
        };
        let restored = |item: &Item| {
            check_writer(&caller, item)?;
            expected.check(item)?;
            Ok(change::apply(&caller, *review, item, changes.clone()))
        };
        let item = Box::pin(secrets.change(&self.0, &caller, reason, item, restored)).await?;
        tracing::info!(
            caller = caller.name,
            item = id.0,
            version = number.0,
            "version restored"
        );
        let item = personal::redact_one(&self.0, &caller, item).await?;
        Ok(Tagged {
            etag: etag::of_item(&item),
            body: PlainText("restored"),
        })
    }

    /// Withdraw a version
    ///
    /// Says that it should not be used any more, and why: it stays where it is, links to it
    /// still open, and whoever has used it within 90 days or follows the item is told. By the
    /// item's author and admins.
    #[oai(path = "/items/:id/versions/:number/withdrawal", method = "put")]
    async fn withdraw(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        /// Its number, counted from 1.
        number: param::Path<i32>,
        Data(secrets): Data<&SharedSecrets>,
        body: Json<Withdrawal>,
    ) -> Result<
        Text,
        Failure<{ responses::BODY_REFUSED | responses::FORBIDDEN | responses::NOT_FOUND }>,
    > {
        check_reason("reason", &body.0.reason)?;
        let reason = body.0.reason.trim();
        self.set_withdrawn(&caller, &id, number.0, Some(reason), |item| {
            secrets.check_text(&caller, item, ("reason", reason))
        })
        .await?;
        Ok(PlainText("withdrawn"))
    }

    /// Take a withdrawal back
    #[oai(path = "/items/:id/versions/:number/withdrawal", method = "delete")]
    async fn reinstate(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        /// Its number, counted from 1.
        number: param::Path<i32>,
    ) -> Result<Text, Changing> {
        self.set_withdrawn(&caller, &id, number.0, None, |_| Ok(()))
            .await?;
        Ok(PlainText("deleted"))
    }
}

impl Versions {
    async fn set_withdrawn(
        &self,
        caller: &Caller,
        id: &str,
        number: i32,
        reason: Option<&str>,
        check: impl FnOnce(&Item) -> Result<(), Refusal> + Send,
    ) -> Result<(), Refusal> {
        let is_withdrawn = reason.is_some();
        self.0
            .set_withdrawn(
                id,
                number,
                &caller.name,
                reason.map(str::to_owned),
                |item| {
                    check_writer(caller, item)?;
                    check(item)
                },
            )
            .await?;
        tracing::info!(
            caller = caller.name,
            item = id,
            version = number,
            is_withdrawn,
            "withdrawal of a version"
        );
        Ok(())
    }
}

/// The origin of a new item, with the version that is copied.
///
/// # Errors
/// 400 when the caller may not read it, or it has no such version.
pub(super) async fn copied(
    store: &Store,
    caller: &Caller,
    origin: &Origin,
) -> Result<Origin, Refusal> {
    let found = personal::origin(store, caller, origin).await?;
    let found = found.filter(|origin| !origin.gone).ok_or_else(|| {
        problem::bad_request(
            "The field `copiedFrom` names no item that you may read: leave it out, or name one.",
        )
    })?;
    let newest = found.newest.unwrap_or(1);
    let version = found.version.unwrap_or(newest);
    if !(1..=newest).contains(&version) {
        return Err(problem::bad_request(format!(
            "There is no version {version} to copy: the item has versions 1 to {newest}."
        )));
    }
    Ok(Origin {
        version: Some(version),
        ..found
    })
}

/// Checks which version of its origin an item is said to have.
///
/// # Errors
/// 400 when it is no copy, or its origin has no such version that the caller may read.
pub(super) async fn check_copied(
    store: &Store,
    caller: &Caller,
    item: &Item,
    changes: &ItemChanges,
) -> Result<(), Refusal> {
    let Some(version) = changes.copied_version else {
        return Ok(());
    };
    let origin = item.copied_from.as_ref().ok_or_else(|| {
        problem::bad_request("The field `copiedVersion` is for copies; this item is no copy.")
    })?;
    let wanted = Origin {
        version: Some(version),
        ..Origin::of(&*origin.id)
    };
    copied(store, caller, &wanted).await.map(drop)
}

fn sees_shared_only(caller: &Caller, item: &Item) -> bool {
    !caller.may_see_all_versions(&Facts::from(item))
}
