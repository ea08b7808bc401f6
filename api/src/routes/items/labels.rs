//! `/items/{id}/tag` and `/items/{id}/category`.

use poem_openapi::OpenApi;
use poem_openapi::payload::PlainText;
use shared::wire::{Category, Tag};

use super::super::Heading;
use super::{Changing, check_may_categorize, check_writer, readable};
use crate::auth::SignedIn;
use crate::etag::IfMatch;
use crate::openapi::{InHeader, Json, Path, Text};
use crate::problem::{Failure, Refusal, responses};
use store::Store;
use store::labels::{Label, LabelKind};

/// The routes of an item's tags.
pub struct ItemTags(pub(in super::super) Store);

type Categorizing =
    Failure<{ responses::FORBIDDEN | responses::NOT_FOUND | responses::PRECONDITION_FAILED }>;

/// The routes of an item's categories.
pub struct ItemCategories(pub(in super::super) Store);

#[OpenApi(tag = "Heading::Items")]
impl ItemTags {
    /// An item's tags
    #[oai(path = "/items/:id/tag", method = "get")]
    async fn list(&self, caller: SignedIn, id: Path) -> Result<Json<Vec<Tag>>, Changing> {
        list(&self.0, LabelKind::Tag, &caller, &id).await
    }

    /// Give an item a tag
    #[oai(path = "/items/:id/tag/:tag_id", method = "post")]
    async fn add(&self, caller: SignedIn, id: Path, tag_id: Path) -> Result<Text, Changing> {
        let ids: (&str, &str) = (&id, &tag_id);
        Ok(set(&self.0, LabelKind::Tag, &caller, ids, true, &IfMatch::Any).await?)
    }

    /// Take a tag from an item
    #[oai(path = "/items/:id/tag/:tag_id", method = "delete")]
    async fn remove(&self, caller: SignedIn, id: Path, tag_id: Path) -> Result<Text, Changing> {
        let ids: (&str, &str) = (&id, &tag_id);
        Ok(set(&self.0, LabelKind::Tag, &caller, ids, false, &IfMatch::Any).await?)
    }
}

#[OpenApi(tag = "Heading::Items")]
impl ItemCategories {
    /// An item's categories
    #[oai(path = "/items/:id/category", method = "get")]
    async fn list(&self, caller: SignedIn, id: Path) -> Result<Json<Vec<Category>>, Changing> {
        list(&self.0, LabelKind::Category, &caller, &id).await
    }

    /// Put an item into a category
    ///
    /// With `If-Match` only if nobody else has changed the item since: what is made official
    /// is what was looked at.
    #[oai(path = "/items/:id/category/:category_id", method = "post")]
    async fn add(
        &self,
        caller: SignedIn,
        id: Path,
        category_id: Path,
        /// The `ETag` of the item that was looked at.
        #[oai(name = "If-Match")]
        expected: InHeader<IfMatch>,
    ) -> Result<Text, Categorizing> {
        let ids: (&str, &str) = (&id, &category_id);
        Ok(set(&self.0, LabelKind::Category, &caller, ids, true, &expected).await?)
    }

    /// Take an item out of a category
    #[oai(path = "/items/:id/category/:category_id", method = "delete")]
    async fn remove(
        &self,
        caller: SignedIn,
        id: Path,
        category_id: Path,
        /// The `ETag` of the item that was looked at.
        #[oai(name = "If-Match")]
        expected: InHeader<IfMatch>,
    ) -> Result<Text, Categorizing> {
        let ids: (&str, &str) = (&id, &category_id);
        Ok(set(&self.0, LabelKind::Category, &caller, ids, false, &expected).await?)
    }
}

/// The labels of an item that the caller may read.
async fn list<L: From<Label>>(
    store: &Store,
    kind: LabelKind,
    SignedIn(caller): &SignedIn,
    id: &str,
) -> Result<Json<Vec<L>>, Changing> {
    readable(store, caller, id).await?;
    let labels = store.labels_of_item(kind, id).await?;
    Ok(Json(labels.into_iter().map(L::from).collect()))
}

/// Gives an item a label, or takes it away.
async fn set(
    store: &Store,
    kind: LabelKind,
    SignedIn(caller): &SignedIn,
    ids: (&str, &str),
    present: bool,
    expected: &IfMatch,
) -> Result<Text, Refusal> {
    let changed = store.set_item_label(kind, ids, present, &caller.name, |item, name| {
        match kind {
            LabelKind::Tag => check_writer(caller, item)?,
            LabelKind::Category => check_may_categorize(caller, item, name)?,
        }
        expected.check(item)
    });
    changed.await?;
    Ok(PlainText(if present { "added" } else { "deleted" }))
}
