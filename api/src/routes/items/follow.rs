//! `/items/{id}/follow`: whether the caller is told what becomes of an item.

use poem_openapi::OpenApi;
use poem_openapi::payload::PlainText;

use super::super::Heading;
use super::readable;
use crate::auth::SignedIn;
use crate::openapi::{Path, Text};
use crate::problem::{Failure, responses};
use store::Store;

/// The routes.
pub struct Follows(pub(in super::super) Store);

type Following = Failure<{ responses::BAD_REQUEST | responses::FORBIDDEN | responses::NOT_FOUND }>;

#[OpenApi(tag = "Heading::Items")]
impl Follows {
    /// Follow an item
    ///
    /// From now on `GET /me/news` tells of its new versions, and when it is deprecated,
    /// withdrawn or taken out of use. One follows 500 items at most; to repeat it changes
    /// nothing.
    #[oai(path = "/items/:id/follow", method = "put")]
    async fn add(&self, SignedIn(caller): SignedIn, id: Path) -> Result<Text, Following> {
        readable(&self.0, &caller, &id).await?;
        self.0.set_follow(&id, &caller.name, true).await?;
        Ok(PlainText("followed"))
    }

    /// Follow an item no more
    ///
    /// Whether or not the caller may read it any more.
    #[oai(path = "/items/:id/follow", method = "delete")]
    async fn remove(&self, SignedIn(caller): SignedIn, id: Path) -> Result<Text, Following> {
        self.0.set_follow(&id, &caller.name, false).await?;
        Ok(PlainText("deleted"))
    }
}
