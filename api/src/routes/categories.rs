//! `/categories`: anybody reads them, admins make, change, merge and delete them.

use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use shared::wire::{Category, Created, LabelMerge, NewCategory};

use super::Heading;
use super::labels::{self, Changing, Deleting, Listing, Merging, Reading};
use super::query::flag;
use crate::auth::SignedIn;
use crate::openapi::{Answer, Json, Path, Text};
use crate::problem::{Failure, responses};
use store::Store;
use store::labels::LabelKind::Category as CATEGORY;

/// The routes.
pub struct CategoryRoutes(pub(super) Store);

#[OpenApi(tag = "Heading::Categories")]
impl CategoryRoutes {
    /// All categories, by name
    #[oai(path = "/categories", method = "get")]
    async fn list(
        &self,
        SignedIn(caller): SignedIn,
        /// `true`: with the number of items that the caller may see and that are in it, as
        /// `itemCount`.
        counts: Query<Option<String>>,
    ) -> Result<Json<Vec<Category>>, Listing> {
        let counted = flag("counts", counts.0)?.unwrap_or(false);
        let scope = caller.read_scope();
        let categories = self.0.labels(CATEGORY, scope, counted).await?;
        Ok(Json(categories.into_iter().map(Category::from).collect()))
    }

    /// One category
    #[oai(path = "/categories/:id", method = "get")]
    async fn get(&self, SignedIn(caller): SignedIn, id: Path) -> Result<Json<Category>, Reading> {
        let category = self.0.label(CATEGORY, caller.read_scope(), &id).await?;
        Ok(Json(category.into()))
    }

    /// Make a category
    #[oai(path = "/categories", method = "post")]
    async fn create(
        &self,
        SignedIn(caller): SignedIn,
        body: Json<NewCategory>,
    ) -> Result<
        Answer<201, Created>,
        Failure<{ responses::BODY_REFUSED | responses::FORBIDDEN | responses::CONFLICT }>,
    > {
        labels::check_curator(CATEGORY, &caller)?;
        Ok(labels::create(&self.0, CATEGORY, &caller, body.0.into()).await?)
    }

    /// Change a category
    #[oai(path = "/categories/:id", method = "put")]
    async fn update(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        body: Json<NewCategory>,
    ) -> Result<Text, Changing> {
        labels::update(&self.0, CATEGORY, &caller, &id, body.0.into()).await
    }

    /// Put another category in its place
    ///
    /// All items that are in it get into the other one, and it is deleted.
    #[oai(path = "/categories/:id/merge", method = "post")]
    async fn merge(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        body: Json<LabelMerge>,
    ) -> Result<Text, Merging> {
        labels::merge(&self.0, CATEGORY, &caller, &id, body.0).await
    }

    /// Delete a category and take all items out of it
    #[oai(path = "/categories/:id", method = "delete")]
    async fn delete(&self, SignedIn(caller): SignedIn, id: Path) -> Result<Text, Deleting> {
        labels::delete(&self.0, CATEGORY, &caller, &id).await
    }
}
