//! What an item's protocol was before it was changed.

use gloo_net::http::Method;
use shared::wire::{Version, Withdrawal};

use super::{Client, Failure, NO_HEADER, item_path, read, write};

impl Client {
    /// All versions of an item that the user may see, newest first, without their
    /// protocols.
    pub(crate) async fn versions(&self, id: &str) -> Result<Vec<Version>, Failure> {
        self.get(&format!("{}/versions", item_path(id))).await
    }

    /// The protocol that a version of an item has.
    pub(crate) async fn version(&self, id: &str, number: i32) -> Result<String, Failure> {
        let path = format!("{}/versions/{number}", item_path(id));
        let (text, _) = self.send(Method::GET, &path, None, NO_HEADER).await?;
        let version: Version = read(&text)?;
        Ok(version.protocol.unwrap_or_default())
    }

    /// Withdraws a version for a reason, or takes that back without one.
    pub(crate) async fn withdraw(
        &self,
        id: &str,
        number: i32,
        reason: Option<String>,
    ) -> Result<(), Failure> {
        let path = format!("{}/versions/{number}/withdrawal", item_path(id));
        let (method, body) = match reason {
            Some(reason) => (Method::PUT, Some(write(&Withdrawal { reason })?)),
            None => (Method::DELETE, None),
        };
        self.send(method, &path, body, NO_HEADER).await?;
        Ok(())
    }

    /// Makes a version the newest again, if the item is still the version with this `ETag`;
    /// else it fails with 412.
    pub(crate) async fn restore(&self, id: &str, number: i32, etag: &str) -> Result<(), Failure> {
        let path = format!("{}/versions/{number}/restore", item_path(id));
        let header = ("If-Match", etag);
        self.send(Method::POST, &path, None, header).await?;
        Ok(())
    }
}
