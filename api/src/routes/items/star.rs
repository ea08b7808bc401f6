//! `/items/{id}/star`: the caller's own star on an item.

use poem_openapi::OpenApi;
use poem_openapi::payload::PlainText;

use super::super::Heading;
use super::{Changing, check_reader};
use crate::auth::SignedIn;
use crate::openapi::{Path, Text};
use store::Store;

/// The routes.
pub struct Stars(pub(in super::super) Store);

#[OpenApi(tag = "Heading::Items")]
impl Stars {
    /// Star an item
    ///
    /// One star a caller: to repeat it changes nothing.
    #[oai(path = "/items/:id/star", method = "put")]
    async fn add(&self, SignedIn(caller): SignedIn, id: Path) -> Result<Text, Changing> {
        self.0
            .set_star(&id, &caller.name, true, |item| check_reader(&caller, item))
            .await?;
        Ok(PlainText("starred"))
    }

    /// Take the caller's star back
    #[oai(path = "/items/:id/star", method = "delete")]
    async fn remove(&self, SignedIn(caller): SignedIn, id: Path) -> Result<Text, Changing> {
        self.0
            .set_star(&id, &caller.name, false, |item| check_reader(&caller, item))
            .await?;
        Ok(PlainText("deleted"))
    }
}
