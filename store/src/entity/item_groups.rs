//! Which groups an item is shared with.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item_groups")]
pub struct Model {
    /// Which item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    /// The group's name in OpenPAI.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
}

joined_by_hand!();
