use leptos::html;
use leptos::prelude::*;
use shared::javascript::lowercase;
use shared::wire::OFFICIAL_CATEGORY;

use super::{after, run, shown, table};
use crate::client::admin::{Label, Labels};
use crate::components::button::button;
use crate::components::dialog::Dialog;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::list_cache::ListCache;
use crate::load::Loaded;
use crate::messages::{admin as messages, number};
use crate::route::{Filters, Route};
use crate::session::Session;

/// So many show at a time; a text narrows them down.
const MOST: usize = 200;

/// What is done with one of them in a dialog.
#[derive(Clone, PartialEq)]
enum Asked {
    Rename(Label),
    Merge(Label),
    Delete(Label),
}

impl Asked {
    fn title(&self) -> String {
        match self {
            Self::Rename(label) => messages::rename_title(&label.name),
            Self::Merge(label) => messages::merge_title(&label.name),
            Self::Delete(label) => messages::delete_title(&label.name),
        }
    }
}

#[derive(Clone, Copy)]
struct State {
    labels: Labels,
    all: Loaded<Vec<Label>>,
    asked: RwSignal<Option<Asked>>,
    dialog: Dialog,
    toasts: Toasts,
    list_cache: ListCache,
}

impl State {
    fn ask(self, asked: Asked) {
        // First without what was typed before: fields of the same kind would keep it.
        self.asked.set(None);
        request_animation_frame(move || {
            self.asked.set(Some(asked));
            // Once the dialog says so.
            request_animation_frame(move || self.dialog.open());
        });
    }

    /// What says what came of a change.
    fn after(self, done: String) -> impl Fn(Result<(), crate::client::Failure>) {
        after(self.toasts, done, move || {
            self.list_cache.clear();
            self.all.retry();
        })
    }
}

/// The tags, or the categories.
pub(super) fn labels(labels: Labels) -> AnyView {
    let client = Session::current().client;
    let asking = client.clone();
    let all = Loaded::new(move || {
        let client = asking.clone();
        async move { client.labels(labels).await }
    });
    let state = State {
        labels,
        all,
        asked: RwSignal::new(None),
        dialog: Dialog::new(),
        toasts: Toasts::current(),
        list_cache: ListCache::current(),
    };
    let narrowed = RwSignal::new(String::new());
    let new = NodeRef::<html::Input>::new();
    let make = {
        let client = client.clone();
        move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let name = new
                .get_untracked()
                .map(|field| field.value().trim().to_owned());
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                return;
            };
            let client = client.clone();
            let ended = state.after(messages::made(&name));
            run(async move { client.make_label(labels, &name).await }, ended);
        }
    };
    let title = match labels {
        Labels::Tags => messages::tags(),
        Labels::Categories => messages::categories(),
    };
    view! {
        <div class="bar">
            <label class="stack">
                {messages::narrow()}
                <input type="search" on:input=move |event| narrowed.set(lowercase(&event_target_value(&event))) />
            </label>
            <form class="inline" on:submit=make>
                <label class="stack">
                    {messages::new_name()}
                    <input type="text" maxlength="255" autocomplete="off" node_ref=new />
                </label>
                <button class="button" type="submit">{messages::make()}</button>
            </form>
        </div>
        {shown(all, move |all| {
            live(move || {
                let text = narrowed.get();
                let matching: Vec<_> = all
                    .iter()
                    .filter(|label| lowercase(&label.name).contains(&text))
                    .collect();
                let rows = matching.iter().take(MOST).map(|label| row(label, state)).collect();
                let rest = matching.len().saturating_sub(MOST);
                view! {
                    <p class="hint" role="status">{messages::found(matching.len())}</p>
                    {table(title, &[messages::name(), messages::items(), messages::actions()], rows)}
                    {(rest > 0).then(|| view! { <p class="hint">{messages::more(rest)}</p> })}
                }
                .into_any()
            })
        })}
        {state.dialog.view(
            "label-title",
            live(move || state.asked.get().map(|asked| asked.title())),
            live(move || state.asked.get().map(|asked| question(asked, state))),
        )}
    }
    .into_any()
}

