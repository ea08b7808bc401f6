//! Drafts outlive an accidental reload in the tab's session storage.

use serde::{Deserialize, Serialize};

use crate::draft::{Attempt, Draft, Version};

/// What is kept of a form that was not sent yet.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    /// What the user had filled in.
    pub draft: Draft,
    /// The version of the item that it changes; none for a new item.
    pub version: Option<Version>,
    /// The last try to make a new item.
    pub attempt: Option<Attempt>,
}

/// Where the draft of a user lies: one for new items, one for each item that
/// exists.
pub(crate) fn key(user: &str, item: Option<&str>) -> String {
    match item {
        None => format!("marketplace.draft.{user}"),
        Some(id) => format!("marketplace.draft.{user}.{id}"),
    }
}

/// The draft that was kept, if there is one that can be read.
pub(crate) fn load(key: &str) -> Option<Kept> {
    serde_json::from_str(&storage()?.get_item(key).ok()??).ok()
}

/// Keeps a draft. Full or forbidden storage only costs the safety net.
pub(crate) fn keep(key: &str, kept: &Kept) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(kept)) {
        let _ = storage.set_item(key, &text);
    }
}

/// Forgets a draft.
pub(crate) fn forget(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

fn storage() -> Option<web_sys::Storage> {
    leptos::prelude::window().session_storage().ok().flatten()
}
