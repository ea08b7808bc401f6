//! Which items a user has used last.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "uses")]
pub struct Model {
    /// Which user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_name: String,
    /// Which item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    /// When, the last time.
    pub used_at: DateTimeUtc,
}

joined_by_hand!();
