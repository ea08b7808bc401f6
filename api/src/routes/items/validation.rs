//! Validation of protocols on the server: work that only the processor does.

use std::num::NonZero;
use std::sync::LazyLock;

use shared::protocol::{self, Report};
use tokio::sync::Semaphore;

use crate::problem::{self, Refusal};

/// The longest text, in bytes, that is worked on at once. It takes some
/// milliseconds at worst, and people's protocols are shorter.
const SHORT: usize = 16 * 1024;

/// Turns at the longer ones, which may take a second: on all cores but one, so
/// that whoever sends many of them keeps nobody else from being served.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Semaphore::new(cores.saturating_sub(1).max(1))
});

/// Validates a protocol.
///
/// # Errors
/// 400 when it is invalid.
pub(super) async fn validate(text: &str) -> Result<Report, Refusal> {
    let report = run(text, protocol::validate).await?;
    if report.is_valid() {
        Ok(report)
    } else {
        Err(problem::invalid_protocol(report.diagnostics))
    }
}

/// Does `work` on a protocol, in its turn and on a thread of its own if it may
/// take long. It goes on, and its turn with it, when nobody waits any more.
pub(super) async fn run<T: Send + 'static>(
    text: &str,
    work: impl FnOnce(&str) -> T + Send + 'static,
) -> Result<T, Refusal> {
    if text.len() <= SHORT {
        return Ok(work(text));
    }
    let failed = |error: &dyn std::error::Error| {
        problem::internal(format!("a protocol was not worked on: {error}"))
    };
    let turn = TURNS.acquire().await.map_err(|error| failed(&error))?;
    let text = text.to_owned();
    let done = tokio::task::spawn_blocking(move || {
        let result = work(&text);
        drop(turn);
        result
    });
    done.await.map_err(|error| failed(&error))
}
