//! Secrets in what somebody shares: everybody who may see the item could use them.

use shared::access::Caller;
use shared::exposure::{self, Shown, Text};
use shared::protocol::Diagnostic;
use shared::wire::{Item, Sharing};

use super::validation::run;
use crate::config::SharedSecrets;
use crate::problem::{self, Refusal};
use store::versions::Reason;
use store::{CallbackError, Store};

/// How often others may change an item while what it shows is looked through.
const MAX_RACES: usize = 5;

/// What has changed in a version, in the words of who changed it.
const NOTE: &str = "versionNote";

/// Why an item was not changed while it was locked.
enum Stop {
    Refused(Refusal),
    /// Others come to read what was not looked through: somebody else has changed the item,
    /// to this.
    Overtaken(Box<Item>),
}

impl SharedSecrets {
    /// Whether what the caller shares is looked through.
    pub(in super::super) fn asks(self, caller: &Caller) -> bool {
        self == Self::Refuse && !caller.admin
    }

    /// Checks what others will read of an item that somebody makes.
    ///
    /// # Errors
    /// 400 when one is to be shared that looks as if it held secrets.
    pub(super) async fn check_new(self, caller: &Caller, new: Shown<'_>) -> Result<(), Refusal> {
        if self.asks(caller) {
            check(&new.news(&Shown::default())).await?;
        }
        Ok(())
    }

    /// Changes an item, which was `seen` so, as `decide` says, after a look at what others
    /// come to read by that: what they could read before stays as it is. Protocols take long
    /// to look through, so this is done before others have to wait, and again if one of them
    /// was faster.
    ///
    /// # Errors
    /// As [`SharedSecrets::check_new`], what `decide` fails with, and 412 when others change
    /// the item all the time.
    pub(super) async fn change(
        self,
        store: &Store,
        caller: &Caller,
        reason: Reason,
        mut seen: Item,
        decide: impl Fn(&Item) -> Result<Item, Refusal> + Sync,
    ) -> Result<Item, Refusal> {
        let asks = self.asks(caller);
        for _ in 0..MAX_RACES {
            let new = asks.then(|| decide(&seen)).transpose()?;
            let note = match &new {
                Some(new) => note(store, &seen, new, &reason).await?,
                None => None,
            };
            let note = note.as_deref();
            let shown = new.as_ref().map(|new| news(&seen, new, note));
            check(shown.as_deref().unwrap_or_default()).await?;
            let decided = |item: Item| {
                let new = decide(&item).map_err(Stop::Refused)?;
                let is_seen = |known: &Vec<_>| {
                    item.version == seen.version && news(&item, &new, note) == *known
                };
                if shown.as_ref().is_none_or(is_seen) {
                    Ok(new)
                } else {
                    Err(Stop::Overtaken(Box::new(item)))
                }
            };
            let changed = store.update_item(&seen.id, &caller.name, reason.clone(), decided);
            match changed.await {
                Ok(item) => return Ok(item),
                Err(CallbackError::Store(error)) => return Err(error.into()),
                Err(CallbackError::Callback(Stop::Refused(refusal))) => return Err(refusal),
                Err(CallbackError::Callback(Stop::Overtaken(item))) => seen = *item,
            }
        }
        Err(problem::outdated(
            "Others are changing this item just now: load it again, and try once more.",
        ))
    }

    /// Checks another text of an item, of one line or some, which is quick: while the item is
    /// locked, so that nobody shares it meanwhile.
    ///
    /// # Errors
    /// As [`SharedSecrets::check_new`].
    pub(super) fn check_text(
        self,
        caller: &Caller,
        item: &Item,
        (field, text): Text<'_>,
    ) -> Result<(), Refusal> {
        if self.asks(caller) && Sharing::from(item).leaves_author() {
            refuse(field, exposure::find(field, text))
        } else {
            Ok(())
        }
    }

    /// Checks texts that everybody reads.
    ///
    /// # Errors
    /// As [`SharedSecrets::check_new`].
    pub(in super::super) async fn check_public(
        self,
        caller: &Caller,
        texts: &[Text<'_>],
    ) -> Result<(), Refusal> {
        if self.asks(caller) {
            check(texts).await?;
        }
        Ok(())
    }
}

/// What others come to read by a change, with the note of its newest version.
fn news<'a>(old: &'a Item, new: &'a Item, note: Option<&'a str>) -> Vec<Text<'a>> {
    let mut now = Shown::from(new);
    now.texts.extend(note.map(|note| (NOTE, note)));
    now.news(&old.into())
}

/// The note that others come to read by a change: of the version that it makes, or of the
/// newest one, which is shared with the item.
async fn note(
    store: &Store,
    old: &Item,
    new: &Item,
    reason: &Reason,
) -> Result<Option<String>, Refusal> {
    if new.protocol != old.protocol {
        return Ok(reason.note.clone());
    }
    if !Sharing::from(new).is_wider_than(&Sharing::from(old)) {
        return Ok(None);
    }
    Ok(store.version(old, old.version, false).await?.note)
}

async fn check(texts: &[Text<'_>]) -> Result<(), Refusal> {
    for (field, text) in texts {
        let field = *field;
        let found = run(text, move |text| exposure::find(field, text)).await?;
        refuse(field, found)?;
    }
    Ok(())
}

fn refuse(field: &str, found: Vec<Diagnostic>) -> Result<(), Refusal> {
    if found.is_empty() {
        Ok(())
    } else {
        Err(problem::shared_secrets(field, found))
    }
}
