//! Small marks that tell what an item is.

use leptos::prelude::*;
use shared::wire::{DataType, Item, ItemStatus, ItemType};

use crate::route::{Filters, Route};

/// Type, official, visibility and review, as far as they are worth a mark.
pub(crate) fn badges(item: &Item) -> AnyView {
    let mut marks = Vec::new();
    if let Some(kind) = item.kind {
        marks.push(mark(kind_name(kind), kind.as_str(), None));
    }
    if item.is_official() {
        marks.push(mark(
            "Official",
            "official",
            Some("Official: kept by the cluster's admins"),
        ));
    }
    if item.resembles_official {
        marks.push(mark(
            "Not official",
            "lookalike",
            Some("Named like an official template"),
        ));
    }
    if item.is_private {
        marks.push(mark(
            "Private",
            "private",
            Some("Only its author and admins see it"),
        ));
    } else if !item.is_public {
        let groups = item.group_list.join(", ");
        marks.push(mark(
            "Groups",
            "groups",
            Some(&format!("Shared with: {groups}")),
        ));
    }
    match item.status {
        Some(ItemStatus::Pending) => {
            marks.push(mark("Pending", "pending", Some("Waits for review")));
        }
        Some(ItemStatus::Rejected) => {
            marks.push(mark("Rejected", "rejected", Some("Refused by an admin")));
        }
        Some(ItemStatus::Approved) | None => {}
    }
    view! { <span class="badges">{marks}</span> }.into_any()
}

/// What people call a type.
pub(crate) fn kind_name(kind: ItemType) -> &'static str {
    match kind {
        ItemType::Template => "Template",
        ItemType::Data => "Data",
        ItemType::Old => "Old",
    }
}

/// What people call the place of some data.
pub(crate) fn data_name(kind: DataType) -> &'static str {
    match kind {
        DataType::Blob => "Azure Blob storage",
        DataType::Github => "GitHub",
    }
}

/// Links to the items with the same tag: at most `limit`, then how many more
/// there are.
pub(crate) fn tags(names: &[String], limit: usize) -> AnyView {
    if names.is_empty() {
        return ().into_any();
    }
    let shown = names
        .iter()
        .filter(|name| !name.trim().is_empty())
        .take(limit)
        .map(|name| {
            let href = Route::List(Filters::of_tag(name)).hash();
            view! { <li><a class="tag" href=href>{name.clone()}</a></li> }
        });
    let rest = names.len().saturating_sub(limit);
    let rest = (rest > 0).then(|| view! { <li class="tag more" title=names[limit..].join(", ")>{format!("+{rest} more")}</li> });
    view! { <ul class="tags" aria-label="Tags">{shown.collect_view()} {rest}</ul> }.into_any()
}

fn mark(text: &'static str, class: &str, meaning: Option<&str>) -> AnyView {
    let title = meaning.map(ToOwned::to_owned);
    let more = meaning.map(|meaning| view! { <span class="sr">{format!(" ({meaning})")}</span> });
    view! { <span class=format!("badge {class}") title=title>{text} {more}</span> }.into_any()
}
