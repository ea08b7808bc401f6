use std::time::Duration;

use leptos::prelude::*;
use shared::wire::ItemType;

use crate::components::badge::kind_name;
use crate::components::live::live;
use crate::load::Loaded;
use crate::navigation::Navigation;
use crate::route::{Filters, Route};
use crate::session::Session;

/// After the last key, so long passes before the list follows.
const PAUSE: Duration = Duration::from_millis(200);

/// The controls that narrow the list down, and what is set.
pub(super) fn bar(filters: Memo<Filters>) -> AnyView {
    let session = Session::current();
    // A form, although nothing is sent: Chromium keeps radio buttons without a
    // form, and all around them, for as long as the shadow root lives.
    view! {
        <form class="filters" role="search" on:submit=move |event| event.prevent_default()>
            {search(filters)}
            {kinds(filters)}
            {categories(filters, &session)}
            {mine(filters, session.user)}
        </form>
        {active(filters)}
    }
    .into_any()
}

fn search(filters: Memo<Filters>) -> AnyView {
    let navigation = Navigation::current();
    let mut follow = debounce(PAUSE, move |text: String| {
        let keyword = Some(text).filter(|text| !text.is_empty());
        navigation.replace(Route::List(Filters {
            keyword,
            ..filters.get_untracked()
        }));
    });
    let keyword = Memo::new(move |_| filters.get().keyword.unwrap_or_default());
    view! {
        <label class="field search">
            <span>"Search"</span>
            <input
                type="search"
                placeholder="Name, author, summary, tag …"
                maxlength="255"
                prop:value=Signal::derive(move || keyword.get())
                on:input=move |event| follow(event_target_value(&event))
            />
        </label>
    }
    .into_any()
}

fn kinds(filters: Memo<Filters>) -> AnyView {
    let navigation = Navigation::current();
    let choices = std::iter::once(None).chain(ItemType::ALL.iter().copied().map(Some));
    let choices = choices.map(|kind| {
        let chosen = move || filters.get().kind == kind;
        let choose = move |_| {
            navigation.go(&Route::List(Filters {
                kind,
                ..filters.get_untracked()
            }));
        };
        let name = match kind {
            None => "All",
            Some(ItemType::Template) => "Templates",
            Some(kind) => kind_name(kind),
        };
        view! {
            <label>
                <input type="radio" name="type" prop:checked=Signal::derive(chosen) on:change=choose />
                <span>{name}</span>
            </label>
        }
    });
    view! {
        <fieldset class="field segments">
            <legend>"Type"</legend>
            <div>{choices.collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

fn categories(filters: Memo<Filters>, session: &Session) -> AnyView {
    let navigation = Navigation::current();
    let client = session.client.clone();
    let all = Loaded::new(move || {
        let client = client.clone();
        async move { client.names("/categories").await }
    });
    let chosen = Memo::new(move |_| filters.get().category.unwrap_or_default());
    // A category of a saved link is offered even if it is not known (yet).
    let names = move || {
        let mut names = all.ready().unwrap_or_default();
        let chosen = chosen.get();
        if !chosen.is_empty() && !names.contains(&chosen) {
            names.push(chosen);
        }
        names
    };
    let option = move |name: String| {
        let value = name.clone();
        let selected = move || chosen.get() == value;
        view! { <option value=name.clone() selected=Signal::derive(selected)>{name.clone()}</option> }
    };
    let choose = move |event| {
        let category = Some(event_target_value(&event)).filter(|name| !name.is_empty());
        navigation.go(&Route::List(Filters {
            category,
            ..filters.get_untracked()
        }));
    };
    view! {
        <label class="field">
            <span>"Category"</span>
            <select on:change=choose prop:value=Signal::derive(move || chosen.get())>
                <option value="">"All categories"</option>
                {live(move || names().into_iter().map(option).collect_view())}
            </select>
        </label>
    }
    .into_any()
}

fn mine(filters: Memo<Filters>, user: String) -> AnyView {
    let navigation = Navigation::current();
    let me = Some(user);
    let checked = {
        let me = me.clone();
        move || filters.get().author == me
    };
    let choose = move |event| {
        let author = me.clone().filter(|_| event_target_checked(&event));
        navigation.go(&Route::List(Filters {
            author,
            ..filters.get_untracked()
        }));
    };
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=Signal::derive(checked) on:change=choose />
            <span>"Mine"</span>
        </label>
    }
    .into_any()
}

/// What is set, each with a way to take it away.
fn active(filters: Memo<Filters>) -> AnyView {
    let chips = move || {
        let now = filters.get();
        let chip = |what: &str, value: Option<&str>, without: Filters| {
            value.map(|value| {
                let text = format!("{what}: {value}");
                view! {
                    <li>
                        <a class="chip" href=Route::List(without).hash() aria-label=format!("Remove filter {text}")>
                            {text.clone()} <span aria-hidden="true">" ×"</span>
                        </a>
                    </li>
                }
            })
        };
        let chips: Vec<_> = [
            chip(
                "Type",
                now.kind.map(kind_name),
                Filters {
                    kind: None,
                    ..now.clone()
                },
            ),
            chip(
                "Author",
                now.author.as_deref(),
                Filters {
                    author: None,
                    ..now.clone()
                },
            ),
            chip(
                "Search",
                now.keyword.as_deref(),
                Filters {
                    keyword: None,
                    ..now.clone()
                },
            ),
            chip(
                "Category",
                now.category.as_deref(),
                Filters {
                    category: None,
                    ..now.clone()
                },
            ),
            chip(
                "Tag",
                now.tag.as_deref(),
                Filters {
                    tag: None,
                    ..now.clone()
                },
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!chips.is_empty()).then(|| {
            view! {
                <ul class="chips" aria-label="Active filters">
                    {chips}
                    <li><a href="#/">"Clear filters"</a></li>
                </ul>
            }
        })
    };
    live(chips)
}
