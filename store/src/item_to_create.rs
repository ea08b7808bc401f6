//! What an item is before the catalogue has it.

use chrono::{DateTime, Utc};
use shared::wire::{DataType, Item, ItemSource, ItemStatus, ItemType, Origin};

use super::iso;

/// An item that is to be made. The store gives it its id and its times.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the fields are those of the wire type")]
pub struct ItemToCreate {
    pub name: Option<String>,
    pub author: Option<String>,
    pub kind: Option<ItemType>,
    pub source: ItemSource,
    pub is_public: bool,
    pub is_private: bool,
    pub group_list: Vec<String>,
    pub data_type: Option<DataType>,
    pub data_url: Option<String>,
    pub use_blob: bool,
    pub categories: Vec<String>,
    pub tags: Vec<String>,
    pub summary: Option<String>,
    pub description: Option<String>,
    pub protocol: String,
    /// None, but for an item that was used elsewhere before; likewise its stars.
    pub use_number: i32,
    pub star_number: i32,
    pub status: Option<ItemStatus>,
    pub review_note: Option<String>,
    pub protocol_valid: bool,
    pub copied_from: Option<Origin>,
}

impl ItemToCreate {
    /// The item that it becomes.
    pub(super) fn into_item(
        self,
        id: String,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
    ) -> Item {
        Item {
            id,
            name: self.name,
            author: self.author,
            kind: self.kind,
            source: self.source,
            is_public: self.is_public,
            is_private: self.is_private,
            group_list: self.group_list,
            data_type: self.data_type,
            data_url: self.data_url,
            use_blob: self.use_blob,
            categories: self.categories,
            tags: self.tags,
            summary: self.summary,
            description: self.description,
            protocol: Some(self.protocol),
            use_number: self.use_number,
            star_number: self.star_number,
            status: self.status,
            review_note: self.review_note,
            protocol_valid: self.protocol_valid,
            copied_from: self.copied_from,
            starred: false,
            resembles_official: false,
            created_at: iso(created_at),
            updated_at: iso(updated_at),
            item_tags: Vec::new(),
            item_categories: Vec::new(),
        }
    }
}

/// The same once more.
impl From<Item> for ItemToCreate {
    fn from(item: Item) -> Self {
        Self {
            name: item.name,
            author: item.author,
            kind: item.kind,
            source: item.source,
            is_public: item.is_public,
            is_private: item.is_private,
            group_list: item.group_list,
            data_type: item.data_type,
            data_url: item.data_url,
            use_blob: item.use_blob,
            categories: item.categories,
            tags: item.tags,
            summary: item.summary,
            description: item.description,
            protocol: item.protocol.unwrap_or_default(),
            use_number: item.use_number,
            star_number: item.star_number,
            status: item.status,
            review_note: item.review_note,
            protocol_valid: item.protocol_valid,
            copied_from: item.copied_from,
        }
    }
}
