//! Versions that should not be used any more.

use shared::wire::{AuditAction, Item};

use super::{CallbackError, Store, audit, items, versions};

impl Store {
    /// Withdraws a version of an item on behalf of `user` for a reason, or takes that back
    /// without one, if `decide` agrees. Of the newest version the item's own row tells it too.
    ///
    /// # Errors
    /// [`super::StoreError::NotFound`], [`super::StoreError::NoSuchVersion`], and what
    /// `decide` fails with.
    pub async fn set_withdrawn<E>(
        &self,
        id: &str,
        number: i32,
        user: &str,
        reason: Option<String>,
        decide: impl FnOnce(&Item) -> Result<(), E> + Send,
    ) -> Result<(), CallbackError<E>> {
        let tx = self.begin().await?;
        let item = items::lock(&tx, id, user).await?;
        decide(&item).map_err(CallbackError::Callback)?;
        versions::set_withdrawn(&tx, &item, number, reason.as_deref()).await?;
        let action = match reason {
            Some(_) => AuditAction::Withdraw,
            None => AuditAction::Reinstate,
        };
        audit::record(&tx, user, action, (&item).into(), &[number.to_string()]).await?;
        if number == item.version {
            let changed = Item {
                withdrawn: reason,
                ..item.clone()
            };
            items::update(&tx, &changed, &item).await?;
        }
        Ok(tx.commit().await?)
    }
}
