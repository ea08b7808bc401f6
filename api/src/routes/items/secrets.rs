//! Secrets in what somebody shares: everybody who may see the item could use them.

use shared::access::Caller;
use shared::protocol::{self, Diagnostic};
use shared::wire::{Item, ItemChanges, Sharing};

use super::validation::run;
use crate::config::SharedSecrets;
use crate::problem::{self, Refusal};

impl SharedSecrets {
    /// Checks the texts of an item that somebody makes.
    ///
    /// # Errors
    /// 400 when one is to be shared that looks as if it held secrets.
    pub(super) async fn check_new(
        self,
        caller: &Caller,
        sharing: &Sharing,
        protocol: &str,
        description: Option<&str>,
    ) -> Result<(), Refusal> {
        if sharing.leaves_author() && self.asks(caller) {
            check(Some(protocol), description).await?;
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
        let before = Sharing::from(old);
        let sharing = super::change::sharing(old, changes);
        if !sharing.leaves_author() || !self.asks(caller) {
            return Ok(());
        }
        let is_wider = sharing.is_wider_than(&before);
        let protocol = changes.protocol.as_ref();
        let protocol = protocol.filter(|text| is_wider || Some(*text) != old.protocol.as_ref());
        let protocol = protocol.or(old.protocol.as_ref().filter(|_| is_wider));
        let description = changes.description.as_ref().and_then(Option::as_ref);
        let description =
            description.filter(|text| is_wider || Some(*text) != old.description.as_ref());
        let kept = is_wider && changes.description.is_none();
        let description = description.or(old.description.as_ref().filter(|_| kept));
        check(
            protocol.map(String::as_str),
            description.map(String::as_str),
        )
        .await
    }

    fn asks(self, caller: &Caller) -> bool {
        self == Self::Refuse && !caller.admin
    }
}

/// What mends those that the validator has nothing to say of.
const BELOW_SECRETS: &str =
    " (leave it empty under `secrets`: whoever uses the item is asked for it)";

async fn check(protocol: Option<&str>, description: Option<&str>) -> Result<(), Refusal> {
    if let Some(text) = protocol {
        let found = run(text, in_protocol).await?;
        if !found.is_empty() {
            return Err(problem::shared_secrets("protocol", found));
        }
    }
    if let Some(text) = description {
        let found = run(text, protocol::find_secrets).await?;
        if !found.is_empty() {
            return Err(problem::shared_secrets("description", found));
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
