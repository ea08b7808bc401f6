//! What has been done once and must not be done again.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, DbErr};

use super::{Store, StoreError, Transaction};

impl Store {
    /// Sets a mark; answers whether it was not set before. Of many that try at
    /// a time, one hears yes.
    pub async fn set_mark(&self, name: &str) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let is_new = set(&tx, name).await?;
        tx.commit().await?;
        Ok(is_new)
    }
}

/// The same within a transaction: the mark stays only if what it stands for
/// does.
pub async fn set(tx: &Transaction, name: &str) -> Result<bool, DbErr> {
    let insert = Query::insert()
        .into_table("marks")
        .columns(["name", "created_at"])
        .values_panic([name.into(), tx.now().into()])
        .on_conflict(OnConflict::column("name").do_nothing().to_owned())
        .to_owned();
    Ok(tx.execute(&insert).await?.rows_affected() == 1)
}

/// Whether a mark is set.
pub async fn is_set<C: ConnectionTrait>(db: &C, name: &str) -> Result<bool, DbErr> {
    let query = Query::select()
        .column("name")
        .from("marks")
        .and_where(Expr::col("name").eq(name))
        .to_owned();
    Ok(db.query_one(&query).await?.is_some())
}

/// Takes a mark away.
pub async fn unset<C: ConnectionTrait>(db: &C, name: &str) -> Result<(), DbErr> {
    let delete = Query::delete()
        .from_table("marks")
        .and_where(Expr::col("name").eq(name))
        .to_owned();
    db.execute(&delete).await.map(drop)
}
