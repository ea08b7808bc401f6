//! Secrets in what somebody shares: everybody who may see the item could use them.

use shared::access::Caller;
use shared::protocol::{self, Diagnostic};
use shared::wire::{Item, ItemChanges, Sharing};

use super::validation::run;
use crate::config::SharedSecrets;
use crate::problem::{self, Refusal};

/// What others read of an item that may hold secrets, by the names on the wire.
#[derive(Default)]
pub(super) struct Texts<'a> {
    pub(super) protocol: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    pub(super) summary: Option<&'a str>,
    pub(super) data_url: Option<&'a str>,
}

impl SharedSecrets {
    /// Checks the texts of an item that somebody makes.
    ///
    /// # Errors
    /// 400 when one is to be shared that looks as if it held secrets.
    pub(super) async fn check_new(
        self,
        caller: &Caller,
        sharing: &Sharing,
        texts: Texts<'_>,
    ) -> Result<(), Refusal> {
        if sharing.leaves_author() && self.asks(caller) {
            check(texts).await?;
        }
        Ok(())
    }

    /// Checks the texts that an item has after a change: those that others come to read by
    /// it. What they could read before stays as it is.
    ///
    /// # Errors
    /// As [`SharedSecrets::check_new`].
    pub(super) async fn check_changed(
        self,
        caller: &Caller,
        old: &Item,
        changes: &ItemChanges,
    ) -> Result<(), Refusal> {
        let sharing = super::change::sharing(old, changes);
        if !sharing.leaves_author() || !self.asks(caller) {
            return Ok(());
        }
        let is_wider = sharing.is_wider_than(&Sharing::from(old));
        let protocol = changes.protocol.as_deref().map(Some);
        let description = changes.description.as_ref().map(Option::as_deref);
        let summary = changes.summary.as_ref().map(Option::as_deref);
        let data_url = changes.data_url.as_ref().map(Option::as_deref);
        check(Texts {
            protocol: news(is_wider, old.protocol.as_deref(), protocol),
            description: news(is_wider, old.description.as_deref(), description),
            summary: news(is_wider, old.summary.as_deref(), summary),
            data_url: news(is_wider, old.data_url.as_deref(), data_url),
        })
        .await
    }

    /// Checks another text that belongs to an item, by its name on the wire.
    ///
    /// # Errors
    /// As [`SharedSecrets::check_new`].
    pub(super) async fn check_text(
        self,
        caller: &Caller,
        sharing: &Sharing,
        field: &'static str,
        text: &str,
    ) -> Result<(), Refusal> {
        if !sharing.leaves_author() || !self.asks(caller) {
            return Ok(());
        }
        match run(text, protocol::find_secrets).await? {
            found if found.is_empty() => Ok(()),
            found => Err(problem::shared_secrets(field, found)),
        }
    }

    fn asks(self, caller: &Caller) -> bool {
        self == Self::Refuse && !caller.admin
    }
}

/// A text after a change, if somebody comes to read it who did not before.
fn news<'a>(
    is_wider: bool,
    old: Option<&'a str>,
    changed: Option<Option<&'a str>>,
) -> Option<&'a str> {
    let now = changed.unwrap_or(old);
    now.filter(|_| is_wider || now != old)
}

/// What mends those that the validator has nothing to say of.
const BELOW_SECRETS: &str =
    " (leave it empty under `secrets`: whoever uses the item is asked for it)";

async fn check(texts: Texts<'_>) -> Result<(), Refusal> {
    type Find = fn(&str) -> Vec<Diagnostic>;
    for (field, text, find) in [
        ("protocol", texts.protocol, in_protocol as Find),
        ("description", texts.description, protocol::find_secrets),
        ("summary", texts.summary, protocol::find_secrets),
        ("dataUrl", texts.data_url, protocol::find_secrets),
    ] {
        let found = run(text.unwrap_or_default(), find).await?;
        if !found.is_empty() {
            return Err(problem::shared_secrets(field, found));
        }
    }
    Ok(())
}

/// Those that the validator warns of, and those below `secrets`: OpenPAI hides these in
/// jobs, but the item's text is read as it is.
fn in_protocol(text: &str) -> Vec<Diagnostic> {
    let mut found = protocol::validate(text).diagnostics;
    found.retain(|one| one.code.starts_with("secret-"));
    for mut one in protocol::find_secrets(text) {
        let is_known = |known: &Diagnostic| known.start < one.end && one.start < known.end;
        if !found.iter().any(is_known) {
            one.message.push_str(BELOW_SECRETS);
            found.push(one);
        }
    }
    found.sort_by_key(|one| one.start);
    found
}
