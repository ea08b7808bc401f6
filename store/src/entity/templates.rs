//! Which items were made of which official templates.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "templates")]
pub struct Model {
    /// The template's name: that of its folder in `examples/`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Which item; it may be gone.
    pub item_id: String,
    /// The digest of what the item was when it was made or last brought up to date.
    pub digest: String,
    /// When that was.
    pub imported_at: DateTimeUtc,
}

joined_by_hand!();
