//! How many items a list has, remembered while nothing changes.
//!
//! To count the items of a large catalogue takes longer than to read a page of
//! it, and the pages of most requests are counted by the same few queries. A
//! count is true as long as its *data version* lasts, which the database itself tells:
//! on `PostgreSQL` the set of transactions whose work a statement sees
//! ([`dialect::data_version`]), on `SQLite` a number that changes with the file
//! ([`crate::store::data_version`]). So a remembered count is never older than the request that
//! it answers, whichever server has written in between. One of another version is
//! still good to guess by, which scan strategy a page wants
//! ([`crate::scan_strategy`]).

use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbErr, Statement};
use sha2::{Digest, Sha256};
use shared::access::ReadScope;
use shared::wire::ItemFilter;

use super::item_query::{ItemQuery, Viewer};
use crate::dialect;
use crate::store::Store;
use crate::store::count_cache::Key;

/// A statement that counts.
pub(crate) struct CountQuery {
    statement: Statement,
    /// What it is remembered by: with a keyword in it, a statement is long.
    key: Key,
}

impl Store {
    /// What counts all items of a query.
    pub(crate) fn count_query(&self, item_query: ItemQuery<'_>) -> CountQuery {
        let backend = self.db.get_database_backend();
        let query = item_query
            .query(backend, None)
            .expr(Expr::cust("COUNT(*)"))
            .expr(dialect::data_version(backend))
            .to_owned();
        let statement = backend.build(&query);
        let key = Sha256::digest(statement.to_string().as_bytes()).into();
        CountQuery { statement, key }
    }

    /// The last answer to `count_query`, which may be old.
    pub(crate) fn last_count(&self, count_query: &CountQuery) -> Option<u64> {
        Some(self.counts.recall(&count_query.key)?.count)
    }

    /// The answer to `count_query`, asked where `db` says; from memory, if it knows the
    /// count at this very `data_version`.
    pub(crate) async fn count<C: ConnectionTrait>(
        &self,
        db: &C,
        count_query: &CountQuery,
        data_version: Option<String>,
    ) -> Result<u64, DbErr> {
        if let Some(data_version) = &data_version
            && let Some(known) = self.counts.recall(&count_query.key)
            && known.data_version == *data_version
        {
            return Ok(known.count);
        }
        let Some(row) = db.query_one_raw(count_query.statement.clone()).await? else {
            return Ok(0);
        };
        let count = u64::try_from(row.try_get_by_index::<i64>(0)?).unwrap_or(0);
        // One that is of no version is good for a guess.
        let data_version = row.try_get_by_index::<Option<String>>(1)?.or(data_version);
        let data_version = data_version.unwrap_or_default();
        self.counts.remember(data_version, count_query.key, count);
        Ok(count)
    }

    /// How many items there were in the catalogue a minute ago at most.
    pub(crate) async fn size(&self) -> Result<u64, DbErr> {
        const AGE: Duration = Duration::from_mins(1);
        let all = self.count_query(ItemQuery {
            viewer: Viewer {
                name: "",
                scope: ReadScope::Everything,
                runnable: &[],
            },
            filter: &ItemFilter::default(),
            plan: None,
        });
        match self.counts.recall(&all.key) {
            Some(known) if known.at.elapsed() < AGE => Ok(known.count),
            _ => self.count(&self.db, &all, None).await,
        }
    }
}
