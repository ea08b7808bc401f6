//! Two versions side by side, which the address names.

use std::sync::Arc;

use leptos::prelude::*;

use super::{History, lines};
use crate::changes;
use crate::client::Failure;
use crate::components::failure::failure;
use crate::components::live::live;
use crate::load::{Load, Loaded};
use crate::messages::{amount, common, versions as messages};
use crate::navigation::Navigation;
use crate::reader::with_reader;
use crate::route::Route;
use crate::session::Session;

/// Two versions that are compared; of the first one that there is nothing before it.
type Pair = (Option<i32>, i32);

/// What of two protocols differs, with a choice of which.
pub(super) fn compare(history: Arc<History>) -> AnyView {
    let navigation = Navigation::current();
    let newest = history.newest();
    let pair = {
        let history = history.clone();
        Memo::new(move |former: Option<&Pair>| match navigation.get() {
            Route::Versions { from, to, .. } => {
                let to = to.unwrap_or(newest);
                (from.or_else(|| history.before(to)), to)
            }
            // The page is about to go.
            _ => former.copied().unwrap_or((None, newest)),
        })
    };
    let client = Session::current().client;
    let id = history.item.id.clone();
    let texts = Loaded::new(move || {
        let (client, id, (from, to)) = (client.clone(), id.clone(), pair.get());
        async move {
            let older = match from {
                Some(from) => Some(client.version(&id, from).await?),
                None => None,
            };
            Ok::<_, Failure>(((from, to), older, client.version(&id, to).await?))
        }
    });
    view! {
        <section class="compare" aria-labelledby="compare-title">
            <h2 id="compare-title">{messages::compare()}</h2>
            {choice(&history, pair)}
            <div role="status" class="sr">{live(move || match &*texts.state.read() {
                Load::Loading => common::loading().to_owned(),
                Load::Ready(((Some(from), to), ..)) => messages::compared(&amount((*from).into()), &amount((*to).into())),
                Load::Ready(_) | Load::Failed(_) => String::new(),
            })}</div>
            {live(move || match &*texts.state.read() {
                Load::Loading => view! { <div class="card skeleton" aria-hidden="true"><i></i><i></i></div> }.into_any(),
                Load::Failed(reason) => failure(reason, move || texts.retry()),
                Load::Ready((_, Some(older), newer)) => both(older, newer),
                Load::Ready((_, None, newer)) => whole(newer.clone()),
            })}
        </section>
    }
    .into_any()
}

fn both(older: &str, newer: &str) -> AnyView {
    let text = newer.to_owned();
    view! {
        {changes::list(older, newer)}
        {lines::view(older, newer)}
        <details>
            <summary>{messages::whole()}</summary>
            {whole(text)}
        </details>
    }
    .into_any()
}

fn whole(text: String) -> AnyView {
    with_reader(move |reader| reader.source(&text))
}

/// Two fields that name the versions.
fn choice(history: &Arc<History>, pair: Memo<Pair>) -> AnyView {
    let field = |label: &'static str, is_newer: bool| {
        let chosen = move || {
            let (from, to) = pair.get();
            if is_newer { Some(to) } else { from }
        };
        let options = history.versions.iter().map(|version| {
            let number = version.number;
            view! {
                <option value=number.to_string() prop:selected=Signal::derive(move || chosen() == Some(number))>
                    {amount(number.into())}
                </option>
            }
        });
        let options = options.collect_view();
        let none = (!is_newer).then(|| {
            view! {
                <option value="" prop:selected=Signal::derive(move || chosen().is_none())>{messages::nothing()}</option>
            }
        });
        let navigation = Navigation::current();
        let id = history.item.id.clone();
        let choose = move |event| {
            let number = event_target_value(&event).parse().ok();
            let (from, to) = pair.get_untracked();
            let (from, to) = match number {
                // What is not older than it is nothing to compare it with: the one before is.
                Some(number) if is_newer => (from.filter(|from| *from < number), number),
                number => (number, to),
            };
            navigation.replace(Route::Versions {
                id: id.clone(),
                from,
                to: Some(to),
            });
        };
        view! { <label class="stack">{label}<select on:change=choose>{none} {options}</select></label> }
    };
    view! { <div class="pair">{field(messages::from(), false)} {field(messages::to(), true)}</div> }
        .into_any()
}
