use leptos::prelude::*;
use shared::wire::{Item, Origin};

use crate::components::badge::{badges, tags};
use crate::messages::{amount, detail as messages, number};
use crate::route::{Filters, Route};
use crate::text::name_or_untitled;
use crate::time::when;

/// What the item is, in short.
pub(super) fn header(item: &Item) -> AnyView {
    let summary = item
        .summary
        .clone()
        .filter(|summary| !summary.trim().is_empty())
        .map(|summary| view! { <p class="lead" dir="auto">{summary}</p> });
    view! {
        <div class="about">
            {badges(item)}
            <h1 dir="auto">{name_or_untitled(item.name.as_deref())}</h1>
            {summary}
            {facts(item)}
            {tags(&item.tags, usize::MAX)}
        </div>
    }
    .into_any()
}

fn facts(item: &Item) -> AnyView {
    let author = item.author.clone().map(|author| {
        let href = Route::List(Filters::of_author(&author)).hash();
        let link = view! { <a href=href dir="auto">{author}</a> };
        fact(messages::author(), link.into_any())
    });
    let origin = item.copied_from.clone().map(|origin| {
        let origin = if origin.gone {
            messages::origin_gone().into_any()
        } else {
            let href = Route::detail(origin.id.as_str()).hash();
            let name = name_or_untitled(origin.name.as_deref());
            let newer = newer_versions(&item.id, &origin);
            view! { <a href=href dir="auto">{name}</a> {newer} }.into_any()
        };
        fact(messages::copied_from(), origin)
    });
    let version = (item.version > 1).then(|| {
        let href = Route::Versions {
            id: item.id.clone(),
            from: None,
            to: None,
        }
        .hash();
        let number = messages::all_versions(&amount(item.version.into()));
        fact(
            messages::version(),
            view! { <a href=href>{number}</a> }.into_any(),
        )
    });
    let uses = number(usize::try_from(item.use_number).unwrap_or_default());
    let shelves: Vec<_> = item
        .categories
        .iter()
        .map(|name| {
            let href = Route::List(Filters::of_category(name)).hash();
            view! { <a href=href dir="auto">{name.clone()}</a> }
        })
        .collect();
    let shelves = (!shelves.is_empty()).then(|| {
        fact(
            messages::categories(),
            view! { <span class="shelves">{shelves}</span> }.into_any(),
        )
    });
    let license = item
        .license
        .clone()
        .map(|license| view! { <span dir="auto">{license}</span> })
        .map(|license| fact(messages::license(), license.into_any()));
    view! {
        <dl class="facts">
            {author}
            {origin}
            {version}
            {fact(messages::updated(), when(&item.updated_at))}
            {fact(messages::created(), when(&item.created_at))}
            {fact(messages::uses(), uses.into_any())}
            {shelves}
            {license}
        </dl>
    }
    .into_any()
}

/// That the original of a copy has changed since, with the way to take that over.
fn newer_versions(copy: &str, origin: &Origin) -> Option<AnyView> {
    let newer = usize::try_from(origin.newest? - origin.version?).ok()?;
    let href = Route::Update {
        id: copy.to_owned(),
    }
    .hash();
    (newer > 0).then(|| {
        view! { <a class="newer" href=href>{messages::newer_versions(newer)}</a> }.into_any()
    })
}

fn fact(name: &'static str, value: AnyView) -> AnyView {
    view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any()
}
