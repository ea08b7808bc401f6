//! `/items/{id}/tag` and `/items/{id}/category`.

use poem_openapi::OpenApi;
use poem_openapi::payload::PlainText;
use shared::wire::{Category, Tag};

use super::super::Heading;
use super::{Changing, check_shelver, check_writer, readable};
use crate::auth::SignedIn;
use crate::openapi::{Json, Path, Text};
use store::Store;

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
        Ok(Json(self.0.tags_of_item(&id).await?))
    }

    /// Give an item a tag
    #[oai(path = "/items/:id/tag/:tag_id", method = "post")]
    async fn add(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        tag_id: Path,
    ) -> Result<Text, Changing> {
        self.0
            .set_item_tag(&id, &tag_id, true, &caller.name, |item| {
                check_writer(&caller, item)
            })
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
        self.0
            .set_item_tag(&id, &tag_id, false, &caller.name, |item| {
                check_writer(&caller, item)
            })
            .await?;
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
        Ok(Json(self.0.categories_of_item(&id).await?))
    }

    /// Put an item into a category
    #[oai(path = "/items/:id/category/:category_id", method = "post")]
    async fn add(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        category_id: Path,
    ) -> Result<Text, Changing> {
        self.0
            .set_item_category(&id, &category_id, true, &caller.name, |item, category| {
                check_shelver(&caller, item, category)
            })
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
        self.0
            .set_item_category(&id, &category_id, false, &caller.name, |item, category| {
                check_shelver(&caller, item, category)
            })
            .await?;
        Ok(PlainText("deleted"))
    }
}
