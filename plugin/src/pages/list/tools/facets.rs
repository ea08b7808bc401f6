use leptos::prelude::*;
use shared::wire::FacetValue;

use super::names;
use crate::client::{Client, Failure};
use crate::components::failure::unknown;
use crate::components::live::live;
use crate::load::{Load, Loaded};
use crate::messages::{self, number};
use crate::navigation::Navigation;
use crate::pages::list::browse::Browse;
use crate::route::{Facet, Filters, Route};
use crate::session::Session;

/// So many values of a facet show until one asks for all.
const FEW: usize = 8;

type Known = Memo<Vec<(Facet, Vec<FacetValue>)>>;

/// The filters with how many items each leaves.
pub(super) fn panel(browse: Browse) -> AnyView {
    let filters = browse.filters;
    let client = Session::current().client;
    let user = Session::current().user;
    // Neither the order nor how much shows changes a number.
    let chosen = Memo::new(move |_| filters.with(|filters| filters.without(Facet::Sort, None)));
    let loaded = Loaded::new(move || {
        browse.reload.track();
        counted(client.clone(), chosen.get())
    });
    // What was known stays until there is something newer.
    let known: Known = Memo::new(move |former: Option<&Vec<_>>| {
        let fresh = loaded.ready();
        fresh.unwrap_or_else(|| former.cloned().unwrap_or_default())
    });
    let failed = move || match &*loaded.state.read() {
        // The list says it, and asks for both again.
        Load::Failed(_) if browse.failure().is_some() => None,
        Load::Failed(reason) => Some(unknown(messages::list::no_facets(), reason, move || {
            loaded.retry();
        })),
        _ => None,
    };
    let only = [
        (Facet::Author, user),
        (Facet::Starred, "true".to_owned()),
        (Facet::Used, "true".to_owned()),
        (Facet::Official, "true".to_owned()),
    ];
    let only = only.map(|(facet, value)| {
        let name = match facet {
            Facet::Author => messages::list::mine().to_owned(),
            _ => names::value(facet, &value),
        };
        choice(filters, facet, value, name, None)
    });
    let groups = [
        Facet::Type,
        Facet::Category,
        Facet::Tag,
        Facet::Visibility,
        Facet::Author,
    ];
    let groups = groups.map(|facet| group(filters, facet, known));
    view! {
        <form
            class="facets"
            class:open=browse.facets_open
            aria-label=messages::list::filters()
            on:submit=|event| event.prevent_default()
        >
            {live(failed)}
            <fieldset>
                <legend>{names::facet(Facet::Starred)}</legend>
                {only.into_iter().collect_view()}
            </fieldset>
            {groups.into_iter().collect_view()}
        </form>
    }
    .into_any()
}

/// How many items there are of each kind.
async fn counted(
    client: Client,
    chosen: Filters,
) -> Result<Vec<(Facet, Vec<FacetValue>)>, Failure> {
    let all = client.facets(&chosen.query()).await?;
    Ok(vec![
        (Facet::Type, all.kind),
        (Facet::Category, all.category),
        (Facet::Tag, all.tag),
        (Facet::Visibility, all.visibility),
        (Facet::Author, all.author),
    ])
}

/// The values of a facet. They stay where they are, so that one may choose several.
fn group(filters: Memo<Filters>, facet: Facet, known: Known) -> AnyView {
    let all_show = RwSignal::new(false);
    let values = Memo::new(move |former: Option<&Vec<String>>| {
        let chosen = filters.get();
        let now = known.with(|known| {
            let of_facet = known.iter().find(|(other, _)| *other == facet);
            let values = of_facet.map(|(_, values)| values.iter().map(|value| value.value.clone()));
            values.into_iter().flatten().collect::<Vec<_>>()
        });
        let chosen = chosen.chosen().iter().filter(|(other, _)| *other == facet);
        let chosen: Vec<&String> = chosen.map(|(_, value)| value).collect();
        let stays = |value: &&String| now.contains(value) || chosen.contains(value);
        let mut values: Vec<String> = former
            .into_iter()
            .flatten()
            .filter(stays)
            .cloned()
            .collect();
        for value in now.iter().chain(chosen) {
            if !value.is_empty() && !values.contains(value) {
                values.push(value.clone());
            }
        }
        values
    });
    let shown = move || {
        let mut values = values.get();
        if !all_show.get() {
            let chosen = filters.get();
            let mut place = 0;
            values.retain(|value| {
                place += 1;
                place <= FEW || chosen.has(facet, value)
            });
        }
        values
    };
    let rest = Memo::new(move |_| values.with(Vec::len).saturating_sub(FEW));
    let more = move || {
        (rest.get() > 0).then(|| {
            view! {
                <button
                    class="link"
                    type="button"
                    aria-expanded=Signal::derive(move || all_show.get().to_string())
                    on:click=move |_| all_show.update(|all| *all = !*all)
                >
                    {live(move || if all_show.get() {
                        messages::list::fewer().to_owned()
                    } else {
                        messages::list::further(rest.get())
                    })}
                </button>
            }
        })
    };
    let is_any = Memo::new(move |_| values.with(|values| !values.is_empty()));
    let row = move |value: String| {
        let name = names::value(facet, &value);
        let count = {
            let value = value.clone();
            Signal::derive(move || {
                // The number is that of the items that have this value instead of what
                // is chosen. Of these facets an item needs all, so it says nothing then.
                let needs_all = matches!(facet, Facet::Category | Facet::Tag);
                if needs_all && filters.with(|filters| filters.get(facet).is_some()) {
                    return None;
                }
                known.with(|known| {
                    let of_facet = known.iter().find(|(other, _)| *other == facet)?;
                    let of_value = of_facet.1.iter().find(|other| other.value == value)?;
                    usize::try_from(of_value.count).ok()
                })
            })
        };
        choice(filters, facet, value, name, Some(count))
    };
    live(move || {
        is_any.get().then(|| {
            view! {
                <fieldset>
                    <legend>{names::facet(facet)}</legend>
                    <For each=shown key=Clone::clone children=row />
                    {live(more)}
                </fieldset>
            }
        })
    })
}

/// A value to be chosen, with how many items it leaves, if that is to be told.
fn choice(
    filters: Memo<Filters>,
    facet: Facet,
    value: String,
    name: String,
    count: Option<Signal<Option<usize>>>,
) -> AnyView {
    let navigation = Navigation::current();
    let is_chosen = {
        let value = value.clone();
        move || filters.with(|filters| filters.has(facet, &value))
    };
    let choose = move |event| {
        let filters = filters.get_untracked();
        let filters = if event_target_checked(&event) {
            filters.with(facet, &value)
        } else {
            filters.without(facet, Some(&value))
        };
        navigation.go(&Route::List(filters));
    };
    let count = count.map(|count| {
        live(move || {
            let count = count.get().map(number);
            view! { <span class="count">{count}</span> }
        })
    });
    view! {
        <label>
            <input type="checkbox" prop:checked=Signal::derive(is_chosen) on:change=choose />
            <span dir="auto">{name}</span>
            {count}
        </label>
    }
    .into_any()
}
