use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::Item;

use super::Browse;
use crate::components::badge::badges;
use crate::components::live::live;
use crate::deletions::Deletions;
use crate::messages;
use crate::route::{Filters, Route};
use crate::text::name_or_untitled;
use crate::time::when;

/// So many tags fit under a summary.
const TAGS: usize = 4;

/// An item of a page in short. Its link is the one stop of the Tab key but for what can be
/// done with it.
pub(super) fn card(browse: Browse, page: Arc<Vec<Item>>, index: usize) -> AnyView {
    let item = &page[index];
    let uses = usize::try_from(item.use_number).unwrap_or_default();
    let uses = (uses > 0).then(|| messages::list::uses(uses));
    let author = item.author.clone();
    let author = author.map(|author| view! { <span dir="auto">{author}</span> });
    let summary = item.summary.clone();
    let summary = summary.map(|summary| view! { <p class="summary" dir="auto">{summary}</p> });
    let class = format!("card {}", item.kind.map_or("", |kind| kind.as_str()));
    let deletions = Deletions::current();
    let id = item.id.clone();
    let is_gone = move || deletions.hides(&id);
    let shown = page.clone();
    view! {
        <li hidden=Signal::derive(is_gone)>
            <article class=class>
                <h3><a dir="auto" href=Route::detail(item.id.as_str()).hash()>{name_or_untitled(item.name.as_deref())}</a></h3>
                {badges(item)}
                {summary}
                {tags(&item.tags)}
                <p class="byline">{author} {when(&item.updated_at)} {uses}</p>
                <div class="corner">
                    {live(move || browse.tools.get().map(|tools| (tools.card_controls)(browse, &shown[index])))}
                </div>
            </article>
        </li>
    }
    .into_any()
}

/// Links for the mouse; by keyboard the tags are among the filters.
fn tags(names: &[String]) -> AnyView {
    let names = names.iter().filter(|name| !name.trim().is_empty());
    let tags: Vec<_> = names
        .clone()
        .take(TAGS)
        .map(|name| {
            let href = Route::List(Filters::of_tag(name)).hash();
            view! { <li><a class="tag" tabindex="-1" dir="auto" href=href>{name.clone()}</a></li> }
        })
        .collect();
    let rest = names.count().saturating_sub(TAGS);
    let rest =
        (rest > 0).then(|| view! { <li class="tag more">{messages::list::more_tags(rest)}</li> });
    (!tags.is_empty())
        .then(|| view! { <ul class="tags" aria-label=messages::list::tags()>{tags} {rest}</ul> })
        .into_any()
}
