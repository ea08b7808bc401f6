use leptos::html;
use leptos::prelude::*;
use shared::wire::{NewStorage, Storage};

use super::{after, run, shown, table};
use crate::components::button::button;
use crate::components::dialog::Dialog;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::load::Loaded;
use crate::messages::{admin as messages, list_of};
use crate::session::Session;

/// What stands for a secret, whatever its length.
const MASK: &str = "••••••••";

/// What is done in the dialog.
#[derive(Clone, PartialEq)]
enum Asked {
    Make,
    Change(Storage),
    Forget(Storage),
}

#[derive(Clone, Copy)]
struct State {
    all: Loaded<Vec<Storage>>,
    asked: RwSignal<Option<Asked>>,
    dialog: Dialog,
    toasts: Toasts,
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
}

/// The storages that jobs get at.
pub(super) fn storages() -> AnyView {
    let client = Session::current().client;
    let all = Loaded::new(move || {
        let client = client.clone();
        async move { client.storages().await }
    });
    let state = State {
        all,
        asked: RwSignal::new(None),
        dialog: Dialog::new(),
        toasts: Toasts::current(),
    };
    let title = move || match state.asked.get() {
        None | Some(Asked::Make) => messages::storage_new().to_owned(),
        Some(Asked::Change(storage)) => messages::storage_change(&storage.storage_account),
        Some(Asked::Forget(storage)) => messages::storage_forget(&storage.storage_account),
    };
    view! {
        <div class="bar">
            <p class="hint">{messages::storages_hint()}</p>
            {button("button", messages::storage_new(), move || state.ask(Asked::Make))}
        </div>
        {shown(all, move |all| {
            if all.is_empty() {
                return view! { <p class="hint">{messages::no_storages()}</p> }.into_any();
            }
            let columns = [
                messages::account(),
                messages::container(),
                messages::secrets(),
                messages::users(),
                messages::actions(),
            ];
            table(messages::storages(), &columns, all.iter().map(|one| row(one, state)).collect())
        })}
        {state.dialog.view(
            "storage-title",
            live(title),
            live(move || state.asked.get().map(|asked| form(asked, state))),
        )}
    }
    .into_any()
}

fn row(storage: &Storage, state: State) -> AnyView {
    let secrets = [
        (
            storage.connection_strings.len(),
            messages::connection_strings as fn(usize) -> String,
        ),
        (storage.tokens.len(), messages::tokens),
    ];
    let secrets = secrets
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| view! { <div>{name(count)} " " <code>{MASK}</code></div> });
    let users = if storage.users.is_empty() {
        view! { <span class="hint">{messages::all_users()}</span> }.into_any()
    } else {
        view! { <span dir="auto">{list_of(&storage.users)}</span> }.into_any()
    };
    let action = |name: &'static str, asked: Asked| {
        let full = messages::action_for(name, &storage.storage_account);
        let ask = move |_| state.ask(asked.clone());
        view! { <button class="button" type="button" aria-label=full on:click=ask>{name}</button> }
    };
    view! {
        <tr>
            <td>{storage.storage_account.clone()} <div class="hint">{kind_name(&storage.kind)}</div></td>
            <td>{storage.container_name.clone()}</td>
            <td>{secrets.collect_view()}</td>
            <td>{users}</td>
            <td>
                <div class="actions">
                    {action(messages::change(), Asked::Change(storage.clone()))}
                    {action(messages::forget(), Asked::Forget(storage.clone()))}
                </div>
            </td>
        </tr>
    }
    .into_any()
}

/// What people call a kind of storage; the API knows one.
fn kind_name(kind: &str) -> String {
    match kind {
        "blob" => crate::messages::item::blob().to_owned(),
        other => other.to_owned(),
    }
}

fn form(asked: Asked, state: State) -> AnyView {
    let client = Session::current().client;
    let [account, container, users] = [(); 3].map(|()| NodeRef::<html::Input>::new());
    let strings = NodeRef::<html::Textarea>::new();
    let storage = match &asked {
        Asked::Make => None,
        Asked::Change(storage) | Asked::Forget(storage) => Some(storage.clone()),
    };
    let id = storage.as_ref().map(|storage| storage.id.clone());
    let cancel = button("button", messages::cancel(), move || state.dialog.close());
    if let Asked::Forget(storage) = asked {
        let done = messages::storage_forgotten(&storage.storage_account);
        let forget = move || {
            state.dialog.close();
            let (client, id) = (client.clone(), storage.id.clone());
            let ended = after(state.toasts, done.clone(), move || state.all.retry());
            run(async move { client.delete_storage(&id).await }, ended);
        };
        return view! {
            <p>{messages::storage_forget_hint()}</p>
            <div class="actions end">{cancel} {button("button danger", messages::forget(), forget)}</div>
        }
        .into_any();
    }
    let value = |of: fn(&Storage) -> String| storage.as_ref().map(of).unwrap_or_default();
    let is_new = storage.is_none();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let line = |field: NodeRef<html::Input>| {
            let value = field.get_untracked().map(|field| field.value());
            value.unwrap_or_default().trim().to_owned()
        };
        let several = |text: String, between: char| -> Vec<String> {
            let parts = text.split(between).map(str::trim);
            parts
                .filter(|part| !part.is_empty())
                .map(ToOwned::to_owned)
                .collect()
        };
        let typed = strings.get_untracked().map(|area| {
            let typed = area.value();
            // No secret stays in a page.
            area.set_value("");
            typed
        });
        let secrets = several(typed.unwrap_or_default(), '\n');
        let storage = NewStorage {
            storage_account: Some(line(account)),
            container_name: Some(line(container)),
            users: Some(several(line(users), ',')),
            // What is not typed anew stays as it is.
            connection_strings: (is_new || !secrets.is_empty()).then_some(secrets),
            ..NewStorage::default()
        };
        state.dialog.close();
        let done = messages::storage_saved(storage.storage_account.as_deref().unwrap_or_default());
        let (client, id) = (client.clone(), id.clone());
        let ended = after(state.toasts, done, move || state.all.retry());
        run(
            async move { client.save_storage(id.as_deref(), &storage).await },
            ended,
        );
    };
    let strings_hint = if is_new {
        messages::strings_new()
    } else {
        messages::strings_kept()
    };
    view! {
        <form on:submit=submit autocomplete="off">
            <label class="stack">{messages::account()} <input type="text" required maxlength="255" node_ref=account prop:value=value(|one| one.storage_account.clone()) /></label>
            <label class="stack">{messages::container()} <input type="text" required maxlength="255" node_ref=container prop:value=value(|one| one.container_name.clone()) /></label>
            <label class="stack">
                {messages::connection_strings_label()}
                <textarea rows="3" spellcheck="false" class="secret" node_ref=strings aria-describedby="strings-hint"></textarea>
            </label>
            <p class="hint" id="strings-hint">{strings_hint}</p>
            <label class="stack">{messages::users_label()} <input type="text" node_ref=users prop:value=value(|one| one.users.join(", ")) /></label>
            <div class="actions end">{cancel} <button class="button primary" type="submit">{messages::save()}</button></div>
        </form>
    }
    .into_any()
}
