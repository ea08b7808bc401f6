//! What admins alone do: review, tags and categories, storages, the audit.

mod audit;
mod labels;
mod queue;
mod storages;

use std::future::Future;

use leptos::prelude::*;

use crate::client::Failure;
use crate::client::admin::Labels;
use crate::components::failure::failure;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::{Load, Loaded};
use crate::messages::admin as messages;
use crate::navigation::Navigation;
use crate::route::{AdminPart, AuditFilter, Route};
use crate::scroll::Scroll;
use crate::session::Session;
use crate::styles;

/// The page.
pub(crate) fn page() -> AnyView {
    styles::adopt_form();
    styles::adopt(include_str!("../../styles/admin.css"));
    Scroll::current().top();
    let me = Session::current().me;
    live(move || match &*me.state.read() {
        Load::Loading => loading(),
        Load::Failed(reason) => failure(reason, move || me.retry()),
        Load::Ready(caller) if caller.may_curate() => content(),
        Load::Ready(_) => view! {
            <section class="state">
                <h1>{messages::admins_only()}</h1>
                <p>{messages::admins_only_hint()}</p>
                <a class="button" href="#/">{crate::messages::app::go_to_list()}</a>
            </section>
        }
        .into_any(),
    })
}

/// How many items wait for an admin's verdict, if some do.
pub(crate) fn count() -> AnyView {
    let navigation = Navigation::current();
    let client = Session::current().client;
    let list_cache = ListCache::current();
    // At once after a verdict, and on each page: others judge and hand in too.
    let waiting = Loaded::new(move || {
        navigation.get();
        list_cache.track_changes();
        let client = client.clone();
        async move { client.pending_count().await }
    });
    let count = Memo::new(move |former: Option<&u64>| {
        let count = waiting.ready().or(former.copied());
        count.unwrap_or_default()
    });
    live(move || {
        let count = usize::try_from(count.get()).unwrap_or_default();
        (count > 0).then(|| {
            view! {
                <span class="count" aria-hidden="true">{crate::messages::number(count)}</span>
                <span class="sr">{crate::messages::app::waiting(count)}</span>
            }
        })
    })
}

fn content() -> AnyView {
    let navigation = Navigation::current();
    let part = Memo::new(
        move |former: Option<&AdminPart>| match (navigation.get(), former) {
            (Route::Admin(part), _) => part,
            (_, former) => former.cloned().unwrap_or_default(),
        },
    );
    let links = [
        (messages::review(), AdminPart::Review),
        (messages::tags(), AdminPart::Tags),
        (messages::categories(), AdminPart::Categories),
        (messages::storages(), AdminPart::Storages),
        (messages::audit(), AdminPart::Audit(AuditFilter::default())),
    ];
    let links = links.map(|(title, to)| {
        let word = to.as_str();
        let current = move || part.with(|part| part.as_str() == word).then_some("page");
        view! { <a href=Route::Admin(to).hash() aria-current=Signal::derive(move || current().map(ToOwned::to_owned))>{title}</a> }
    });
    view! {
        <div class="head"><h1>{messages::title()}</h1></div>
        <nav class="parts" aria-label=messages::title()>{links.collect_view()}</nav>
        <div class="admin">
            {live(move || match part.get() {
                AdminPart::Review => queue::queue(),
                AdminPart::Tags => labels::labels(Labels::Tags),
                AdminPart::Categories => labels::labels(Labels::Categories),
                AdminPart::Storages => storages::storages(),
                AdminPart::Audit(filter) => audit::audit(&filter),
            })}
        </div>
    }
    .into_any()
}

fn loading() -> AnyView {
    view! { <p class="hint" role="status">{crate::messages::common::loading()}</p> }.into_any()
}

/// Shows what `part` makes of something that is loaded.
fn shown<T: Clone + Send + Sync + 'static>(
    loaded: Loaded<T>,
    part: impl Fn(T) -> AnyView + Send + 'static,
) -> AnyView {
    let is_loading = move || matches!(*loaded.state.read(), Load::Loading);
    Scroll::current().keep_focus_over(is_loading, ".admin .frame");
    live(move || match &*loaded.state.read() {
        Load::Loading => loading(),
        Load::Failed(reason) => failure(reason, move || loaded.retry()),
        Load::Ready(value) => part(value.clone()),
    })
}

/// A table in a frame of its own, which scrolls.
fn table(title: &'static str, columns: &[&'static str], rows: Vec<AnyView>) -> AnyView {
    let head: Vec<_> = columns
        .iter()
        .map(|name| view! { <th scope="col">{*name}</th> })
        .collect();
    view! {
        <div class="frame" tabindex="0" role="region" aria-label=title>
            <table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}

/// Says what came of a change, and then loads again what it changed.
fn after(toasts: Toasts, done: String, again: impl Fn() + 'static) -> impl Fn(Result<(), Failure>) {
    move |outcome| match outcome {
        Ok(()) => {
            toasts.done(done.as_str());
            again();
        }
        Err(failure) => toasts.refused(&failure),
    }
}

/// Runs a change that comes to its end when the page is left.
fn run(
    task: impl Future<Output = Result<(), Failure>> + 'static,
    ended: impl FnOnce(Result<(), Failure>) + 'static,
) {
    leptos::task::spawn_local(async move { ended(task.await) });
}
