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
use crate::time::when;

/// So many values of a facet show until one asks for all.
const FEW: usize = 8;

/// What runs here is usually known since a minute at most; so old in milliseconds, it is
/// said how old it is.
const OLD: f64 = 120_000.0;

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
        let fresh = fresh.map(|counted: Counted| counted.values);
        fresh.unwrap_or_else(|| former.cloned().unwrap_or_default())
    });
    // Said only while it is older than what a list usually goes by.
    let as_of = move || {
        let as_of = loaded.ready()?.as_of?;
        let age = js_sys::Date::now() - js_sys::Date::parse(&as_of);
        (age > OLD).then(|| {
            view! { <p class="hint">{messages::list::runs_known()} " " {when(&as_of)}</p> }
        })
    };
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
        (Facet::Runs, "true".to_owned()),
    ];
    let only = only.map(|(facet, value)| {
        let name = match facet {
            Facet::Author => messages::list::mine().to_owned(),
            _ => names::value(facet, &value),
        };
        let count = (facet == Facet::Runs).then(|| {
            Signal::derive(move || {
                known.with(|known| {
                    let (_, values) = known.iter().find(|(other, _)| *other == Facet::Runs)?;
                    usize::try_from(values.first()?.count).ok()
                })
            })
        });
        choice(filters, facet, value, name, count)
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
                {live(as_of)}
            </fieldset>
            {groups.into_iter().collect_view()}
        </form>
    }
    .into_any()
}

/// What the server has counted.
#[derive(Clone)]
struct Counted {
    values: Vec<(Facet, Vec<FacetValue>)>,
    /// When it was known what runs here, if it is known.
    as_of: Option<String>,
}

/// How many items there are of each kind.
async fn counted(client: Client, chosen: Filters) -> Result<Counted, Failure> {
    let query = format!("{}count=runsHere&", chosen.query());
    let all = client.facets(&query).await?;
    let runs = all.runs_here.as_ref().map(|runs| FacetValue {
        value: "true".to_owned(),
        count: runs.count,
    });
    let values = vec![
        (Facet::Type, all.kind),
        (Facet::Category, all.category),
        (Facet::Tag, all.tag),
        (Facet::Visibility, all.visibility),
        (Facet::Author, all.author),
        (Facet::Runs, runs.into_iter().collect()),
    ];
    let as_of = all.runs_here.map(|runs| runs.as_of);
    Ok(Counted { values, as_of })
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
