//! `GET /items/facets`.

use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use shared::wire::{Facets, RunsHere};
use store::clock::iso;
use store::listing::Viewer;

use super::super::Heading;
use super::super::query::wrong;
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
    /// value, or one more, can be chosen. With `count=runsHere` also how many of those
    /// that pass all filters run in a virtual cluster of the caller's, as the filter
    /// `runsHere` has it; that is left out while OpenPAI does not say what there is.
    #[oai(path = "/items/facets", method = "get")]
    async fn facets(
        &self,
        SignedIn(caller): SignedIn,
        request: &Request,
        params: QueryParams<ItemListParams>,
        /// `runsHere`, or nothing.
        count: Query<Option<String>>,
    ) -> Result<Json<Facets>, Failure<{ responses::BAD_REQUEST }>> {
        let filter = params.0.filter()?;
        let is_counted = match count.0.as_deref() {
            None | Some("") => false,
            Some("runsHere") => true,
            Some(other) => {
                return Err(wrong("count", &format!("`{other}` is not `runsHere`")).into());
            }
        };
        let runnable = match self.1.runnable_for(request, &filter).await? {
            Some(runnable) => Some(runnable),
            None if is_counted => Box::pin(self.1.runnable(request)).await.ok(),
            None => None,
        };
        let viewer = Viewer {
            runnable: runnable.as_ref().map_or(&[], |runnable| &runnable.codes),
            ..Viewer::from(&*caller)
        };
        let counted = runnable.as_ref().filter(|_| is_counted);
        let (mut facets, count) = self.0.facets(viewer, &filter, counted.is_some()).await?;
        facets.runs_here = counted.map(|runnable| RunsHere {
            count,
            as_of: iso(runnable.as_of),
        });
        Ok(Json(facets))
    }
}
