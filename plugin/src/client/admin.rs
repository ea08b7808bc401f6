//! What admins do, as their page calls it.

use gloo_net::http::Method;
use serde::Deserialize;
use shared::address::segment;
use shared::wire::{AuditEntry, Facets, Item, NewStorage, Storage};

use super::{Client, Failure, NO_HEADER, write};

/// Tags or categories, which admins tend in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Labels {
    /// Words that anybody adds.
    Tags,
    /// Shelves that admins make.
    Categories,
}

/// A tag or a category.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Label {
    /// Free text.
    pub id: String,
    /// As people read it.
    pub name: String,
    /// How many items have it, if the API says so.
    #[serde(default)]
    pub item_count: Option<usize>,
}

impl Labels {
    const fn path(self) -> &'static str {
        match self {
            Self::Tags => "/tags",
            Self::Categories => "/categories",
        }
    }
}

#[derive(serde::Serialize)]
struct Name<'a> {
    name: &'a str,
}

#[derive(serde::Serialize)]
struct Target<'a> {
    into: &'a str,
}

impl Client {
    /// How many items wait for review.
    pub(crate) async fn pending_count(&self) -> Result<u64, Failure> {
        let facets: Facets = self.get("/items/facets?status=pending").await?;
        // Every item has exactly one.
        Ok(facets.visibility.iter().map(|value| value.count).sum())
    }

    /// The first `limit` items that wait for review, those first that have waited longest.
    pub(crate) async fn pending(&self, limit: usize) -> Result<Vec<Item>, Failure> {
        const NEWEST_FIRST: &str = "status=pending&sort=-updatedAt&";
        let (mut items, total) = self.page(NEWEST_FIRST, 0, limit).await?;
        if total > items.len() {
            let last = total.saturating_sub(limit);
            (items, _) = self.page(NEWEST_FIRST, last, limit).await?;
        }
        items.reverse();
        Ok(items)
    }

    /// All tags or categories, by name.
    pub(crate) async fn labels(&self, labels: Labels) -> Result<Vec<Label>, Failure> {
        self.get(&format!("{}?counts=true", labels.path())).await
    }

    /// Makes a tag or category.
    pub(crate) async fn make_label(&self, labels: Labels, name: &str) -> Result<(), Failure> {
        self.post(labels.path(), &Name { name }).await
    }

    /// Gives a tag or category another name, on all items.
    pub(crate) async fn rename_label(
        &self,
        labels: Labels,
        id: &str,
        name: &str,
    ) -> Result<(), Failure> {
        let path = format!("{}/{}", labels.path(), segment(id));
        let body = Some(write(&Name { name })?);
        self.send(Method::PUT, &path, body, NO_HEADER).await?;
        Ok(())
    }

    /// Takes a tag or category from all items.
    pub(crate) async fn delete_label(&self, labels: Labels, id: &str) -> Result<(), Failure> {
        let path = format!("{}/{}", labels.path(), segment(id));
        self.send(Method::DELETE, &path, None, NO_HEADER).await?;
        Ok(())
    }

    /// Gives all items that have one tag or category another one in its place, and deletes it.
    pub(crate) async fn merge_label(
        &self,
        labels: Labels,
        id: &str,
        into: &str,
    ) -> Result<(), Failure> {
        let path = format!("{}/{}/merge", labels.path(), segment(id));
        self.post(&path, &Target { into }).await
    }

    /// Puts an item into a category, or takes it out, if it is still the version with this
    /// `ETag`; else it fails with 412.
    pub(crate) async fn set_category(
        &self,
        item: &str,
        category: &str,
        on: bool,
        etag: &str,
    ) -> Result<(), Failure> {
        let path = format!("{}/category/{}", super::item_path(item), segment(category));
        let method = if on { Method::POST } else { Method::DELETE };
        let header = ("If-Match", etag);
        self.send(method, &path, None, header).await?;
        Ok(())
    }

    /// The storages that jobs get at, secrets and all.
    pub(crate) async fn storages(&self) -> Result<Vec<Storage>, Failure> {
        self.get("/storages/blobs").await
    }

    /// Makes a storage known, or changes the one with this id.
    pub(crate) async fn save_storage(
        &self,
        id: Option<&str>,
        storage: &NewStorage,
    ) -> Result<(), Failure> {
        match id {
            None => self.post("/storages/blobs", storage).await,
            Some(id) => {
                let path = format!("/storages/blobs/{}", segment(id));
                let body = Some(write(storage)?);
                self.send(Method::PUT, &path, body, NO_HEADER).await?;
                Ok(())
            }
        }
    }

    /// Forgets a storage.
    pub(crate) async fn delete_storage(&self, id: &str) -> Result<(), Failure> {
        let path = format!("/storages/blobs/{}", segment(id));
        self.send(Method::DELETE, &path, None, NO_HEADER).await?;
        Ok(())
    }

    /// A page of the audit, the newest line first. `query` is a query, without `?`.
    pub(crate) async fn audit(&self, query: &str) -> Result<Vec<AuditEntry>, Failure> {
        self.get(&format!("/audit?{query}")).await
    }

    async fn post(&self, path: &str, body: &impl serde::Serialize) -> Result<(), Failure> {
        let body = Some(write(body)?);
        self.send(Method::POST, path, body, NO_HEADER).await?;
        Ok(())
    }
}
