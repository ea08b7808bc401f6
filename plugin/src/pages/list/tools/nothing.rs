use leptos::prelude::*;

use super::names;
use crate::components::live::live;
use crate::messages::{self, list as text};
use crate::pages::list::browse::Browse;
use crate::route::{Facet, Filters, Route};
use crate::session::Session;

/// Stands in the place of a list without items: says why there are none, and what leads
/// on from there.
pub(super) fn nothing(browse: Browse) -> AnyView {
    let user = Session::current().user;
    live(move || browse.filters.with(|filters| situation(filters, &user)))
}

fn situation(filters: &Filters, user: &str) -> AnyView {
    let chosen = filters.without(Facet::Sort, None);
    let create = (Route::Create.hash(), text::create_first());
    let browse = ("#/".to_owned(), text::browse_all());
    let (title, why, ways) = if chosen.is_empty() {
        (text::empty_title(), text::empty(), vec![create])
    } else if chosen == Filters::of_author(user) {
        (
            text::none_mine_title(),
            text::none_mine(),
            vec![create, browse],
        )
    } else if chosen == Filters::of(Facet::Starred, "true") {
        (
            text::none_starred_title(),
            text::none_starred(),
            vec![browse],
        )
    } else if chosen == Filters::of(Facet::Used, "true") {
        (text::none_used_title(), text::none_used(), vec![browse])
    } else {
        return no_match(&chosen);
    };
    let ways = ways.into_iter().enumerate().map(|(index, (href, name))| {
        let class = if index == 0 {
            "button primary"
        } else {
            "button"
        };
        view! { <a class=class href=href>{name}</a> }
    });
    view! {
        <section class="state">
            <h2>{title}</h2>
            <p>{why}</p>
            <div class="actions">{ways.collect_view()}</div>
        </section>
    }
    .into_any()
}

/// Offers to take away what is chosen, one by one.
fn no_match(chosen: &Filters) -> AnyView {
    let without = chosen.chosen().iter().map(|(facet, value)| {
        let name = messages::list::filter(names::facet(*facet), &names::value(*facet, value));
        let href = Route::List(chosen.without(*facet, Some(value))).hash();
        view! { <li><a class="button" dir="auto" href=href>{text::without(&name)}</a></li> }
    });
    view! {
        <section class="state">
            <h2>{text::no_match_title()}</h2>
            <p>{text::no_match()}</p>
            <ul class="actions">
                {without.collect_view()}
                <li><a class="button primary" href="#/">{text::clear_filters()}</a></li>
                <li><a class="button" href=Route::Create.hash()>{text::create_first()}</a></li>
            </ul>
        </section>
    }
    .into_any()
}
