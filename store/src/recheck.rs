//! Verdicts on protocols that an older validator gave.

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr};
use shared::protocol;

use super::entity::items::{Column, Entity};

/// Validates the protocols of these items, and says at each whether it is valid.
/// Nothing else of an item changes.
pub(super) async fn recheck<C: ConnectionTrait>(db: &C, ids: &[String]) -> Result<(), DbErr> {
    let query = Query::select()
        .columns([Column::Id, Column::Protocol, Column::ProtocolValid])
        .from(Entity)
        .and_where(Column::Id.is_in(ids))
        .to_owned();
    let mut items: Vec<(String, String, bool)> = Vec::new();
    for row in db.query_all(&query).await? {
        items.push((
            row.try_get_by_index(0)?,
            row.try_get_by_index(1)?,
            row.try_get_by_index(2)?,
        ));
    }
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
        let update = Query::update()
            .table(Entity)
            .value(Column::ProtocolValid, is_valid)
            .and_where(Column::Id.eq(id))
            .to_owned();
        db.execute(&update).await?;
    }
    Ok(())
}
