//! Drafts outlive an accidental reload in the tab's session storage.

use shared::order;

use crate::draft::{Attempt, Draft, Version};

/// What is stored of a form that was not sent yet.
pub(crate) struct StoredDraft {
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

/// The drafts of a user: their keys, and the items that they change; none for a new one.
pub(crate) fn of_user(user: &str) -> Vec<(String, Option<String>)> {
    let new = key(user, None);
    let Some(storage) = storage() else {
        return Vec::new();
    };
    let keys =
        (0..storage.length().unwrap_or_default()).filter_map(|index| storage.key(index).ok()?);
    let drafts = keys.filter_map(|key| {
        let rest = key.strip_prefix(&new)?;
        let item = match rest {
            "" => None,
            rest => Some(rest.strip_prefix('.')?.to_owned()),
        };
        Some((key, item))
    });
    let mut drafts: Vec<_> = drafts.filter(|(key, _)| load(key).is_some()).collect();
    order::by(&mut drafts, Ord::cmp);
    drafts
}

/// The draft that was stored, if there is one that can be read.
pub(crate) fn load(key: &str) -> Option<StoredDraft> {
    read(&storage()?.get_item(key).ok()??)
}

/// Stores a draft. Full or forbidden storage only costs the safety net.
pub(crate) fn store(key: &str, draft: &StoredDraft) {
    if let (Some(storage), Ok(text)) = (storage(), write(draft)) {
        let _ = storage.set_item(key, &text);
    }
}

/// Lists of texts are written and read by code that is in the plugin anyway:
/// the draft, and as far as there are any the version, its `ETag` and the
/// attempt.
fn write(stored: &StoredDraft) -> serde_json::Result<String> {
    let mut parts = vec![stored.draft.to_texts()];
    parts.push(match &stored.version {
        Some(version) => version.content.to_texts(),
        None => Vec::new(),
    });
    let etag = stored.version.iter().map(|version| version.etag.clone());
    parts.push(etag.collect());
    if let Some(attempt) = &stored.attempt {
        let open = if attempt.open { "open" } else { "" };
        parts.push(attempt.content.to_texts());
        parts.push(vec![attempt.key.clone(), open.to_owned()]);
    }
    serde_json::to_string(&parts)
}

fn read(text: &str) -> Option<StoredDraft> {
    let parts: Vec<Vec<String>> = serde_json::from_str(text).ok()?;
    let mut parts = parts.into_iter();
    let draft = Draft::from_texts(parts.next()?)?;
    let content = Draft::from_texts(parts.next()?);
    let etag = parts.next()?.into_iter().next();
    let attempt = parts.next().and_then(Draft::from_texts);
    let mut name = parts.next().unwrap_or_default().into_iter();
    Some(StoredDraft {
        draft,
        version: content
            .zip(etag)
            .map(|(content, etag)| Version { content, etag }),
        attempt: attempt.zip(name.next()).map(|(content, key)| Attempt {
            key,
            content,
            open: name.next().is_some_and(|open| !open.is_empty()),
        }),
    })
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

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn what_was_stored_is_read_again() {
        let draft = |name: &str| Draft {
            name: name.into(),
            ..Draft::default()
        };
        let version = Version {
            content: draft("old"),
            etag: "\"1\"".into(),
        };
        let attempt = Attempt {
            key: "k".into(),
            content: draft("sent"),
            open: true,
        };
        for (version, attempt) in [
            (None, None),
            (Some(version), None),
            (None, Some(attempt.clone())),
            (
                None,
                Some(Attempt {
                    open: false,
                    ..attempt
                }),
            ),
        ] {
            let stored = StoredDraft {
                draft: draft("new"),
                version: version.clone(),
                attempt: attempt.clone(),
            };
            let again = read(&write(&stored).unwrap()).unwrap();
            assert_eq!(again.draft, stored.draft);
            assert_eq!((again.version, again.attempt), (version, attempt));
        }
        assert!(read(r#"{"name": "of another release"}"#).is_none());
    }
}
