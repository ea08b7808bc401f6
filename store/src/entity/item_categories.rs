//! Which categories an item is in.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item_categories")]
pub struct Model {
    /// Which item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    /// Which category.
    #[sea_orm(primary_key, auto_increment = false)]
    pub category_id: String,
}

joined_by_hand!();
