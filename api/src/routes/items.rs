//! `/items`: the catalogue's templates and data sets, and their tags and
//! categories.

mod change;
mod create;
mod list;
mod use_item;

use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::PlainText;
use shared::access::{Caller, Facts};
use shared::wire::{CategoryRef, Created, Item, ItemChanges, NewItem, OFFICIAL_CATEGORY, TagRef};

pub(super) use use_item::ItemUse;

use super::Heading;
use crate::auth::SignedIn;
use crate::openapi::{CreatedJson, Json, Text};
use crate::problem::{self, Failure, Refusal, may};
use crate::store::Store;

/// The routes of items themselves.
pub struct Items(pub(super) Store);

/// The routes of an item's tags.
pub struct ItemTags(pub(super) Store);

/// The routes of an item's categories.
pub struct ItemCategories(pub(super) Store);

type Changing = Failure<{ may::FORBID | may::NOT_FIND }>;

#[OpenApi(tag = "Heading::Items")]
impl Items {
    /// The items that the caller may see, newest first
    ///
    /// Everything that is given must hold.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/items", method = "get")]
    async fn list(
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
        /// A part of name, author, summary, description or a tag, in any case.
        keyword: Query<Option<String>>,
        /// Names of tags, separated by commas; the item has all of them.
        tag: Query<Option<String>>,
        /// Names of categories, separated by commas; the item is in all.
        category: Query<Option<String>>,
        /// `true` or `false`.
        #[oai(name = "isPublic")]
        is_public: Query<Option<String>>,
        /// `true` or `false`.
        #[oai(name = "isPrivate")]
        is_private: Query<Option<String>>,
        /// `summary` leaves out protocol and description.
        fields: Query<Option<String>>,
    ) -> Result<Json<Vec<Item>>, Failure<{ may::BAD_REQUEST }>> {
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
        })?;
        let detail = list::detail(fields.0.as_deref())?;
        let items = self.0.items(caller.read_scope(), &filter, detail).await?;
        Ok(Json(items))
    }

    /// Share a new item
    #[oai(path = "/items", method = "post")]
    async fn create(
        &self,
        SignedIn(caller): SignedIn,
        body: Json<NewItem>,
    ) -> Result<CreatedJson<Created>, Failure<{ may::READ_BODY | may::FORBID }>> {
        let item = create::item(&caller, body.0)?;
        let id = self.0.create_item(item).await?;
        tracing::info!(caller = caller.name, item = id, "item created");
        Ok(CreatedJson(Created { id }))
    }

    /// One item
    #[oai(path = "/items/:id", method = "get")]
    async fn get(
        &self,
        SignedIn(caller): SignedIn,
        id: Path<String>,
    ) -> Result<Json<Item>, Changing> {
        Ok(Json(readable(&self.0, &caller, &id).await?))
    }

    /// Change what is mentioned
    #[oai(path = "/items/:id", method = "put")]
    async fn update(
        &self,
        SignedIn(caller): SignedIn,
        id: Path<String>,
        body: Json<ItemChanges>,
    ) -> Result<Text, Failure<{ may::READ_BODY | may::FORBID | may::NOT_FIND }>> {
        let asker = caller.clone();
        self.0
            .update_item(&id, move |item| change::apply(&asker, item, body.0))
            .await?;
        tracing::info!(caller = caller.name, item = id.0, "item updated");
        Ok(PlainText("updated"))
    }

    /// Delete an item
    #[oai(path = "/items/:id", method = "delete")]
    async fn delete(&self, SignedIn(caller): SignedIn, id: Path<String>) -> Result<Text, Changing> {
        self.0
            .delete_item(&id, |item| check_writer(&caller, item))
            .await?;
        tracing::info!(caller = caller.name, item = id.0, "item deleted");
        Ok(PlainText("deleted"))
    }
}

#[OpenApi(tag = "Heading::Items")]
impl ItemTags {
    /// An item's tags
    #[oai(path = "/items/:id/tag", method = "get")]
    async fn list(
        &self,
        SignedIn(caller): SignedIn,
        id: Path<String>,
    ) -> Result<Json<Vec<TagRef>>, Changing> {
        Ok(Json(readable(&self.0, &caller, &id).await?.item_tags))
    }

    /// Give an item a tag
    #[oai(path = "/items/:id/tag/:tag_id", method = "post")]
    async fn add(
        &self,
        SignedIn(caller): SignedIn,
        id: Path<String>,
        tag_id: Path<String>,
    ) -> Result<Text, Changing> {
        self.0
            .set_item_tag(&id, &tag_id, true, |item| check_writer(&caller, item))
            .await?;
        Ok(PlainText("added"))
    }

    /// Take a tag from an item
    #[oai(path = "/items/:id/tag/:tag_id", method = "delete")]
    async fn remove(
        &self,
        SignedIn(caller): SignedIn,
        id: Path<String>,
        tag_id: Path<String>,
    ) -> Result<Text, Changing> {
        self.0
            .set_item_tag(&id, &tag_id, false, |item| check_writer(&caller, item))
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
        id: Path<String>,
    ) -> Result<Json<Vec<CategoryRef>>, Changing> {
        Ok(Json(readable(&self.0, &caller, &id).await?.item_categories))
    }

    /// Put an item into a category
    #[oai(path = "/items/:id/category/:category_id", method = "post")]
    async fn add(
        &self,
        SignedIn(caller): SignedIn,
        id: Path<String>,
        category_id: Path<String>,
    ) -> Result<Text, Changing> {
        self.0
            .set_item_category(&id, &category_id, true, |item, category| {
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
        id: Path<String>,
        category_id: Path<String>,
    ) -> Result<Text, Changing> {
        self.0
            .set_item_category(&id, &category_id, false, |item, category| {
                check_shelver(&caller, item, category)
            })
            .await?;
        Ok(PlainText("deleted"))
    }
}

/// Reads an item on behalf of the caller.
async fn readable(store: &Store, caller: &Caller, id: &str) -> Result<Item, Refusal> {
    let item = store.item(id).await?;
    if caller.may_read(&Facts::from(&item)) {
        Ok(item)
    } else {
        Err(problem::forbidden(
            "This item is not shared with you; ask its author.",
        ))
    }
}

fn check_writer(caller: &Caller, item: &Item) -> Result<(), Refusal> {
    if caller.may_write(&Facts::from(item)) {
        Ok(())
    } else if item.is_official() {
        Err(problem::forbidden("Only admins may change official items."))
    } else {
        Err(problem::forbidden(
            "Only its author and admins may change this item.",
        ))
    }
}

fn check_shelver(caller: &Caller, item: &Item, category: &str) -> Result<(), Refusal> {
    check_writer(caller, item)?;
    if category == OFFICIAL_CATEGORY {
        check_official(caller)?;
    }
    Ok(())
}

fn check_official(caller: &Caller) -> Result<(), Refusal> {
    if caller.may_curate() {
        Ok(())
    } else {
        Err(problem::forbidden(format!(
            "Only admins may put items into the category `{OFFICIAL_CATEGORY}` or take them out."
        )))
    }
}
