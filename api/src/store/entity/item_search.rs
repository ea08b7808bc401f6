//! What a keyword is looked for in, an item a row, apart from the item itself
//! so that lists do not read it.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item_search")]
pub struct Model {
    /// Which item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    /// Name, author, summary and description in lower case. The server folds
    /// the case, because `SQLite` knows only that of ASCII.
    #[sea_orm(column_type = "Text")]
    pub haystack: String,
}

/// Queries join by hand.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
