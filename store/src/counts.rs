//! How many items a list has, remembered while nothing changes.
//!
//! To count the items of a large catalogue takes longer than to read a page of
//! it, and the pages of most requests are counted by the same few questions. A
//! count is true as long as its *moment* lasts, which the database itself tells:
//! on `PostgreSQL` the set of transactions whose work a statement sees
//! ([`super::dialect::moment`]), on `SQLite` a number that changes with the file
//! ([`super::watch`]). So a remembered count is never older than the request that
//! it answers, whichever server has written in between. One of another moment is
//! still good to guess by, which scan strategy a page wants
//! ([`super::scan_strategy`]).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbErr, Statement};
use sha2::{Digest, Sha256};
use shared::access::ReadScope;
use shared::wire::ItemFilter;

use super::wanted::{Viewer, Wanted};
use super::{Store, dialect};

/// Questions that are remembered at a time: more than a portal's users ask
/// between two changes, and well below a megabyte.
const MAX_QUESTIONS: usize = 500;

/// A statement that counts.
pub(super) struct Question {
    statement: Statement,
    /// What it is remembered by: with a keyword in it, a statement is long.
    key: Key,
}

type Key = [u8; 32];

/// The last count for each question.
#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<Key, Counted>>);

#[derive(Clone)]
struct Counted {
    count: u64,
    /// Since when the count is true, and as long as it stays.
    moment: String,
    at: Instant,
}

impl Counted {
    /// Whether the count is true at `moment`.
    fn is_of(&self, moment: &str) -> bool {
        self.moment == moment
    }

    /// Whether it was counted no longer ago than that.
    fn is_younger_than(&self, age: Duration) -> bool {
        self.at.elapsed() < age
    }
}

impl Counts {
    /// What was last counted for `question`.
    fn recall(&self, question: &Key) -> Option<Counted> {
        self.known().get(question).cloned()
    }

    /// Remembers a count.
    fn remember(&self, moment: String, question: Key, count: u64) {
        let mut known = self.known();
        if known.len() >= MAX_QUESTIONS {
            known.clear();
        }
        let at = Instant::now();
        known.insert(question, Counted { count, moment, at });
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Key, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// How many of what is wanted there are.
    pub(super) fn question(&self, wanted: Wanted<'_>) -> Question {
        let backend = self.db.get_database_backend();
        let query = wanted
            .query(backend, None)
            .expr(Expr::cust("COUNT(*)"))
            .expr(dialect::moment(backend))
            .to_owned();
        let statement = backend.build(&query);
        let key = Sha256::digest(statement.to_string().as_bytes()).into();
        Question { statement, key }
    }

    /// The last answer to `question`, which may be old.
    pub(super) fn guess(&self, question: &Question) -> Option<u64> {
        Some(self.counts.recall(&question.key)?.count)
    }

    /// The answer to `question`; from memory, if it knows the count at this very
    /// `moment`.
    pub(super) async fn count(
        &self,
        question: &Question,
        moment: Option<String>,
    ) -> Result<u64, DbErr> {
        self.count_on(&self.db, question, moment).await
    }

    /// The same, asked where `db` says.
    pub(super) async fn count_on<C: ConnectionTrait>(
        &self,
        db: &C,
        question: &Question,
        moment: Option<String>,
    ) -> Result<u64, DbErr> {
        if let Some(moment) = &moment
            && let Some(known) = self.counts.recall(&question.key)
            && known.is_of(moment)
        {
            return Ok(known.count);
        }
        let Some(row) = db.query_one_raw(question.statement.clone()).await? else {
            return Ok(0);
        };
        let count = u64::try_from(row.try_get_by_index::<i64>(0)?).unwrap_or(0);
        // One that is of no moment is good for a guess.
        let moment = row.try_get_by_index::<Option<String>>(1)?.or(moment);
        let moment = moment.unwrap_or_default();
        self.counts.remember(moment, question.key, count);
        Ok(count)
    }

    /// How many items there were in the catalogue a minute ago at most.
    pub(super) async fn size(&self) -> Result<u64, DbErr> {
        const AGE: Duration = Duration::from_mins(1);
        let all = self.question(Wanted {
            viewer: Viewer {
                name: "",
                scope: ReadScope::Everything,
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
    fn a_count_is_true_at_its_moment() {
        let counts = Counts::default();
        let (all, mine) = ([1; 32], [2; 32]);
        let at = |moment: &str, question: &Key| {
            let known = counts.recall(question)?;
            known.is_of(moment).then_some(known.count)
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
        let counts = Counts::default();
        let key = |number: usize| Sha256::digest(number.to_be_bytes()).into();
        for number in 0..=MAX_QUESTIONS {
            counts.remember("1".to_owned(), key(number), 1);
        }
        assert!(counts.recall(&key(0)).is_none());
        assert!(counts.recall(&key(MAX_QUESTIONS)).is_some());
    }
}
