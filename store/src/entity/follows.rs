//! Who is told what becomes of which item.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "follows")]
pub struct Model {
    /// Which user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_name: String,
    /// Which item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    /// What happened before is no news.
    pub since: DateTimeUtc,
}

joined_by_hand!();
