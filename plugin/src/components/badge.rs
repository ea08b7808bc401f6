//! Small marks that tell what an item is.

use leptos::prelude::*;
use shared::wire::{DataType, Item, ItemStatus, ItemType};

use crate::messages::{self, item as text};
use crate::route::{Filters, Route};
use crate::time::ago;

/// So many of the groups that see an item are named on its mark.
const GROUPS: usize = 2;

/// Type, official, visibility, what its runs have shown, review and validity, as far as they
/// are worth a mark.
pub(crate) fn badges(item: &Item) -> AnyView {
    let mut marks = Vec::new();
    if let Some(kind) = item.kind {
        marks.push(mark(kind_name(kind), kind.as_str(), ""));
    }
    if item.is_official() {
        marks.push(mark(text::official(), "official", text::official_meaning()));
    }
    if item.resembles_official {
        marks.push(mark(
            text::lookalike(),
            "lookalike",
            text::lookalike_meaning(),
        ));
    }
    let groups = &item.group_list;
    if item.is_private {
        marks.push(mark(text::private(), "private", text::private_meaning()));
    } else if !item.is_public && groups.is_empty() {
        marks.push(mark(text::nobody(), "private", text::private_meaning()));
    } else if !item.is_public {
        let mut named = messages::list_of(&groups[..groups.len().min(GROUPS)]);
        if groups.len() > GROUPS {
            named.push_str(" …");
        }
        marks.push(mark(
            &text::shared_with(&named),
            "groups",
            &text::groups_meaning(&messages::list_of(groups)),
        ));
    }
    marks.extend(works(item));
    if let Some(passed) = &item.canary_passed_at {
        marks.push(mark(&text::nightly(&ago(passed)), "approved", ""));
    }
    match item.status {
        Some(ItemStatus::Pending) => {
            marks.push(mark(text::pending(), "pending", text::pending_meaning()));
        }
        Some(ItemStatus::Rejected) => {
            marks.push(mark(text::rejected(), "rejected", text::rejected_meaning()));
        }
        Some(ItemStatus::Quarantined) => {
            marks.push(mark(
                text::quarantined(),
                "rejected",
                text::quarantined_meaning(),
            ));
        }
        Some(ItemStatus::Approved) | None => {}
    }
    if let Some(deprecation) = &item.deprecation {
        marks.push(mark(text::deprecated(), "pending", &deprecation.reason));
    }
    if let Some(reason) = &item.withdrawn {
        marks.push(mark(text::withdrawn(), "rejected", reason));
    }
    if !item.protocol_valid {
        marks.push(mark(text::invalid(), "rejected", text::invalid_meaning()));
    }
    view! { <span class="badges">{marks}</span> }.into_any()
}

/// How many of its runs succeed, where enough of them have ended.
pub(crate) fn works(item: &Item) -> Option<AnyView> {
    let evidence = item.evidence?;
    let text = text::works(
        &messages::amount(evidence.success_at_least.into()),
        &messages::amount(evidence.runs.into()),
    );
    Some(mark(&text, "runs", text::works_meaning()))
}

/// What people call a type.
pub(crate) fn kind_name(kind: ItemType) -> &'static str {
    match kind {
        ItemType::Template => text::template(),
        ItemType::Data => text::data(),
        ItemType::Old => text::old(),
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
            view! { <li><a class="tag" dir="auto" href=href>{name.clone()}</a></li> }
        });
    let rest = names.len().saturating_sub(limit);
    let rest = (rest > 0).then(|| view! { <li class="tag more" title=messages::list_of(&names[limit..])>{messages::item::more_tags(rest)}</li> });
    view! { <ul class="tags" aria-label=messages::item::tags()>{shown.collect_view()} {rest}</ul> }
        .into_any()
}

/// `meaning` is what shows on hover, and what screen readers say; none if it is empty.
fn mark(text: &str, class: &str, meaning: &str) -> AnyView {
    let title = (!meaning.is_empty()).then(|| meaning.to_owned());
    let more = title
        .clone()
        .map(|title| view! { <span class="sr">{format!(" ({title})")}</span> });
    let text = text.to_owned();
    view! { <span class=format!("badge {class}") dir="auto" title=title>{text} {more}</span> }
        .into_any()
}
