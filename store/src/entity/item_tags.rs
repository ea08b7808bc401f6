//! Which tags an item has.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item_tags")]
pub struct Model {
    /// Which item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    /// Which tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_id: String,
}

joined_by_hand!();
