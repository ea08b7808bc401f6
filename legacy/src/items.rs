//! What an old item becomes.

use std::str::FromStr;

use shared::protocol;
use shared::wire::{DataType, ItemSource, ItemStatus, ItemType, OFFICIAL_CATEGORY, Sharing};

use super::report::{Generation, Report};
use super::rows::{self, OldItem};
use super::tables::ITEMS;
use store::entity::items;
use store::official;

/// A row of ours, and what its array columns link it to.
pub(super) struct Carried {
    pub(super) row: items::Model,
    pub(super) groups: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) categories: Vec<String>,
}

/// Turns an old item into a row of ours. `curated` says whether an admin has
/// put it into the official category, `stars` how many users starred it.
///
/// # Errors
/// When one of its times is none.
pub(super) fn carry(
    old: OldItem,
    generation: Generation,
    curated: bool,
    stars: usize,
    report: &mut Report,
) -> anyhow::Result<Carried> {
    let id = format!("{:?}", old.id);
    let mut odd = |what: &'static str, detail: Option<&str>| {
        let detail = detail.map(|word| format!(" ({word:?})"));
        report.odd(what, format!("{id}{}", detail.unwrap_or_default()));
    };

    let tags = rows::texts(&old.tags);
    let mut categories = rows::texts(&old.categories);
    let claims = categories.iter().any(|name| name == OFFICIAL_CATEGORY);
    // Everybody could write into the arrays, so there only the templates that
    // came with the first marketplace count; v1.5 called that a tag.
    let shipped = old.author.as_deref() == Some(official::AUTHOR)
        && (generation != Generation::V17 || claims);
    let is_official = curated || shipped;
    if is_official && !claims {
        categories.push(OFFICIAL_CATEGORY.to_owned());
    }
    if claims && !is_official {
        odd(
            "calls itself official without an admin's doing; not put into the official category",
            old.author.as_deref(),
        );
        categories.retain(|name| name != OFFICIAL_CATEGORY);
    }

    let sharing = sharing(&old, generation, is_official, &mut odd);
    let status = status(&old, sharing.leaves_author(), &mut odd);

    let text = old.protocol.unwrap_or_default();
    let protocol_valid = protocol::validate(&text).is_valid();
    if !protocol_valid {
        odd("the protocol is invalid; kept and marked so", None);
    }
    if old.id.is_empty() {
        odd("the id is empty; kept", None);
    }
    if old
        .name
        .as_deref()
        .is_none_or(|name| name.trim().is_empty())
    {
        odd("has no name; kept without", None);
    }
    if old.author.is_none() {
        odd("has no author, so only admins may change it", None);
    }
    let star_number = i32::try_from(stars)?;
    if old.star_number.unwrap_or_default() != star_number {
        odd("the number of stars was wrong; counted anew", None);
    }
    let source: Option<ItemSource> = known("source", old.source.as_deref(), &mut odd);
    let kind: Option<ItemType> = known("type", old.kind.as_deref(), &mut odd);
    let data_type: Option<DataType> = known("dataType", old.data_type.as_deref(), &mut odd);
    let row = items::Model {
        counted_runs: 0,
        success_at_least: -1,
        canary_started_at: None,
        canary_passed_at: None,
        created_at: rows::time(ITEMS, &old.id, &old.created_at)?,
        updated_at: rows::time(ITEMS, &old.id, &old.updated_at)?,
        id: old.id,
        name: old.name,
        author: old.author,
        kind: kind.map(|kind| kind.as_str().to_owned()),
        source: source
            .unwrap_or(ItemSource::Marketplace)
            .as_str()
            .to_owned(),
        is_public: sharing.is_public,
        is_private: sharing.is_private,
        data_type: data_type.map(|kind| kind.as_str().to_owned()),
        data_url: old.data_url,
        license: None,
        use_blob: old.use_blob.unwrap_or(false),
        summary: old.summary,
        description: old.description,
        protocol: text,
        use_number: old.use_number.unwrap_or_default(),
        star_number,
        status: status.map(|status| status.as_str().to_owned()),
        review_note: None,
        protocol_valid,
        copied_from: None,
        deprecated: None,
        successor: None,
        deprecated_at: None,
        withdrawn: None,
        copied_version: None,
        version: 1,
        // Written with the search index, once all rows are there.
        relations: None,
        search_name: None,
        search_text: None,
        // Looked at when the server starts.
        demand: None,
        demand_code: None,
    };
    Ok(Carried {
        row,
        groups: sharing.group_list,
        tags,
        categories,
    })
}

/// Who may read it: as before, and never more, but for what v1.5 showed to
/// everybody and the official templates that its upgrade hid.
fn sharing(
    old: &OldItem,
    generation: Generation,
    is_official: bool,
    odd: &mut impl FnMut(&'static str, Option<&str>),
) -> Sharing {
    if generation == Generation::V15 {
        return Sharing::of_new(Some(true), None, None);
    }
    let is_private = old.is_private.unwrap_or(false);
    if generation == Generation::UpgradedFromV15 && is_official && is_private {
        odd(
            "official, and hidden by the upgrade to v1.6; public again",
            None,
        );
        return Sharing::of_new(Some(true), None, None);
    }
    let is_public = old.is_public.unwrap_or(false);
    if is_public && is_private {
        odd("was public and private; private from now on", None);
    }
    let groups = rows::texts(&old.group_list);
    if (is_public || is_private) && !groups.is_empty() {
        odd(
            "named groups beside being public or private; groups emptied",
            None,
        );
    }
    Sharing::of_new(Some(is_public), Some(is_private), Some(groups))
}

/// Where it stands in review. The first marketplace never looked at that when
/// it decided who sees an item; here it hides one that is shared and not
/// approved. So that nobody loses sight of what they could see, such an item
/// counts as approved. An item without a status is hidden from nobody.
fn status(
    old: &OldItem,
    shared: bool,
    odd: &mut impl FnMut(&'static str, Option<&str>),
) -> Option<ItemStatus> {
    let status = known("status", old.status.as_deref(), odd);
    match status {
        Some(ItemStatus::Pending | ItemStatus::Rejected) if shared => {
            odd(
                "was shared though not approved; approved, so that all still see it",
                old.status.as_deref(),
            );
            Some(ItemStatus::Approved)
        }
        _ => status,
    }
}

/// Reads a word of an enum; one that is not known counts as absent.
fn known<T: FromStr>(
    field: &str,
    word: Option<&str>,
    odd: &mut impl FnMut(&'static str, Option<&str>),
) -> Option<T> {
    let known = word?.parse().ok();
    if known.is_none() {
        let what = match field {
            "type" => "has an unknown type; null from now on",
            "source" => "has an unknown source; `marketplace` from now on",
            "dataType" => "has an unknown dataType; null from now on",
            _ => "has an unknown status; null from now on",
        };
        odd(what, word);
    }
    known
}
