use leptos::prelude::*;
use shared::wire::Item;

use super::{shown, table};
use crate::components::badge::badges;
use crate::load::Loaded;
use crate::messages::admin as messages;
use crate::route::Route;
use crate::session::Session;
use crate::text::name_or_untitled;
use crate::time::when;

/// So many show: whoever has judged them sees the next ones.
const MOST: usize = 100;

/// What waits for review.
pub(super) fn queue() -> AnyView {
    let client = Session::current().client;
    let items = Loaded::new(move || {
        let client = client.clone();
        async move { client.pending(MOST).await }
    });
    shown(items, |items| {
        if items.is_empty() {
            return view! {
                <section class="state">
                    <h2>{messages::nothing_waits()}</h2>
                    <p>{messages::nothing_waits_hint()}</p>
                </section>
            }
            .into_any();
        }
        let columns = [
            messages::name(),
            messages::author(),
            messages::since(),
            messages::marks(),
        ];
        view! {
            <p class="hint">{messages::queue_hint()}</p>
            {table(messages::review(), &columns, items.iter().map(row).collect())}
        }
        .into_any()
    })
}

fn row(item: &Item) -> AnyView {
    let href = Route::detail(item.id.as_str()).hash();
    let summary = item
        .summary
        .clone()
        .map(|summary| view! { <div class="hint" dir="auto">{summary}</div> });
    view! {
        <tr>
            <td><a href=href dir="auto">{name_or_untitled(item.name.as_deref())}</a> {summary}</td>
            <td dir="auto">{item.author.clone()}</td>
            <td>{when(&item.updated_at)}</td>
            <td>{badges(item)}</td>
        </tr>
    }
    .into_any()
}
