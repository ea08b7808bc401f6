//! How often items are used.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use shared::wire::AuditKind;

use super::entity::items::{Column, Entity};
use super::{Store, StoreError};

impl Store {
    /// Counts a use of an item. The database does the sum, so none is lost
    /// however many are counted at a time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no item with this id.
    pub async fn count_use(&self, id: &str) -> Result<(), StoreError> {
        let counted = Entity::update_many()
            .col_expr(Column::UseNumber, Expr::col(Column::UseNumber).add(1))
            .filter(Column::Id.eq(id))
            .exec(&self.writer)
            .await?;
        if counted.rows_affected == 0 {
            return Err(StoreError::not_found(AuditKind::Item, id));
        }
        Ok(())
    }
}
