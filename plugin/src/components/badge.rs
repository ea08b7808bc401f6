//! Small marks that tell what an item is.

use leptos::prelude::*;
use shared::wire::{DataType, Item, ItemStatus, ItemType};

use crate::messages;
use crate::route::{Filters, Route};

/// Type, official, visibility and review, as far as they are worth a mark.
pub(crate) fn badges(item: &Item) -> AnyView {
    let mut marks = Vec::new();
    if let Some(kind) = item.kind {
        marks.push(mark(kind_name(kind), kind.as_str(), None));
    }
    if item.is_official() {
        marks.push(mark(
            messages::item::official(),
            "official",
            Some(messages::item::official_meaning()),
        ));
    }
    if item.resembles_official {
        marks.push(mark(
            messages::item::lookalike(),
            "lookalike",
            Some(messages::item::lookalike_meaning()),
        ));
    }
    if item.is_private {
        marks.push(mark(
            messages::item::private(),
            "private",
            Some(messages::item::private_meaning()),
        ));
    } else if !item.is_public {
        let groups = messages::item::groups_meaning(&messages::list_of(&item.group_list));
        marks.push(mark(messages::item::groups(), "groups", Some(&groups)));
    }
    match item.status {
        Some(ItemStatus::Pending) => {
            marks.push(mark(
                messages::item::pending(),
                "pending",
                Some(messages::item::pending_meaning()),
            ));
        }
        Some(ItemStatus::Rejected) => {
            marks.push(mark(
                messages::item::rejected(),
                "rejected",
                Some(messages::item::rejected_meaning()),
            ));
        }
        Some(ItemStatus::Approved) | None => {}
    }
    view! { <span class="badges">{marks}</span> }.into_any()
}

/// What people call a type.
pub(crate) fn kind_name(kind: ItemType) -> &'static str {
    match kind {
        ItemType::Template => messages::item::template(),
        ItemType::Data => messages::item::data(),
        ItemType::Old => messages::item::old(),
    }
}

/// What people call the place of some data.
pub(crate) fn data_name(kind: DataType) -> &'static str {
    match kind {
        DataType::Blob => messages::item::blob(),
        DataType::Github => messages::item::github(),
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
    let rest = (rest > 0).then(|| view! { <li class="tag more" title=messages::list_of(&names[limit..])>{messages::item::more_tags(rest)}</li> });
    view! { <ul class="tags" aria-label=messages::item::tags()>{shown.collect_view()} {rest}</ul> }
        .into_any()
}

fn mark(text: &'static str, class: &str, meaning: Option<&str>) -> AnyView {
    let title = meaning.map(ToOwned::to_owned);
    let more = meaning.map(|meaning| view! { <span class="sr">{format!(" ({meaning})")}</span> });
    view! { <span class=format!("badge {class}") title=title>{text} {more}</span> }.into_any()
}
