//! What the runs of an item on this cluster have shown: how many succeed, how long they take,
//! and with what they fail.

mod codes;
mod externals;
mod words;

use std::sync::Arc;

use leptos::prelude::*;
use serde_json::Value;
use shared::wire::Item;

use crate::chunks::chunks;
use crate::components::failure::failure;
use crate::components::live::live;
use crate::load::{Load, Loaded};
use crate::messages;
use crate::session::Session;
use crate::styles;

chunks! {
    /// What the runs of an item have shown, a part of its page.
    runs: fn(Arc<Item>) -> AnyView = part;
}

fn part(item: Arc<Item>) -> AnyView {
    styles::adopt(include_str!("../../styles/runs.css"));
    let client = Session::current().client;
    let (id, outside) = (item.id.clone(), item.id.clone());
    let evidence = Loaded::new(move || {
        let (client, id) = (client.clone(), id.clone());
        async move { client.evidence(&id).await }
    });
    let part = live(move || match &*evidence.state.read() {
        Load::Loading => {
            view! { <p class="hint" role="status">{messages::common::loading()}</p> }.into_any()
        }
        Load::Failed(reason) => failure(reason, move || evidence.retry()),
        Load::Ready(said) => content(&item, said),
    });
    view! { <div class="runs">{part} {externals::externals(outside)}</div> }.into_any()
}

/// `said` is the API's `Evidence`.
fn content(item: &Arc<Item>, said: &Value) -> AnyView {
    let figures = &said["figures"];
    let html = if figures.is_null() {
        words::too_few()
    } else {
        words::figures(figures)
    };
    let counting = words::counting(said);
    view! {
        <div inner_html=html></div>
        {codes::codes(item, &figures["exitCodes"])}
        <p class="hint">{counting}</p>
    }
    .into_any()
}
