//! How many items a list has, remembered while nothing changes.
//!
//! To count the items of a large catalogue takes longer than to read a page of
//! it, and the pages of most requests are counted by the same few queries. A
//! count is true as long as its *data version* lasts, which the database itself tells:
//! on `PostgreSQL` the set of transactions whose work a statement sees
//! ([`dialect::data_version`]), on `SQLite` a number that changes with the file
//! ([`super::data_version`]). So a remembered count is never older than the request that
//! it answers, whichever server has written in between. One of another version is
//! still good to guess by, which scan strategy a page wants
//! ([`crate::scan_strategy`]).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbErr, Statement};
use sha2::{Digest, Sha256};
use shared::access::ReadScope;
use shared::wire::ItemFilter;

use super::item_query::{ItemQuery, Viewer};
use crate::{Store, dialect};

/// Counts that are remembered at a time: more than a portal's users ask
/// between two changes, and well below a megabyte.
const MAX_QUERIES: usize = 500;

/// A statement that counts.
pub(crate) struct CountQuery {
    statement: Statement,
    /// What it is remembered by: with a keyword in it, a statement is long.
    key: Key,
}

type Key = [u8; 32];

/// The last count for each query.
#[derive(Default)]
pub(crate) struct CountCache(Mutex<HashMap<Key, Counted>>);

#[derive(Clone)]
struct Counted {
    count: u64,
    /// Since when the count is true, and as long as it stays.
    data_version: String,
    at: Instant,
}

impl Counted {
    /// Whether the count is true at `data_version`.
    fn is_of(&self, data_version: &str) -> bool {
        self.data_version == data_version
    }

    /// Whether it was counted no longer ago than that.
    fn is_younger_than(&self, age: Duration) -> bool {
        self.at.elapsed() < age
    }
}

impl CountCache {
    /// What was last counted for `count_query`.
    fn recall(&self, count_query: &Key) -> Option<Counted> {
        self.known().get(count_query).cloned()
    }

    /// Remembers a count.
    fn remember(&self, data_version: String, count_query: Key, count: u64) {
        let mut known = self.known();
        if known.len() >= MAX_QUERIES {
            known.clear();
        }
        let at = Instant::now();
        known.insert(
            count_query,
            Counted {
                count,
                data_version,
                at,
            },
        );
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Key, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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

    /// The answer to `count_query`; from memory, if it knows the count at this very
    /// `data_version`.
    pub(crate) async fn count(
        &self,
        count_query: &CountQuery,
        data_version: Option<String>,
    ) -> Result<u64, DbErr> {
        self.count_on(&self.db, count_query, data_version).await
    }

    /// The same, asked where `db` says.
    pub(crate) async fn count_on<C: ConnectionTrait>(
        &self,
        db: &C,
        count_query: &CountQuery,
        data_version: Option<String>,
    ) -> Result<u64, DbErr> {
        if let Some(data_version) = &data_version
            && let Some(known) = self.counts.recall(&count_query.key)
            && known.is_of(data_version)
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
            Some(known) if known.is_younger_than(AGE) => Ok(known.count),
            _ => self.count(&all, None).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_true_at_its_version() {
        let counts = CountCache::default();
        let (all, mine) = ([1; 32], [2; 32]);
        let at = |data_version: &str, count_query: &Key| {
            let known = counts.recall(count_query)?;
            known.is_of(data_version).then_some(known.count)
        };
        counts.remember("1".to_owned(), all, 7);
        assert_eq!(at("1", &all), Some(7));
        assert_eq!(at("1", &mine), None);
        assert_eq!(at("2", &all), None);
        counts.remember("2".to_owned(), all, 8);
        assert_eq!(at("1", &all), None);
        assert_eq!(at("2", &all), Some(8));
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let counts = CountCache::default();
        let key = |number: usize| Sha256::digest(number.to_be_bytes()).into();
        for number in 0..=MAX_QUERIES {
            counts.remember("1".to_owned(), key(number), 1);
        }
        assert!(counts.recall(&key(0)).is_none());
        assert!(counts.recall(&key(MAX_QUERIES)).is_some());
    }
}
