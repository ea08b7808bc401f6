//! The task that sweeps, by its handle; `sweep` says what it does.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// A task that is woken when items have changed; it ends with the last clone of the store.
pub(crate) struct Sweeper {
    changed: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Sweeper {
    /// Starts the task that `run` makes, which hears of changes by what it is given.
    pub(crate) fn start<T>(run: impl FnOnce(Arc<Notify>) -> T) -> Self
    where
        T: Future<Output = ()> + Send + 'static,
    {
        let changed = Arc::new(Notify::new());
        let task = tokio::spawn(run(Arc::clone(&changed)));
        Self { changed, task }
    }

    /// Says that items may have lost words or tags; to be called when the transaction
    /// has ended.
    pub(crate) fn wake(&self) {
        self.changed.notify_one();
    }

    /// Ends the task, wherever it is; a batch happens wholly or not at all.
    pub(crate) fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.stop();
    }
}
