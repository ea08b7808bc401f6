use leptos::prelude::*;
use shared::wire::Item;

use crate::components::badge::{badges, tags};
use crate::route::Route;
use crate::text::{count, name_or_untitled};
use crate::time::when;

/// So many tags fit under a summary.
const TAGS: usize = 4;

/// An item in short.
pub(super) fn card(item: &Item) -> AnyView {
    let uses = usize::try_from(item.use_number).unwrap_or_default();
    let uses = (uses > 0).then(|| format!(" · {}", count(uses, "use")));
    let author = item.author.clone().map(|author| format!("{author} · "));
    let summary = item
        .summary
        .clone()
        .map(|summary| view! { <p class="summary">{summary}</p> });
    view! {
        <article class="card">
            {badges(item)}
            <h3><a href=Route::detail(item.id.as_str()).hash()>{name_or_untitled(item.name.as_deref())}</a></h3>
            {summary}
            {tags(&item.tags, TAGS)}
            <p class="byline">{author} {when(&item.created_at)} {uses}</p>
        </article>
    }
    .into_any()
}
