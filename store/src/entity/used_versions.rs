//! Which versions of items a user has used of late.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "used_versions")]
pub struct Model {
    /// Which user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_name: String,
    /// Which item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    /// Which of its versions.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// When, the last time.
    pub used_at: DateTimeUtc,
}

joined_by_hand!();
