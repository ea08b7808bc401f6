//! What authors say about exit codes of jobs that were made of their items.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exit_answers")]
pub struct Model {
    /// Which item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    /// Which exit code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: i32,
    /// What the author says.
    #[sea_orm(column_type = "Text")]
    pub answer: String,
}

joined_by_hand!();
