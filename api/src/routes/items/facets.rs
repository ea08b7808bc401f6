//! `GET /items/facets`.

use poem_openapi::OpenApi;
use shared::wire::Facets;

use super::super::Heading;
use super::ItemFacets;
use super::params::ItemListParams;
use crate::auth::SignedIn;
use crate::openapi::{Json, QueryParams};
use crate::problem::{Failure, responses};

#[OpenApi(tag = "Heading::Items")]
impl ItemFacets {
    /// How many items there are of each kind
    ///
    /// Counts what `GET /items` with the same query finds, by type, category,
    /// tag, author, visibility and state in review: at most 100 values of each, the
    /// most frequent first. Every filter counts but a facet's own, so that another
    /// value, or one more, can be chosen.
    #[oai(path = "/items/facets", method = "get")]
    async fn facets(
        &self,
        SignedIn(caller): SignedIn,
        params: QueryParams<ItemListParams>,
    ) -> Result<Json<Facets>, Failure<{ responses::BAD_REQUEST }>> {
        let filter = params.0.filter()?;
        Ok(Json(self.0.facets((&*caller).into(), &filter).await?))
    }
}
