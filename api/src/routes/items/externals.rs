//! `/items/{id}/externals`: whether an item's images and data are there.

use poem_openapi::OpenApi;
use shared::wire::External;

use super::super::Heading;
use super::{Changing, readable};
use crate::auth::SignedIn;
use crate::externals::Externals;
use crate::openapi::{Json, Path};
use store::Store;

/// The route.
pub struct ExternalRoutes(pub(in super::super) Store, pub(in super::super) Externals);

#[OpenApi(tag = "Heading::Items")]
impl ExternalRoutes {
    /// Whether an item's images and data are there
    ///
    /// Those on hosts that the server may ask (`CHECKED_HOSTS`, none unless set); each is asked
    /// once a day at most, when somebody looks. With an image's digest, which stands for
    /// what its tag stands for at the moment and never changes. The answer waits some seconds for
    /// hosts; what is not known by then is `unknown`, and without `checkedAt`.
    #[oai(path = "/items/:id/externals", method = "get")]
    async fn get(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
    ) -> Result<Json<Vec<External>>, Changing> {
        let item = readable(&self.0, &caller, &id).await?;
        Ok(Json(self.1.of(&item).await))
    }
}
