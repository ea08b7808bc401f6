//! What jobs ask of a cluster, so that a list can be narrowed down to those that run.
//!
//! An item's row has it as text and as a *code*, a number that stands for the text: 0 for
//! what is no job that OpenPAI would take, and nothing for rows that nobody has looked at
//! yet ([`fill`]). Many items ask for the same, so few verdicts are made
//! for many items, and a list asks for the codes of those that run.

use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, Statement,
};
use shared::fit::Demand;
use shared::wire::ItemType;

use super::entity::items::{Column, Entity};
use super::search::tokenizer::code;
use super::{Store, StoreError, dialect};
use crate::transaction::begin;

/// Items whose protocols are read at a time: a few megabytes of text.
const ITEMS_PER_BATCH: u64 = 200;

/// The longest protocol that OpenPAI takes, in bytes: a longer one runs nowhere.
const MAX_PROTOCOL: usize = 100 * 1024;

/// The code of what is no job that OpenPAI would take.
const NO_JOB: i64 = 0;

/// Each code that an item has, in order: one look into the index for each.
const CODES: &str = "WITH RECURSIVE codes(code) AS ( \
     SELECT MIN(demand_code) FROM items UNION ALL \
     SELECT (SELECT MIN(demand_code) FROM items WHERE demand_code > codes.code) FROM codes WHERE codes.code IS NOT NULL) \
     SELECT code FROM codes WHERE code IS NOT NULL AND code <> 0";

/// What the row of an item says of it: the text and its code.
pub(super) fn of(
    kind: Option<ItemType>,
    is_valid: bool,
    protocol: &str,
) -> (Option<String>, Option<i64>) {
    let is_job = is_valid && kind != Some(ItemType::Data) && protocol.len() <= MAX_PROTOCOL;
    let demand = is_job.then(|| Demand::read(protocol)).flatten();
    match demand.and_then(|demand| demand.to_text()) {
        Some(text) => {
            let code = match code(&text) {
                NO_JOB => 1,
                code => code,
            };
            (Some(text), Some(code))
        }
        None => (None, Some(NO_JOB)),
    }
}

impl Store {
    /// Writes down what the jobs of all items ask for that nobody has looked at yet: those
    /// of before this was kept, and those that an older server has made since.
    pub async fn fill_demands(&self) -> Result<(), StoreError> {
        Ok(fill(&self.writer).await?)
    }

    /// What there is that jobs ask for, each by its code, in order.
    pub async fn demand_codes(&self) -> Result<Vec<i64>, StoreError> {
        let codes = Statement::from_string(self.db.get_database_backend(), CODES);
        let rows = self.db.query_all_raw(codes).await?;
        let codes = rows.iter().map(|row| row.try_get_by_index(0));
        Ok(codes.collect::<Result<_, _>>()?)
    }

    /// What these codes stand for, as [`Demand::from_text`] reads it. One that no item has
    /// any more is left out.
    pub async fn demands(&self, codes: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
        let query = dialect::demands(self.db.get_database_backend(), codes);
        let rows = self.db.query_all(&query).await?;
        let mut found = Vec::new();
        for row in rows {
            if let Some(text) = row.try_get_by_index::<Option<String>>(1)? {
                found.push((row.try_get_by_index(0)?, text));
            }
        }
        Ok(found)
    }
}

/// Does it a batch at a time; an item that is being read cannot be changed meanwhile.
async fn fill(writer: &DatabaseConnection) -> Result<(), DbErr> {
    loop {
        let tx = begin(writer).await?;
        let mut query = Query::select()
            .columns([
                Column::Id,
                Column::Kind,
                Column::ProtocolValid,
                Column::Protocol,
            ])
            .from(Entity)
            .and_where(Expr::col(Column::DemandCode).is_null())
            .limit(ITEMS_PER_BATCH)
            .to_owned();
        query.lock(LockType::Update);
        let rows = tx.query_all(&query).await?;
        if rows.is_empty() {
            return tx.commit().await;
        }
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            let id: String = row.try_get_by_index(0)?;
            let kind: Option<String> = row.try_get_by_index(1)?;
            let is_valid: bool = row.try_get_by_index(2)?;
            items.push((id, kind, is_valid, row.try_get_by_index::<String>(3)?));
        }
        let read = tokio::task::spawn_blocking(move || {
            let items = items.into_iter().map(|(id, kind, is_valid, protocol)| {
                let kind = kind.and_then(|kind| kind.parse().ok());
                (id, of(kind, is_valid, &protocol))
            });
            items.collect::<Vec<_>>()
        });
        let read = read
            .await
            .map_err(|error| DbErr::Custom(error.to_string()))?;
        for (id, (demand, code)) in read {
            Entity::update_many()
                .col_expr(Column::Demand, Expr::value(demand))
                .col_expr(Column::DemandCode, Expr::value(code))
                .filter(Column::Id.eq(id))
                .exec(&tx)
                .await?;
        }
        tx.commit().await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = "taskRoles: {a: {resourcePerInstance: {gpu: 1, cpu: 2, memoryMB: 3}}}";

    #[test]
    fn what_is_no_job_asks_for_nothing() {
        let (text, code) = of(Some(ItemType::Template), true, JOB);
        assert!(text.is_some() && code != Some(NO_JOB));
        assert_eq!(of(None, true, JOB), (text, code));
        let nothing = (None, Some(NO_JOB));
        assert_eq!(of(Some(ItemType::Data), true, JOB), nothing);
        assert_eq!(of(Some(ItemType::Template), false, JOB), nothing);
        assert_eq!(of(Some(ItemType::Template), true, "type: job"), nothing);
        let long = format!("{JOB}\n#{}", "x".repeat(MAX_PROTOCOL));
        assert_eq!(of(Some(ItemType::Template), true, &long), nothing);
    }
}
