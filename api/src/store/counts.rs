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
use std::sync::{Mutex, PoisonError};

/// Questions that are remembered at a time: more than a portal's users ask
/// between two changes, and well below a megabyte.
const MAX_QUESTIONS: usize = 500;

/// Counts of one moment.
#[derive(Default)]
pub(super) struct Counts(Mutex<Known>);

#[derive(Default)]
struct Known {
    moment: String,
    counts: HashMap<String, u64>,
}

impl Counts {
    /// What was the answer to `question` at `moment`.
    pub(super) fn recall(&self, moment: &str, question: &str) -> Option<u64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (known.moment == moment)
            .then(|| known.counts.get(question).copied())
            .flatten()
    }

    /// Remembers an answer, and forgets those of other moments.
    pub(super) fn remember(&self, moment: String, question: String, count: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.moment != moment || known.counts.len() >= MAX_QUESTIONS {
            known.counts.clear();
            known.moment = moment;
        }
        known.counts.insert(question, count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_forgotten_with_its_moment() {
        let counts = Counts::default();
        counts.remember("1".to_owned(), "all".to_owned(), 7);
        assert_eq!(counts.recall("1", "all"), Some(7));
        assert_eq!(counts.recall("1", "mine"), None);
        assert_eq!(counts.recall("2", "all"), None);
        counts.remember("2".to_owned(), "mine".to_owned(), 3);
        assert_eq!(counts.recall("1", "all"), None);
        assert_eq!(counts.recall("2", "all"), None);
        assert_eq!(counts.recall("2", "mine"), Some(3));
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let counts = Counts::default();
        for number in 0..=MAX_QUESTIONS {
            counts.remember("1".to_owned(), number.to_string(), 1);
        }
        assert_eq!(counts.recall("1", "0"), None);
        assert_eq!(counts.recall("1", &MAX_QUESTIONS.to_string()), Some(1));
    }
}
