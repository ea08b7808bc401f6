//! From the body of `PUT /items/{id}` to the changed item, for a caller who may
//! write it.

use shared::access::Caller;
use shared::protocol;
use shared::wire::{Item, ItemChanges, OFFICIAL_CATEGORY, Sharing};

use super::super::text::{check_amount, check_line, check_name, check_names};
use super::check_official;
use super::review::{Review, check_note};
use crate::problem::{self, Refusal};

pub(super) fn apply(
    caller: &Caller,
    review: Review,
    old: Item,
    changes: ItemChanges,
) -> Result<Item, Refusal> {
    let mut item = old.clone();
    if let Some(author) = changes.author {
        if item.author.as_ref() != Some(&author) && !caller.admin {
            return Err(problem::forbidden(
                "Only admins may change the `author` of an item.",
            ));
        }
        check_name("author", &author)?;
        item.author = Some(author);
    }
    if let Some(name) = changes.name {
        if item.name.as_ref() != Some(&name) {
            check_name("name", &name)?;
        }
        item.name = Some(name);
    }
    if let Some(summary) = changes.summary {
        check_line("summary", summary.as_deref())?;
        item.summary = summary;
    }
    if let Some(url) = changes.data_url {
        check_line("dataUrl", url.as_deref())?;
        item.data_url = url;
    }
    if let Some(text) = changes.protocol {
        let report = protocol::validate(&text);
        if !report.is_valid() {
            return Err(problem::invalid_protocol(report.diagnostics));
        }
        item.protocol = Some(text);
        item.protocol_valid = true;
    }
    if let Some(tags) = changes.tags {
        check_names("tags", Some(&tags), &item.tags)?;
        item.tags = tags;
    }
    if let Some(categories) = changes.categories {
        check_amount("categories", &categories)?;
        let official = |names: &[String]| names.iter().any(|name| name == OFFICIAL_CATEGORY);
        if official(&categories) != official(&item.categories) {
            check_official(caller)?;
        }
        item.categories = categories;
    }
    check_names("groupList", changes.group_list.as_deref(), &item.group_list)?;
    let sharing = Sharing {
        is_public: item.is_public,
        is_private: item.is_private,
        group_list: item.group_list,
    }
    .changed(changes.is_public, changes.is_private, changes.group_list);
    item.is_public = sharing.is_public;
    item.is_private = sharing.is_private;
    item.group_list = sharing.group_list;
    item.kind = changes.kind.or(item.kind);
    item.source = changes.source.unwrap_or(item.source);
    item.data_type = changes.data_type.unwrap_or(item.data_type);
    item.use_blob = changes.use_blob.unwrap_or(item.use_blob);
    item.description = changes.description.unwrap_or(item.description);
    if caller.admin {
        item.status = changes.status.or(item.status);
        if let Some(note) = changes.review_note {
            check_note("reviewNote", note.as_deref())?;
            item.review_note = note;
        }
    }
    item.status = review.of_changed(caller, &old, &item);
    Ok(item)
}
