//! `/items/{id}/tag` and `/items/{id}/category`.

use poem_openapi::OpenApi;
use poem_openapi::payload::PlainText;
use shared::access::Caller;
use shared::wire::{Category, Tag};

use super::super::Heading;
use super::{Changing, check_may_categorize, check_writer, readable};
use crate::auth::SignedIn;
use crate::openapi::{Json, Path, Text};
use crate::problem::Refusal;
use store::Store;
use store::labels::LabelKind;

/// The routes of an item's tags.
pub struct ItemTags(pub(in super::super) Store);

/// The routes of an item's categories.
pub struct ItemCategories(pub(in super::super) Store);

#[OpenApi(tag = "Heading::Items")]
impl ItemTags {
    /// An item's tags
    #[oai(path = "/items/:id/tag", method = "get")]
    async fn list(&self, SignedIn(caller): SignedIn, id: Path) -> Result<Json<Vec<Tag>>, Changing> {
        readable(&self.0, &caller, &id).await?;
        let tags = self.0.labels_of_item(LabelKind::Tag, &id).await?;
        Ok(Json(tags.into_iter().map(Tag::from).collect()))
    }

    /// Give an item a tag
    #[oai(path = "/items/:id/tag/:tag_id", method = "post")]
    async fn add(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        tag_id: Path,
    ) -> Result<Text, Changing> {
        set(&self.0, LabelKind::Tag, (&id, &tag_id), true, &caller).await?;
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
        set(&self.0, LabelKind::Tag, (&id, &tag_id), false, &caller).await?;
        Ok(PlainText("deleted"))
    }
}

#[OpenApi(tag = "Heading::Items")]
impl ItemCategories {
    /// An item's categories
    #[oai(path = "/items/:id/category", method = "get")]
    async fn list(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
    ) -> Result<Json<Vec<Category>>, Changing> {
        readable(&self.0, &caller, &id).await?;
        let categories = self.0.labels_of_item(LabelKind::Category, &id).await?;
        Ok(Json(categories.into_iter().map(Category::from).collect()))
    }

    /// Put an item into a category
    #[oai(path = "/items/:id/category/:category_id", method = "post")]
    async fn add(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        category_id: Path,
    ) -> Result<Text, Changing> {
        set(
            &self.0,
            LabelKind::Category,
            (&id, &category_id),
            true,
            &caller,
        )
        .await?;
        Ok(PlainText("added"))
    }

    /// Take an item out of a category
    #[oai(path = "/items/:id/category/:category_id", method = "delete")]
    async fn remove(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        category_id: Path,
    ) -> Result<Text, Changing> {
        set(
            &self.0,
            LabelKind::Category,
            (&id, &category_id),
            false,
            &caller,
        )
        .await?;
        Ok(PlainText("deleted"))
    }
}

/// Gives an item a label, or takes it away.
async fn set(
    store: &Store,
    kind: LabelKind,
    ids: (&str, &str),
    present: bool,
    caller: &Caller,
) -> Result<(), Refusal> {
    let changed = store.set_item_label(kind, ids, present, &caller.name, |item, name| match kind {
        LabelKind::Tag => check_writer(caller, item),
        LabelKind::Category => check_may_categorize(caller, item, name),
    });
    Ok(changed.await?)
}
