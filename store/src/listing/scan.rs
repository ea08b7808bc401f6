//! Queries that read many texts, and so cost more than others: a few at a time, each
//! for a limited time, so that all others are answered meanwhile.

use std::time::Duration;

use sea_orm::{DatabaseTransaction, TransactionTrait};
use tokio::sync::{AcquireError, OwnedSemaphorePermit};
use tokio::time::timeout;

use crate::{Store, StoreError, dialect};

/// How long a query waits for its turn before it is given up: as long as for a
/// connection.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// How long one of its statements may take; tens of times what one takes that reads
/// everything of a large catalogue.
const MAX_TIME: Duration = Duration::from_secs(5);

/// A turn at such a question.
pub(crate) struct Scan {
    /// Where it is asked.
    pub(crate) tx: DatabaseTransaction,
    _turns: (OwnedSemaphorePermit, OwnedSemaphorePermit),
}

/// How many of them a machine answers at a time: half of what its cores do, and one at
/// least.
pub(crate) fn turns(cores: usize) -> usize {
    (cores / 2).max(1)
}

impl Store {
    /// Waits for a turn.
    ///
    /// # Errors
    /// [`StoreError::SearchBusy`] when there are too many others.
    pub(crate) async fn begin_scan(&self) -> Result<Scan, StoreError> {
        // Scans are few, and who waits for a turn at one must not keep lists waiting.
        let turns = timeout(MAX_WAIT, async {
            let scan = self.scans.clone().acquire_owned().await?;
            Ok::<_, AcquireError>((scan, self.long_reads.clone().acquire_owned().await?))
        });
        let Ok(Ok(turns)) = turns.await else {
            return Err(StoreError::SearchBusy);
        };
        let tx = self.db.begin().await?;
        dialect::limit_time(&tx, MAX_TIME).await?;
        Ok(Scan { tx, _turns: turns })
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
