//! From the body of `PUT /items/{id}` to the changed item. Rights are checked
//! against the item as it is, before the body is worked on and again while the
//! item is locked; nothing else is left to be refused then.

use shared::access::Caller;
use shared::wire::{
    Deprecation, Item, ItemChanges, ItemStatus, MAX_DESCRIPTION, MAX_PROTOCOL, OFFICIAL_CATEGORY,
    Origin, Sharing,
};

use super::super::text::{
    check_amount, check_line, check_name, check_names, check_reason, check_text, filled,
};
use super::review::{Review, check_note};
use super::validation::validate;
use super::{check_groups, check_official};
use crate::problem::{self, Refusal};

/// What the author reads when an admin gives no reason: one that has a note
/// waits for an admin once it is mended.
const NO_REASON: &str = "An admin has decided so without giving a reason.";

/// Checks the texts and lists of the body.
///
/// # Errors
/// 400 when one is over its limit.
pub(super) fn check_limits(
    caller: &Caller,
    item: &Item,
    changes: &ItemChanges,
) -> Result<(), Refusal> {
    if let Some(author) = &changes.author {
        check_name("author", author)?;
    }
    if let Some(name) = &changes.name
        && item.name.as_ref() != Some(name)
    {
        check_name("name", name)?;
    }
    check_line(
        "summary",
        changes.summary.as_ref().and_then(Option::as_deref),
    )?;
    check_line(
        "dataUrl",
        changes.data_url.as_ref().and_then(Option::as_deref),
    )?;
    check_line(
        "license",
        changes.license.as_ref().and_then(Option::as_deref),
    )?;
    check_line("versionNote", changes.version_note.as_deref())?;
    if let Some(Some(deprecation)) = &changes.deprecation {
        check_reason("deprecation.reason", &deprecation.reason)?;
    }
    check_names("tags", changes.tags.as_deref(), &item.tags)?;
    check_amount(
        "categories",
        changes.categories.as_deref().unwrap_or_default(),
    )?;
    check_names("groupList", changes.group_list.as_deref(), &item.group_list)?;
    // Ignored for everybody else.
    if caller.admin {
        let note = changes.review_note.as_ref();
        check_note("reviewNote", note.and_then(Option::as_deref))?;
    }
    Ok(())
}

/// Checks whether the caller, who may write the item, may change these of its
/// fields.
///
/// # Errors
/// 403 when an admin alone may, or a member of one of the groups.
pub(super) fn check_rights(
    caller: &Caller,
    item: &Item,
    changes: &ItemChanges,
) -> Result<(), Refusal> {
    if changes.author.is_some() && changes.author != item.author && !caller.admin {
        return Err(problem::forbidden(
            "Only admins may change the `author` of an item.",
        ));
    }
    if let Some(categories) = &changes.categories {
        let official = |names: &[String]| names.iter().any(|name| name == OFFICIAL_CATEGORY);
        if official(categories) != official(&item.categories) {
            check_official(caller)?;
        }
    }
    check_groups(caller, &sharing(item, changes), &item.group_list)
}

/// Checks the lengths of texts that differ from the item's: older ones that are longer
/// may be sent back as they are.
///
/// # Errors
/// 400 when one is over its limit.
pub(super) fn check_lengths(item: &Item, changes: &ItemChanges) -> Result<(), Refusal> {
    if changes.protocol != item.protocol {
        check_text("protocol", changes.protocol.as_deref(), MAX_PROTOCOL)?;
    }
    if let Some(description) = &changes.description
        && *description != item.description
    {
        check_text("description", description.as_deref(), MAX_DESCRIPTION)?;
    }
    Ok(())
}

/// Checks the protocol, which may take long.
///
/// # Errors
/// 400 when it is invalid.
pub(super) async fn check_protocol(changes: &ItemChanges) -> Result<(), Refusal> {
    if let Some(text) = &changes.protocol {
        validate(text).await?;
    }
    Ok(())
}

/// The item with the changes, which are checked.
pub(super) fn apply(caller: &Caller, review: Review, old: &Item, changes: ItemChanges) -> Item {
    let mut item = old.clone();
    let sharing = sharing(old, &changes);
    item.is_public = sharing.is_public;
    item.is_private = sharing.is_private;
    item.group_list = sharing.group_list;
    item.author = changes.author.or(item.author);
    item.name = changes.name.or(item.name);
    item.summary = changes.summary.unwrap_or(item.summary);
    item.data_url = changes.data_url.unwrap_or(item.data_url);
    if let Some(license) = changes.license {
        item.license = license.as_deref().and_then(filled);
    }
    if let Some(text) = changes.protocol {
        item.protocol = Some(text);
        item.protocol_valid = true;
    }
    if let Some(deprecation) = changes.deprecation {
        item.deprecation = deprecation.map(|new| Deprecation {
            reason: new.reason.trim().to_owned(),
            successor: new.successor.map(|origin| Origin::of(origin.id)),
            since: old.deprecation.as_ref().and_then(|old| old.since.clone()),
        });
    }
    if let Some(origin) = &mut item.copied_from {
        origin.version = changes.copied_version.or(origin.version);
    }
    item.tags = changes.tags.unwrap_or(item.tags);
    item.categories = changes.categories.unwrap_or(item.categories);
    item.kind = changes.kind.or(item.kind);
    item.source = changes.source.unwrap_or(item.source);
    item.data_type = changes.data_type.unwrap_or(item.data_type);
    item.use_blob = changes.use_blob.unwrap_or(item.use_blob);
    item.description = changes.description.unwrap_or(item.description);
    if caller.admin {
        item.review_note = changes.review_note.unwrap_or(item.review_note);
        if matches!(
            changes.status,
            Some(ItemStatus::Rejected | ItemStatus::Quarantined)
        ) {
            item.review_note.get_or_insert_with(|| NO_REASON.to_owned());
        }
        item.status = changes.status.or(item.status);
    }
    item.status = review.of_changed(caller, old, &item);
    item
}

/// Whom the item is shared with after the changes.
pub(super) fn sharing(item: &Item, changes: &ItemChanges) -> Sharing {
    let (is_public, is_private) = (changes.is_public, changes.is_private);
    Sharing::from(item).changed(is_public, is_private, changes.group_list.clone())
}
