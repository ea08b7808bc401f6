//! How a server ends: it says so first, goes on for a while, and only then stops
//! listening. Whoever spreads requests over several servers needs that time to notice;
//! without it they send some to a server that is gone.

use std::future::pending;
use std::io;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// The exit code of a program that SIGINT has ended, as shells have it.
const INTERRUPTED: i32 = 130;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Serving,
    GoingDown,
    Closed,
}

/// Where a server stands on its way down; cheap to clone.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Phase>);

/// That of a server that never goes down.
impl Default for Stop {
    fn default() -> Self {
        Self(watch::channel(Phase::Serving).1)
    }
}

impl Stop {
    /// Goes down on SIGTERM or SIGINT, also on one that comes before anybody asks, and
    /// is closed `drain` later. A SIGINT on the way down ends the process at once.
    ///
    /// # Errors
    /// When the system hands out no signals.
    pub fn on_signals(drain: Duration) -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (sender, stop) = watch::channel(Phase::Serving);
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            let seconds = drain.as_secs();
            tracing::info!(
                seconds,
                "going down; requests are still answered for this long"
            );
            tokio::select! {
                () = go_down(sender, drain) => {}
                _ = interrupt.recv() => {
                    tracing::warn!("ended at once by a SIGINT on the way down");
                    std::process::exit(INTERRUPTED);
                }
            }
        });
        Ok(Self(stop))
    }

    /// Goes down when `signal` is done, and is closed `drain` later.
    pub fn after(signal: impl Future<Output = ()> + Send + 'static, drain: Duration) -> Self {
        let (sender, stop) = watch::channel(Phase::Serving);
        tokio::spawn(async move {
            signal.await;
            go_down(sender, drain).await;
        });
        Self(stop)
    }

    /// Whether no new requests are wanted any more.
    pub fn is_going_down(&self) -> bool {
        *self.0.borrow() != Phase::Serving
    }

    /// Waits until nobody listens any more.
    pub async fn closed(&mut self) {
        let closed = self.0.wait_for(|phase| *phase == Phase::Closed);
        if closed.await.is_err() {
            pending::<()>().await;
        }
    }
}

/// Does not end.
async fn go_down(sender: watch::Sender<Phase>, drain: Duration) {
    sender.send_replace(Phase::GoingDown);
    tokio::time::sleep(drain).await;
    sender.send_replace(Phase::Closed);
    pending::<()>().await;
}