fn row(label: &Label, state: State) -> AnyView {
    let filters = match state.labels {
        Labels::Tags => Filters::of_tag(&label.name),
        Labels::Categories => Filters::of_category(&label.name),
    };
    let href = Route::List(filters).hash();
    let action = |name: &'static str, asked: Asked| {
        // Buttons of many rows are told from each other by what they are for.
        let full = messages::action_for(name, &label.name);
        let ask = move |_| state.ask(asked.clone());
        view! { <button class="button" type="button" aria-label=full on:click=ask>{name}</button> }
    };
    let is_official = state.labels == Labels::Categories && label.name == OFFICIAL_CATEGORY;
    let actions = if is_official {
        view! { <span class="hint">{messages::official_stays()}</span> }.into_any()
    } else {
        view! {
            <div class="actions">
                {action(messages::rename(), Asked::Rename(label.clone()))}
                {action(messages::merge(), Asked::Merge(label.clone()))}
                {action(messages::delete(), Asked::Delete(label.clone()))}
            </div>
        }
        .into_any()
    };
    view! {
        <tr>
            <td><a href=href dir="auto">{label.name.clone()}</a></td>
            <td class="number">{label.item_count.map_or_else(|| "–".to_owned(), number)}</td>
            <td>{actions}</td>
        </tr>
    }
    .into_any()
}

fn question(asked: Asked, state: State) -> AnyView {
    let client = Session::current().client;
    let labels = state.labels;
    let chosen = RwSignal::new(match &asked {
        Asked::Rename(label) => label.name.clone(),
        _ => String::new(),
    });
    let (action, class, label, control) = match asked.clone() {
        Asked::Rename(label) => {
            let control = view! {
                <label class="stack">
                    {messages::name()}
                    <input type="text" maxlength="255" required autocomplete="off" prop:value=label.name.clone() on:input=move |event| chosen.set(event_target_value(&event)) />
                </label>
            };
            (
                messages::rename(),
                "button primary",
                label,
                control.into_any(),
            )
        }
        Asked::Merge(label) => {
            let id = label.id.clone();
            let others = state.all.ready().unwrap_or_default();
            let others = others
                .into_iter()
                .filter(move |other| other.id != id && !other.name.is_empty())
                .map(|other| view! { <option value=other.id>{other.name}</option> });
            let control = view! {
                <p>{messages::merge_hint()}</p>
                <label class="stack">
                    {messages::merge_into()}
                    <select required on:change=move |event| chosen.set(event_target_value(&event))>
                        <option value="">{messages::choose()}</option>
                        {others.collect_view()}
                    </select>
                </label>
            };
            (
                messages::merge(),
                "button danger",
                label,
                control.into_any(),
            )
        }
        Asked::Delete(label) => {
            let text = match label.item_count {
                Some(count) => messages::delete_counted(count),
                None => messages::delete_hint().to_owned(),
            };
            (
                messages::delete(),
                "button danger",
                label,
                view! { <p>{text}</p> }.into_any(),
            )
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let value = chosen.get_untracked().trim().to_owned();
        let needs_value = !matches!(asked, Asked::Delete(_));
        if needs_value && value.is_empty() {
            return;
        }
        state.dialog.close();
        let (client, id, asked) = (client.clone(), label.id.clone(), asked.clone());
        let done = match &asked {
            Asked::Rename(_) => messages::renamed(&label.name, &value),
            Asked::Merge(_) => messages::merged(&label.name),
            Asked::Delete(_) => messages::deleted(&label.name),
        };
        run(
            async move {
                match asked {
                    Asked::Rename(_) => client.rename_label(labels, &id, &value).await,
                    Asked::Merge(_) => client.merge_label(labels, &id, &value).await,
                    Asked::Delete(_) => client.delete_label(labels, &id).await,
                }
            },
            state.after(done),
        );
    };
    view! {
        <form on:submit=submit>
            {control}
            <div class="actions end">
                {button("button", messages::cancel(), move || state.dialog.close())}
                <button class=class type="submit">{action}</button>
            </div>
        </form>
    }
    .into_any()
}
