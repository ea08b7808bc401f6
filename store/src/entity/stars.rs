//! Which items a user has starred.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stars")]
pub struct Model {
    /// Which item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    /// Which user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_name: String,
    /// When.
    pub created_at: DateTimeUtc,
}

joined_by_hand!();
