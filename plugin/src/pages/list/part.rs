use std::sync::Arc;

use leptos::prelude::*;
use shared::wire::Item;

use super::browse::{Browse, FEW, Part};
use super::card;
use crate::components::live::live;
use crate::messages;
use crate::route::Route;

/// Shows the section as soon as there is something in it.
pub(super) fn view(browse: Browse, part: Part) -> AnyView {
    let has_some = Memo::new(move |_| part.total().is_some_and(|total| total > 0));
    live(move || has_some.get().then(|| filled(browse, part)))
}

fn filled(browse: Browse, part: Part) -> AnyView {
    let id = format!("part-{}", part.index);
    let labelled = id.clone();
    let total = move || part.total().unwrap_or_default();
    let heading = match part.section {
        None => live(move || messages::list::items(total())),
        Some(section) => {
            view! { {section.title()} " " <span class="count">{live(total)}</span> }.into_any()
        }
    };
    let end = match part.section {
        None => live(move || browse.tools.get().map(|tools| (tools.more)(browse, part))),
        Some(section) => live(move || {
            (total() > FEW).then(|| {
                let href = Route::List(section.filters()).hash();
                let all = messages::list::show_all(total());
                let name = messages::list::show_all_of(&all, section.title());
                view! { <p class="end"><a class="button" href=href aria-label=name>{all}</a></p> }
            })
        }),
    };
    view! {
        <section class="part" aria-labelledby=labelled>
            <h2 id=id>{heading}</h2>
            <ul class="cards">
                <For each=move || part.pages() key=|page| Arc::as_ptr(page).addr() let:page>
                    {cards(browse, page)}
                </For>
            </ul>
            {end}
        </section>
    }
    .into_any()
}

fn cards(browse: Browse, page: Arc<Vec<Item>>) -> AnyView {
    let cards = (0..page.len()).map(|index| card::card(browse, page.clone(), index));
    cards.collect_view().into_any()
}
