//! Who has starred what.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use shared::wire::Item;

use super::entity::items;
use super::entity::stars::{self, Column};
use super::{CallbackError, Store, StoreError};

impl Store {
    /// Gives an item the star of `user`, or takes it back, if `decide` agrees.
    /// One that it has, or has not, already is fine. The item's number of stars
    /// is counted anew while nobody else can change it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and what `decide` fails with.
    pub async fn set_star<E>(
        &self,
        id: &str,
        user: &str,
        present: bool,
        decide: impl FnOnce(&Item) -> Result<(), E> + Send,
    ) -> Result<(), CallbackError<E>> {
        let tx = self.begin().await?;
        decide(&super::items::lock(&tx, id, user).await?).map_err(CallbackError::Callback)?;
        if present {
            let row = stars::Model {
                item_id: id.to_owned(),
                user_name: user.to_owned(),
                created_at: tx.now(),
            };
            let already_there = OnConflict::columns([Column::ItemId, Column::UserName])
                .do_nothing()
                .to_owned();
            stars::Entity::insert(row.into_active_model())
                .on_conflict(already_there)
                .exec_without_returning(&tx)
                .await?;
        } else {
            stars::Entity::delete_by_id((id.to_owned(), user.to_owned()))
                .exec(&tx)
                .await?;
        }
        let count = stars::Entity::find()
            .filter(Column::ItemId.eq(id))
            .count(&tx)
            .await?;
        let count = i32::try_from(count)
            .map_err(|_| StoreError::Damaged(format!("item {id}: {count} stars")))?;
        items::Entity::update_many()
            .col_expr(items::Column::StarNumber, Expr::value(count))
            .filter(items::Column::Id.eq(id))
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }
}
