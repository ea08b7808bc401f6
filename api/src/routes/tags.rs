//! `/tags`: anybody makes tags, admins change, merge and delete them.

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use shared::wire::{Created, LabelMerge, NewTag, Tag};

use super::Heading;
use super::labels::{self, Changing, Deleting, Listing, Merging, Reading};
use super::query::flag;
use crate::auth::SignedIn;
use crate::config::SharedSecrets;
use crate::openapi::{Answer, Json, Path, Text};
use crate::problem::{Failure, responses};
use store::Store;
use store::labels::LabelKind::Tag as TAG;

/// The routes.
pub struct TagRoutes(pub(super) Store);

#[OpenApi(tag = "Heading::Tags")]
impl TagRoutes {
    /// All tags, by name
    ///
    /// Those that only items have which the caller may not see are left out.
    #[oai(path = "/tags", method = "get")]
    async fn list(
        &self,
        SignedIn(caller): SignedIn,
        /// `true`: with the number of items that the caller may see and that have it, as
        /// `itemCount`.
        counts: Query<Option<String>>,
    ) -> Result<Json<Vec<Tag>>, Listing> {
        let counted = flag("counts", counts.0)?.unwrap_or(false);
        let tags = self.0.labels(TAG, caller.read_scope(), counted).await?;
        Ok(Json(tags.into_iter().map(Tag::from).collect()))
    }

    /// One tag
    #[oai(path = "/tags/:id", method = "get")]
    async fn get(&self, SignedIn(caller): SignedIn, id: Path) -> Result<Json<Tag>, Reading> {
        let tag = self.0.label(TAG, caller.read_scope(), &id).await?;
        Ok(Json(tag.into()))
    }

    /// Make a tag
    ///
    /// A name that differs from another tag's in case only is taken: 409. Everybody reads tags:
    /// what looks like a secret is refused, as in a shared item.
    #[oai(path = "/tags", method = "post")]
    async fn create(
        &self,
        SignedIn(caller): SignedIn,
        Data(secrets): Data<&SharedSecrets>,
        body: Json<NewTag>,
    ) -> Result<Answer<201, Created>, Failure<{ responses::BODY_REFUSED | responses::CONFLICT }>>
    {
        let new = &body.0;
        let texts = [
            ("name", &new.name),
            ("color", new.color.as_ref().unwrap_or(&None)),
            ("description", new.description.as_ref().unwrap_or(&None)),
            ("extras", new.extras.as_ref().unwrap_or(&None)),
        ];
        let texts = texts.map(|(field, text)| (field, text.as_deref().unwrap_or_default()));
        secrets.check_public(&caller, &texts).await?;
        Ok(labels::create(&self.0, TAG, &caller, body.0).await?)
    }

    /// Change a tag
    #[oai(path = "/tags/:id", method = "put")]
    async fn update(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        body: Json<NewTag>,
    ) -> Result<Text, Changing> {
        labels::update(&self.0, TAG, &caller, &id, body.0).await
    }

    /// Put another tag in its place
    ///
    /// All items that have it get the other one, and it is deleted.
    #[oai(path = "/tags/:id/merge", method = "post")]
    async fn merge(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        body: Json<LabelMerge>,
    ) -> Result<Text, Merging> {
        labels::merge(&self.0, TAG, &caller, &id, body.0).await
    }

    /// Delete a tag and take it from all items
    #[oai(path = "/tags/:id", method = "delete")]
    async fn delete(&self, SignedIn(caller): SignedIn, id: Path) -> Result<Text, Deleting> {
        labels::delete(&self.0, TAG, &caller, &id).await
    }
}
