//! The memory for counts; `listing/count.rs` says what it is worth.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

use super::lock;

/// Counts that are remembered at a time: more than a portal's users ask
/// between two changes, and well below a megabyte.
const MAX_QUERIES: usize = 500;

/// The SHA-256 of a statement that counts.
pub(crate) type Key = [u8; 32];

/// The last count for each query.
#[derive(Default)]
pub(crate) struct CountCache(Mutex<HashMap<Key, Counted>>);

/// A count that is remembered.
#[derive(Clone)]
pub(crate) struct Counted {
    pub(crate) count: u64,
    /// Since when the count is true, and as long as it stays.
    pub(crate) data_version: String,
    pub(crate) at: Instant,
}

impl CountCache {
    /// What was last counted for `count_query`.
    pub(crate) fn recall(&self, count_query: &Key) -> Option<Counted> {
        lock(&self.0).get(count_query).cloned()
    }

    /// Remembers a count.
    pub(crate) fn remember(&self, data_version: String, count_query: Key, count: u64) {
        let mut known = lock(&self.0);
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
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn a_count_is_true_at_its_version() {
        let counts = CountCache::default();
        let (all, mine) = ([1; 32], [2; 32]);
        let at = |data_version: &str, count_query: &Key| {
            let known = counts.recall(count_query)?;
            (known.data_version == data_version).then_some(known.count)
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
