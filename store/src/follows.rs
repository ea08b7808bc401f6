//! Who wants to be told what becomes of which item.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

use super::entity::follows::{Column, Entity, Model};
use super::error::MAX_FOLLOWED;
use super::{Store, StoreError};

impl Store {
    /// Makes `user` follow an item that is there, or not follow it any more. What happens
    /// from now on is news. To repeat it changes nothing.
    ///
    /// # Errors
    /// [`StoreError::TooManyFollowed`] beyond [`MAX_FOLLOWED`].
    pub async fn set_follow(&self, id: &str, user: &str, follow: bool) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        if follow {
            let others = Entity::find()
                .filter(Column::UserName.eq(user))
                .filter(Column::ItemId.ne(id))
                .count(&tx)
                .await?;
            if others >= MAX_FOLLOWED {
                return Err(StoreError::TooManyFollowed);
            }
            let row = Model {
                user_name: user.to_owned(),
                item_id: id.to_owned(),
                since: tx.now(),
            };
            let already = OnConflict::columns([Column::UserName, Column::ItemId])
                .do_nothing()
                .to_owned();
            Entity::insert(row.into_active_model())
                .on_conflict(already)
                .exec_without_returning(&tx)
                .await?;
        } else {
            Entity::delete_by_id((user.to_owned(), id.to_owned()))
                .exec(&tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }
}
