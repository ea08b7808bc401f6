//! The ways to what belongs to the user.

use leptos::prelude::*;

use crate::messages;
use crate::route::{Facet, Filters, Route};
use crate::session::Session;

/// Links to the lists of one's own things; `here` is the one that shows.
pub(super) fn tabs(here: &Route) -> AnyView {
    let mine = Filters::of_author(&Session::current().user);
    let all = [
        (messages::list::mine(), Route::List(mine)),
        (
            messages::list::starred(),
            Route::List(Filters::of(Facet::Starred, "true")),
        ),
        (
            messages::list::used(),
            Route::List(Filters::of(Facet::Used, "true")),
        ),
        (messages::list::drafts(), Route::Drafts),
        (messages::jobs::title(), Route::CheckJobs),
    ];
    let all = all.map(|(name, route)| {
        let current = (route == *here).then_some("page");
        view! { <a href=route.hash() aria-current=current>{name}</a> }
    });
    view! { <nav class="ways" aria-label=messages::list::my_things()>{all.into_iter().collect_view()}</nav> }
        .into_any()
}
