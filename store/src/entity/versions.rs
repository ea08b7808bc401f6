//! What protocols of items were, version by version.

use sea_orm::entity::prelude::*;

/// One row: a version that is not changed any more.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "versions")]
pub struct Model {
    /// Which item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    /// Counted from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    /// The version whose text is whole, from which all up to this one are made, each of
    /// that before it; its own number if it is that one.
    pub base: i32,
    /// See [`shared::wire::Version::digest`].
    pub digest: String,
    /// Who made it; null in rows of items that nobody is the author of.
    pub author: Option<String>,
    /// What has changed, in the author's words.
    pub note: Option<String>,
    /// The version that it is again.
    pub restored_from: Option<i32>,
    /// While it was the item's protocol, others than its author and admins could read it.
    pub is_shared: bool,
    /// Why it should not be used any more, if it is withdrawn,
    pub withdrawn: Option<String>,
    /// and since when.
    pub withdrawn_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// How long the text is.
    pub bytes: i32,
    /// The text, compressed.
    #[sea_orm(column_type = "Blob")]
    pub data: Vec<u8>,
}

/// Queries join by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
