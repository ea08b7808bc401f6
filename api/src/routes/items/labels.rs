//! `/items/{id}/tag` and `/items/{id}/category`.

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::PlainText;
use shared::wire::{Category, Item, Tag};

use super::super::Heading;
use super::{Changing, check_may_categorize, check_writer, readable};
use crate::auth::SignedIn;
use crate::config::SharedSecrets;
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

type Tagging = Failure<{ responses::BAD_REQUEST | responses::FORBIDDEN | responses::NOT_FOUND }>;

#[OpenApi(tag = "Heading::Items")]
impl ItemTags {
    /// An item's tags
    #[oai(path = "/items/:id/tag", method = "get")]
    async fn list(&self, caller: SignedIn, id: Path) -> Result<Json<Vec<Tag>>, Changing> {
        list(&self.0, LabelKind::Tag, &caller, &id).await
    }

    /// Give an item a tag
    #[oai(path = "/items/:id/tag/:tag_id", method = "post")]
    async fn add(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        tag_id: Path,
        Data(secrets): Data<&SharedSecrets>,
    ) -> Result<Text, Tagging> {
        let decide = |item: &Item, name: &str| {
            check_writer(&caller, item)?;
            if item.tags.iter().any(|tag| tag == name) {
                return Ok(());
            }
            secrets.check_text(&caller, item, ("tags", name))
        };
        let ids: (&str, &str) = (&id, &tag_id);
        let (store, user) = (&self.0, &caller.name);
        store
            .set_item_label(LabelKind::Tag, ids, true, user, decide)
            .await?;
        Ok(PlainText("added"))
    }

    /// Take a tag from an item
    #[oai(path = "/items/:id/tag/:tag_id", method = "delete")]
    async fn remove(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        tag_id: Path,
    ) -> Result<Text, Changing> {
        let decide = |item: &Item, _: &str| check_writer(&caller, item);
        let ids: (&str, &str) = (&id, &tag_id);
        let (store, user) = (&self.0, &caller.name);
        store
            .set_item_label(LabelKind::Tag, ids, false, user, decide)
            .await?;
        Ok(PlainText("deleted"))
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
        categorize(&self.0, &caller, ids, true, &expected).await
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
        categorize(&self.0, &caller, ids, false, &expected).await
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

/// Puts an item into a category, or takes it out.
async fn categorize(
    store: &Store,
    SignedIn(caller): &SignedIn,
    ids: (&str, &str),
    present: bool,
    expected: &IfMatch,
) -> Result<Text, Categorizing> {
    let decide = |item: &Item, name: &str| {
        check_may_categorize(caller, item, name)?;
        expected.check(item)
    };
    store
        .set_item_label::<Refusal>(LabelKind::Category, ids, present, &caller.name, decide)
        .await?;
    Ok(PlainText(if present { "added" } else { "deleted" }))
}
