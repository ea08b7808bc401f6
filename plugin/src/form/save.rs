//! Sends what the form holds: so that nothing is made twice, and nobody's
//! change is overwritten unseen.

use shared::wire::ItemChanges;

use crate::client::{Client, Failure};
use crate::draft::{Attempt, Draft, Version};
use crate::messages;

/// So often a change is made again on a newer version of the item that differs
/// in nothing that the form shows, or after an answer that got lost.
const ROUNDS: usize = 4;

/// What came of it.
pub(super) enum Outcome {
    /// The item is as the form says. Whether that was news to the marketplace.
    Saved(bool),
    /// Somebody else has changed it: this is how it is now.
    Conflict(Version),
}

/// The attempt that makes an item of the draft: the one before, if the draft
/// is still the same or if it is not known what became of that one.
pub(super) fn attempt(draft: &Draft, before: Option<Attempt>) -> Attempt {
    let before = before.filter(|attempt| attempt.open || attempt.content == *draft);
    before.unwrap_or_else(|| Attempt {
        // Unique for one user and a day; nothing depends on its secrecy, and
        // `crypto.randomUUID` is missing on pages over plain HTTP.
        key: format!(
            "{:x}-{:x}",
            js_sys::Math::random().to_bits(),
            js_sys::Math::random().to_bits()
        ),
        content: draft.clone(),
        open: false,
    })
}

/// Makes an item and brings its id. An attempt whose answer got lost is
/// repeated, which makes no second item.
pub(super) async fn create(
    client: &Client,
    user: &str,
    draft: &Draft,
    attempt: &Attempt,
) -> Result<String, Failure> {
    let item = attempt.content.to_new(user);
    let mut open = attempt.open;
    let mut answer = client.create(&item, &attempt.key).await;
    if answer.as_ref().is_err_and(|failure| failure.unknown) {
        open = true;
        answer = client.create(&item, &attempt.key).await;
    }
    let maybe_made = |failure: Failure| Failure {
        unknown: true,
        ..failure
    };
    let created = answer.map_err(|failure| match failure.status {
        // The item itself is refused, so it was the first time.
        Some(400..=499) if !failure.signed_out() && failure.status != Some(429) => failure,
        _ if open => maybe_made(failure),
        _ => failure,
    })?;
    // The user has gone on since an attempt that succeeded after all.
    if attempt.content != *draft {
        let (item, etag) = client.item(&created.id).await.map_err(maybe_made)?;
        let content = Draft::of(&item);
        let version = Version { content, etag };
        let outcome = update(client, &created.id, draft, version).await;
        if let Outcome::Conflict(_) = outcome.map_err(maybe_made)? {
            return Err(maybe_made(Failure::local(
                messages::form::changed_meanwhile(),
            )));
        }
    }
    Ok(created.id)
}

/// Brings an item from a version to what the draft holds.
pub(super) async fn update(
    client: &Client,
    id: &str,
    draft: &Draft,
    mut version: Version,
) -> Result<Outcome, Failure> {
    let mut draft = draft.clone();
    let mut news = false;
    for round in 1.. {
        let changes = draft.to_changes(&version.content);
        if changes == ItemChanges::default() {
            return Ok(Outcome::Saved(news));
        }
        news = true;
        match client.update(id, &changes, &version.etag).await {
            Ok(()) => break,
            Err(failure) if round < ROUNDS && (failure.status == Some(412) || failure.unknown) => {}
            Err(failure) => return Err(failure),
        }
        let (item, etag) = client.item(id).await?;
        let now = Version {
            content: Draft::of(&item),
            etag,
        };
        if !draft.conflicts(&version.content, &now.content).is_empty() {
            return Ok(Outcome::Conflict(now));
        }
        draft = draft.merged(&version.content, &now.content);
        version = now;
    }
    Ok(Outcome::Saved(news))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn one_item_has_one_key() {
        let draft = |name: &str| Draft {
            name: name.into(),
            ..Draft::default()
        };
        let first = attempt(&draft("a"), None);
        assert!(!first.open && first.content == draft("a"));
        assert!((1..=255).contains(&first.key.len()));
        assert!(first.key.bytes().all(|byte| byte.is_ascii_graphic()));
        assert_eq!(attempt(&draft("a"), Some(first.clone())), first);

        // That one was refused: another content is another item.
        let second = attempt(&draft("b"), Some(first.clone()));
        assert_ne!(second.key, first.key);

        // Nobody knows what became of it: that comes first.
        let open = Attempt {
            open: true,
            ..first
        };
        assert_eq!(attempt(&draft("b"), Some(open.clone())), open);
    }
}
