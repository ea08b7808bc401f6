//! What an item is before the catalogue has it.

use chrono::{DateTime, Utc};
use shared::wire::{DataType, Deprecation, Item, ItemSource, ItemStatus, ItemType, Origin};

use crate::clock::iso;

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
    pub license: Option<String>,
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
    /// 1, but for an item that comes with its versions.
    pub version: i32,
    /// Nothing, but for an item that comes from another catalogue; likewise the next.
    pub deprecation: Option<Deprecation>,
    pub withdrawn: Option<String>,
}

/// What an item of the wire, one that is to be made and a row of a bundle name alike is
/// taken over by this one list; what they do not, each says itself.
macro_rules! with_fields_of {
    ($from:ident, $into:ident { $($own:tt)* }) => {
        $into {
            name: $from.name,
            author: $from.author,
            kind: $from.kind,
            source: $from.source,
            is_public: $from.is_public,
            is_private: $from.is_private,
            group_list: $from.group_list,
            data_type: $from.data_type,
            data_url: $from.data_url,
            license: $from.license,
            use_blob: $from.use_blob,
            categories: $from.categories,
            tags: $from.tags,
            summary: $from.summary,
            description: $from.description,
            use_number: $from.use_number,
            status: $from.status,
            review_note: $from.review_note,
            protocol_valid: $from.protocol_valid,
            version: $from.version,
            withdrawn: $from.withdrawn,
            $($own)*
        }
    };
}
pub(super) use with_fields_of;

impl ItemToCreate {
    /// The item that it becomes.
    pub(super) fn into_item(
        self,
        id: String,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
    ) -> Item {
        with_fields_of!(
            self,
            Item {
                id,
                protocol: Some(self.protocol),
                star_number: self.star_number,
                copied_from: self.copied_from,
                deprecation: self.deprecation,
                evidence: None,
                canary_passed_at: None,
                starred: false,
                followed: false,
                resembles_official: false,
                created_at: iso(created_at),
                updated_at: iso(updated_at),
                item_tags: Vec::new(),
                item_categories: Vec::new(),
            }
        )
    }
}

/// The same once more.
impl From<Item> for ItemToCreate {
    fn from(item: Item) -> Self {
        with_fields_of!(
            item,
            Self {
                protocol: item.protocol.unwrap_or_default(),
                star_number: item.star_number,
                copied_from: item.copied_from,
                deprecation: item.deprecation,
            }
        )
    }
}
