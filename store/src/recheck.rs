//! Verdicts on protocols that an older validator gave.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use shared::protocol;

use super::entity::items::{Column, Entity};

/// Validates the protocols of these items, and says at each whether it is valid.
/// Nothing else of an item changes.
pub(super) async fn recheck<C: ConnectionTrait>(db: &C, ids: &[String]) -> Result<(), DbErr> {
    let items: Vec<(String, String, bool)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Protocol, Column::ProtocolValid])
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    let changed = tokio::task::spawn_blocking(|| {
        let verdicts = items.into_iter().filter_map(|(id, text, was_valid)| {
            let is_valid = protocol::validate(&text).is_valid();
            (is_valid != was_valid).then_some((id, is_valid))
        });
        verdicts.collect::<Vec<_>>()
    });
    let changed = changed
        .await
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    for (id, is_valid) in changed {
        Entity::update_many()
            .col_expr(Column::ProtocolValid, Expr::value(is_valid))
            // Start-up looks at what it asks for afterwards.
            .col_expr(Column::DemandCode, Expr::value(Option::<i64>::None))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
    }
    Ok(())
}
