//! How many items a list has, remembered while nothing changes.
//!
//! To count the items of a large catalogue takes longer than to read a page of
//! it, and the pages of most requests are counted by the same few questions. A
//! count is true as long as its *moment* lasts, which the database itself tells:
//! on `PostgreSQL` the set of transactions whose work a statement sees
//! ([`super::dialect::moment`]), on `SQLite` a number that changes with the file
//! ([`super::watch`]). So a remembered count is never older than the request that
//! it answers, whichever server has written in between.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbErr, Statement};
use shared::access::ReadScope;
use shared::wire::ItemFilter;

use super::wanted::Wanted;
use super::{Store, dialect};

/// Questions that are remembered at a time: more than a portal's users ask
/// between two changes, and well below a megabyte.
const MAX_QUESTIONS: usize = 500;

/// The last count for each question.
#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<String, Counted>>);

#[derive(Clone)]
pub(super) struct Counted {
    pub(super) count: u64,
    /// Since when the count is true, and as long as it stays.
    moment: String,
    at: Instant,
}

impl Counted {
    /// Whether the count is true at `moment`.
    pub(super) fn is_of(&self, moment: &str) -> bool {
        self.moment == moment
    }

    /// Whether it was counted no longer ago than that.
    pub(super) fn is_younger_than(&self, age: Duration) -> bool {
        self.at.elapsed() < age
    }
}

impl Counts {
    /// What was last counted for `question`.
    pub(super) fn recall(&self, question: &str) -> Option<Counted> {
        self.known().get(question).cloned()
    }

    /// Remembers a count.
    pub(super) fn remember(&self, moment: String, question: String, count: u64) {
        let mut known = self.known();
        if known.len() >= MAX_QUESTIONS {
            known.clear();
        }
        let at = Instant::now();
        known.insert(question, Counted { count, moment, at });
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// The statement that counts what is wanted.
    pub(super) fn question(&self, wanted: Wanted<'_>) -> Statement {
        let backend = self.db.get_database_backend();
        let query = wanted
            .query(backend, None)
            .expr(Expr::cust("COUNT(*)"))
            .expr(dialect::moment(backend))
            .to_owned();
        backend.build(&query)
    }

    /// The answer to `question`; from memory, if it knows the count at this very
    /// `moment`.
    pub(super) async fn count(
        &self,
        question: &Statement,
        moment: Option<String>,
    ) -> Result<u64, DbErr> {
        let text = question.to_string();
        if let Some(moment) = &moment
            && let Some(known) = self.counts.recall(&text)
            && known.is_of(moment)
        {
            return Ok(known.count);
        }
        let Some(row) = self.db.query_one_raw(question.clone()).await? else {
            return Ok(0);
        };
        let count = u64::try_from(row.try_get_by_index::<i64>(0)?).unwrap_or(0);
        // One that is of no moment is good for a guess.
        let moment = row.try_get_by_index::<Option<String>>(1)?.or(moment);
        self.counts
            .remember(moment.unwrap_or_default(), text, count);
        Ok(count)
    }

    /// How many items there were in the catalogue a minute ago at most.
    pub(super) async fn size(&self) -> Result<u64, DbErr> {
        const AGE: Duration = Duration::from_mins(1);
        let all = self.question(Wanted {
            scope: ReadScope::Everything,
            filter: &ItemFilter::default(),
            plan: None,
        });
        match self.counts.recall(&all.to_string()) {
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
        let at = |moment: &str, question: &str| {
            let known = counts.recall(question)?;
            known.is_of(moment).then_some(known.count)
        };
        counts.remember("1".to_owned(), "all".to_owned(), 7);
        assert_eq!(at("1", "all"), Some(7));
        assert_eq!(at("1", "mine"), None);
        assert_eq!(at("2", "all"), None);
        counts.remember("2".to_owned(), "all".to_owned(), 8);
        assert_eq!(at("1", "all"), None);
        assert_eq!(at("2", "all"), Some(8));
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let counts = Counts::default();
        for number in 0..=MAX_QUESTIONS {
            counts.remember("1".to_owned(), number.to_string(), 1);
        }
        assert!(counts.recall("0").is_none());
        assert!(counts.recall(&MAX_QUESTIONS.to_string()).is_some());
    }
}
