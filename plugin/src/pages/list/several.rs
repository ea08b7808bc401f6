//! Something that is done with several items at once.

mod archive;
mod run;

use leptos::prelude::*;
use shared::wire::{Item, ItemChanges};

use self::run::{Run, change};
use super::browse::Browse;
use crate::chunks::chunks;
use crate::client::Client;
use crate::components::button::button;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::deletions::Deletions;
use crate::load::finish;
use crate::messages::{self, list as text};
use crate::scroll::Scroll;
use crate::session::Session;
use crate::styles;
use crate::text::name_or_untitled;

/// What is to be done, as far as it has to be said first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Nothing,
    Tag,
    Sharing,
}

chunks! {
    /// What is done with several items of the list at once.
    several: fn(Browse) -> AnyView = bar;
}

/// The bar for what is selected.
fn bar(browse: Browse) -> AnyView {
    styles::adopt(include_str!("../../../styles/several.css"));
    let session = Session::current();
    let (selected, me) = (browse.selected, session.me);
    let chosen = move || selected.get().unwrap_or_default();
    let asked = RwSignal::new(Asked::Nothing);
    let run = Run::new(browse);
    let deletions = Deletions::current();
    let number =
        Memo::new(move |_| selected.with(|selected| selected.as_ref().map_or(0, Vec::len)));
    let mine = {
        let session = session.clone();
        Memo::new(move |_| {
            let mine = chosen();
            mine.iter().filter(|item| session.may_write(item)).count()
        })
    };
    let is_idle = move || number.get() == 0 || run.is_busy();
    let none_mine = move || mine.get() == 0 || run.is_busy();
    let action = move |name: &'static str, off: Signal<bool>, act: Box<dyn Fn()>| {
        view! { <button class="button" type="button" disabled=off on:click=move |_| act()>{name}</button> }
            .into_any()
    };
    let (nothing, nothing_mine) = (Signal::derive(is_idle), Signal::derive(none_mine));
    let writable = move || {
        let session = session.clone();
        let mine = chosen().into_iter();
        mine.filter(|item| session.may_write(item))
            .collect::<Vec<Item>>()
    };
    let writable = StoredValue::new(writable);
    let parts = browse.parts;
    let select_all = move || {
        let parts = parts.get_untracked().into_iter();
        let pages = parts.flat_map(|part| untrack(|| part.pages()));
        let items: Vec<Item> = pages.flat_map(|page| page.to_vec()).collect();
        let items = items
            .into_iter()
            .filter(|item| !untrack(|| deletions.hides(&item.id)));
        selected.set(Some(items.collect()));
    };
    let client = StoredValue::new(Session::current().client);
    let toasts = Toasts::current();
    let scroll = Scroll::current();
    let end = move || {
        selected.set(None);
        // The button that has begun it.
        scroll.keep_focus(".row > .button:last-child");
    };
    view! {
        <section class="several" aria-label=text::several()>
            <div class="row">
                <p role="status">{live(move || text::selected(number.get()))}</p>
                {button("button", text::select_all(), select_all)}
                {action(text::several_tag(), nothing_mine, Box::new(move || asked.set(Asked::Tag)))}
                {action(text::several_share(), nothing_mine, Box::new(move || asked.set(Asked::Sharing)))}
                {action(text::several_export(), nothing, Box::new(move || {
                    asked.set(Asked::Nothing);
                    archive::export(run, chosen());
                }))}
                {action(text::several_delete(), nothing_mine, Box::new(move || {
                    asked.set(Asked::Nothing);
                    let mine = writable.with_value(|writable| writable());
                    finish(delete(mine, client.get_value(), deletions, toasts));
                    end();
                }))}
                {action(text::several_end(), Signal::derive(move || run.is_busy()), Box::new(end))}
            </div>
            {live(move || {
                let others = number.get().saturating_sub(mine.get());
                (others > 0 && me.ready().is_some()).then(|| view! { <p class="hint">{text::not_yours(others)}</p> })
            })}
            {live(move || match asked.get() {
                Asked::Nothing => ().into_any(),
                Asked::Tag => ask_tag(move |tag| {
                    asked.set(Asked::Nothing);
                    let mine = writable.with_value(|writable| writable());
                    run.start(mine, move |client, item| {
                        let tag = tag.clone();
                        change(client, item, move |item| {
                            let mut tags = item.tags.clone();
                            tags.push(tag.clone());
                            ItemChanges { tags: Some(tags), ..ItemChanges::default() }
                        })
                    });
                }),
                Asked::Sharing => ask_sharing(move |changes| {
                    asked.set(Asked::Nothing);
                    let mine = writable.with_value(|writable| writable());
                    run.start(mine, move |client, item| {
                        let changes = changes.clone();
                        change(client, item, move |_| changes.clone())
                    });
                }),
            })}
            {run.view()}
        </section>
    }
    .into_any()
}

/// Begins to delete items as the list has them: what somebody has changed since stays.
async fn delete(items: Vec<Item>, client: Client, deletions: Deletions, toasts: Toasts) {
    let mut found = Vec::new();
    for item in items {
        let name = name_or_untitled(item.name.as_deref());
        match client.item(&item.id).await {
            Ok((now, etag)) if now.updated_at == item.updated_at => {
                found.push([item.id, etag, name]);
            }
            Ok(_) => {
                let why = messages::detail::changed_since_list();
                toasts.failed(messages::detail::not_deleted(&name, why));
            }
            // Somebody else has done it.
            Err(failure) if failure.status == Some(404) => {}
            Err(failure) => return toasts.refused(&failure),
        }
    }
    if !found.is_empty() {
        deletions.begin_all(&found);
    }
}

fn ask_tag(decide: impl Fn(String) + 'static) -> AnyView {
    let tag = RwSignal::new(String::new());
    Scroll::current().focus(".several input".to_owned());
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let tag = tag.get_untracked().trim().to_owned();
        if !tag.is_empty() {
            decide(tag);
        }
    };
    view! {
        <form class="row" on:submit=send>
            <label class="field">
                <span>{text::tag_name()}</span>
                <input
                    type="text"
                    required
                    maxlength="255"
                    on:input=move |event| tag.set(event_target_value(&event))
                />
            </label>
            <button class="button primary">{text::add_tag()}</button>
        </form>
    }
    .into_any()
}

fn ask_sharing(decide: impl Fn(ItemChanges) + 'static) -> AnyView {
    let me = Session::current().me;
    let groups = me.ready().map(|me| me.groups.clone()).unwrap_or_default();
    let wanted = RwSignal::new("private".to_owned());
    Scroll::current().focus(".several select".to_owned());
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = wanted.get_untracked();
        let group = wanted.strip_prefix("group ");
        decide(ItemChanges {
            is_private: Some(wanted == "private"),
            is_public: Some(wanted == "public"),
            group_list: Some(group.map(ToOwned::to_owned).into_iter().collect()),
            ..ItemChanges::default()
        });
    };
    let groups = groups.into_iter().map(|group| {
        let name = messages::list::share_group(&group);
        view! { <option value=format!("group {group}")>{name}</option> }
    });
    view! {
        <form class="row" on:submit=send>
            <label class="field">
                <span>{text::share_with()}</span>
                <select on:change=move |event| wanted.set(event_target_value(&event))>
                    <option value="private">{text::share_private()}</option>
                    {groups.collect_view()}
                    <option value="public">{text::share_public()}</option>
                </select>
            </label>
            <button class="button primary">{text::share()}</button>
        </form>
    }
    .into_any()
}
