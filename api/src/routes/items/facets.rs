//! `GET /items/facets`.

use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use shared::wire::Facets;

use super::super::Heading;
use super::{ItemFacets, list};
use crate::auth::SignedIn;
use crate::openapi::Json;
use crate::problem::{Failure, may};
use crate::store::list::Viewer;

#[OpenApi(tag = "Heading::Items")]
impl ItemFacets {
    /// How many items there are of each kind
    ///
    /// Counts what `GET /items` with the same query finds, by type, category,
    /// tag, author and visibility: at most 100 values of each, the most
    /// frequent first. Every filter counts, a facet's own too.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/items/facets", method = "get")]
    async fn facets(
        &self,
        SignedIn(caller): SignedIn,
        /// The exact name.
        name: Query<Option<String>>,
        /// The exact author.
        author: Query<Option<String>>,
        /// `template`, `data` or `old`; `all` is no filter.
        r#type: Query<Option<String>>,
        /// `marketplace` or `pai`.
        source: Query<Option<String>>,
        /// As for `GET /items`.
        keyword: Query<Option<String>>,
        /// Names of tags, separated by commas, or one name a parameter where there
        /// are several; the item has all of them.
        tag: Query<Option<Vec<String>>>,
        /// Names of categories, in the same way; the item is in all.
        category: Query<Option<Vec<String>>>,
        /// `true` or `false`.
        #[oai(name = "isPublic")]
        is_public: Query<Option<String>>,
        /// `true` or `false`.
        #[oai(name = "isPrivate")]
        is_private: Query<Option<String>>,
        /// `true` for official templates only, `false` for all others.
        official: Query<Option<String>>,
        /// `true` for the items that the caller has used last, 200 at most, `false`
        /// for all others.
        used: Query<Option<String>>,
    ) -> Result<Json<Facets>, Failure<{ may::BAD_REQUEST }>> {
        let filter = list::filter(list::Words {
            name: name.0,
            author: author.0,
            kind: r#type.0,
            source: source.0,
            keyword: keyword.0,
            tag: tag.0,
            category: category.0,
            is_public: is_public.0,
            is_private: is_private.0,
            official: official.0,
            used: used.0,
        })?;
        Ok(Json(self.0.facets(Viewer::from(&*caller), &filter).await?))
    }
}
