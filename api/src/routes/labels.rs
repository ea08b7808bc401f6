//! What the routes of tags and categories have in common.

use poem_openapi::payload::PlainText;
use shared::access::Caller;
use shared::wire::{Created, LabelMerge};

use super::text::{check_line, check_name};
use crate::openapi::{Answer, Text};
use crate::problem::{self, Failure, Refusal, responses};
use store::Store;
use store::labels::{LabelChanges, LabelKind};

pub(super) type Listing = Failure<{ responses::BAD_REQUEST }>;
pub(super) type Reading = Failure<{ responses::NOT_FOUND }>;
pub(super) type Deleting = Failure<{ responses::FORBIDDEN | responses::NOT_FOUND }>;
pub(super) type Merging =
    Failure<{ responses::BODY_REFUSED | responses::FORBIDDEN | responses::NOT_FOUND }>;
pub(super) type Changing = Failure<
    { responses::BODY_REFUSED | responses::FORBIDDEN | responses::NOT_FOUND | responses::CONFLICT },
>;

/// Makes a label.
pub(super) async fn create(
    store: &Store,
    kind: LabelKind,
    caller: &Caller,
    mut new: LabelChanges,
) -> Result<Answer<201, Created>, Refusal> {
    check(&new)?;
    let name = new.name.take().unwrap_or_default();
    check_name("name", &name)?;
    let scope = caller.read_scope();
    let id = store
        .create_label(kind, &caller.name, scope, &name, new)
        .await?;
    Ok(Answer(Created { id }))
}

/// Changes what is mentioned.
pub(super) async fn update(
    store: &Store,
    kind: LabelKind,
    caller: &Caller,
    id: &str,
    changes: LabelChanges,
) -> Result<Text, Changing> {
    check_curator_of(store, kind, caller, id).await?;
    check(&changes)?;
    // Old names may be what is not taken any more, and clients send back what they got.
    if let Some(name) = &changes.name
        && let Err(refusal) = check_name("name", name)
        && store.label(kind, caller.read_scope(), id).await?.name != *name
    {
        return Err(refusal.into());
    }
    store.update_label(kind, &caller.name, id, changes).await?;
    Ok(PlainText("updated"))
}

/// Deletes it, and takes it from all items.
pub(super) async fn delete(
    store: &Store,
    kind: LabelKind,
    caller: &Caller,
    id: &str,
) -> Result<Text, Deleting> {
    check_curator_of(store, kind, caller, id).await?;
    store.delete_label(kind, &caller.name, id).await?;
    Ok(PlainText("deleted"))
}

/// Puts another one in its place.
pub(super) async fn merge(
    store: &Store,
    kind: LabelKind,
    caller: &Caller,
    id: &str,
    merge: LabelMerge,
) -> Result<Text, Merging> {
    check_curator_of(store, kind, caller, id).await?;
    store
        .merge_label(kind, &caller.name, id, &merge.into)
        .await?;
    Ok(PlainText("merged"))
}

/// That there is no such label is told to everybody (docs/contract.md#3-the-api).
async fn check_curator_of(
    store: &Store,
    kind: LabelKind,
    caller: &Caller,
    id: &str,
) -> Result<(), Refusal> {
    if !caller.may_curate() {
        store.label(kind, caller.read_scope(), id).await?;
    }
    check_curator(kind, caller)
}

/// Refuses whoever is no admin.
pub(super) fn check_curator(kind: LabelKind, caller: &Caller) -> Result<(), Refusal> {
    let why = match kind {
        LabelKind::Tag => "Only admins may change or delete tags: they belong to everybody.",
        LabelKind::Category => "Only admins keep the categories.",
    };
    problem::check(caller.may_curate(), why)
}

fn check(label: &LabelChanges) -> Result<(), Refusal> {
    let given = |text: &Option<Option<String>>| text.clone().flatten();
    check_line("color", given(&label.color).as_deref())?;
    check_line("description", given(&label.description).as_deref())
}
