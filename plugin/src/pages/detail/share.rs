use leptos::html;
use leptos::prelude::*;
use shared::wire::{Item, ItemStatus};

use crate::components::button::button;
use crate::components::code::copy;
use crate::components::dialog::Dialog;
use crate::components::live::live;
use crate::components::toast::Toasts;
use crate::messages::{detail as messages, list_of};
use crate::route::Route;
use crate::text::name_or_untitled;

/// A button that tells who may open the item, and gives the link to it. Who is
/// `writable` to is led to where that is changed.
pub(super) fn share(item: &Item, writable: Memo<bool>) -> AnyView {
    let dialog = Dialog::new();
    let toasts = Toasts::current();
    let field = NodeRef::<html::Input>::new();
    let open = move || {
        if let Some(field) = field.get_untracked() {
            field.set_value(&here());
        }
        dialog.open();
    };
    let edit = Route::Edit {
        id: item.id.clone(),
    }
    .hash();
    let title = messages::share_title(&name_or_untitled(item.name.as_deref()));
    let content = view! {
        <p dir="auto">{audience(item)}</p>
        <label class="stack">
            {messages::link()}
            <input type="text" readonly node_ref=field on:focus=move |_| {
                if let Some(field) = field.get_untracked() {
                    field.select();
                }
            } />
        </label>
        <div class="actions end">
            {live(move || writable.get().then(|| view! { <a class="button" href=edit.clone()>{messages::change_audience()}</a> }))}
            {button("button", messages::close(), move || dialog.close())}
            {button("button primary", messages::copy_link(), move || {
                dialog.close();
                copy(here(), messages::link_copied(), toasts);
            })}
        </div>
    };
    view! {
        {button("button", messages::share(), open)}
        {dialog.view("share-title", title.into_any(), content.into_any())}
    }
    .into_any()
}

fn here() -> String {
    window().location().href().unwrap_or_default()
}

fn audience(item: &Item) -> String {
    if item.status.is_some_and(ItemStatus::holds_back) {
        messages::held_back().to_owned()
    } else if item.is_private {
        messages::only_author().to_owned()
    } else if item.is_public {
        messages::everybody().to_owned()
    } else if item.group_list.is_empty() {
        messages::only_author().to_owned()
    } else {
        messages::groups(&list_of(&item.group_list))
    }
}
