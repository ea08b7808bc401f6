//! Questions that read many texts, and so cost more than others: a few at a time, each
//! for a limited time, so that all others are answered meanwhile.

use std::time::Duration;

use sea_orm::{DatabaseTransaction, TransactionTrait};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::{Store, dialect};
use crate::problem::{self, Refusal};

/// How long a question waits for its turn before it is told 503: as long as for a
/// connection.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// How long one of its statements may take; tens of times what one takes that reads
/// everything of a large catalogue.
const MAX_TIME: Duration = Duration::from_secs(5);

/// A turn at such a question.
pub(super) struct Scan {
    /// Where it is asked.
    pub(super) tx: DatabaseTransaction,
    _turn: OwnedSemaphorePermit,
}

/// How many of them a machine answers at a time: half of what its cores do, and one at
/// least.
pub(super) fn turns(cores: usize) -> usize {
    (cores / 2).max(1)
}

impl Store {
    /// Waits for a turn.
    ///
    /// # Errors
    /// 503 when there are too many others.
    pub(super) async fn begin_scan(&self) -> Result<Scan, Refusal> {
        let turn = timeout(MAX_WAIT, self.scans.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(problem::busy("the search"));
        };
        let tx = self.db.begin().await?;
        dialect::limit_time(&tx, MAX_TIME).await?;
        Ok(Scan { tx, _turn: turn })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_is_left_to_others() {
        assert_eq!([1, 2, 3, 4, 16].map(turns), [1, 1, 1, 2, 8]);
    }
}
