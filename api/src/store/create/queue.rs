//! New items that come at the same time are kept at the same time: to write one
//! takes little longer than to begin and to wait for the disk, and many share
//! that. Nobody waits for others to come: what is there is taken.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use poem::http::StatusCode;
use shared::wire::Item;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::Creator;
use crate::problem::{self, Refusal};
use crate::store::audit::Line;

/// Items that are kept at once: more share nothing that is worth the wait.
const MAX_TOGETHER: usize = 32;

/// How often that goes on at a time: while one waits for the database, the next
/// one is made ready.
const TURNS: usize = 2;

/// Requests that wait for their turn; the others wait to get here.
const MAX_WAITING: usize = 256;

/// Where requests hand in their items.
#[derive(Clone)]
pub(in crate::store) struct Queue(mpsc::Sender<Newcomer>);

struct Newcomer {
    item: Item,
    line: Line,
    since: Instant,
    answer: oneshot::Sender<Result<(), Refusal>>,
}

impl Queue {
    /// Starts to keep what is handed in, until nobody can any more.
    pub(in crate::store) fn start(creator: Arc<Creator>) -> Self {
        let (queue, mut newcomers) = mpsc::channel(MAX_WAITING);
        let turns = Arc::new(Semaphore::new(TURNS));
        let outage = Arc::new(Mutex::new(None));
        tokio::spawn(async move {
            while let Ok(turn) = Arc::clone(&turns).acquire_owned().await {
                let mut together = Vec::new();
                if newcomers.recv_many(&mut together, MAX_TOGETHER).await == 0 {
                    return;
                }
                let kept = keep(Arc::clone(&creator), Arc::clone(&outage), together);
                // Whatever goes wrong with these, the next ones get their turn.
                tokio::spawn(async move {
                    kept.await;
                    drop(turn);
                });
            }
        });
        Self(queue)
    }

    /// Keeps an item, whether or not anybody still waits for the answer.
    pub(super) async fn keep(&self, item: Item, line: Line) -> Result<(), Refusal> {
        let (answer, kept) = oneshot::channel();
        let newcomer = Newcomer {
            item,
            line,
            since: Instant::now(),
            answer,
        };
        let gone = || problem::internal("the queue of new items has ended");
        self.0.send(newcomer).await.map_err(|_| gone())?;
        kept.await.map_err(|_| gone())?
    }
}

/// When the database was out of reach last, and what was said of it.
type Outage = Mutex<Option<(Instant, Refusal)>>;

async fn keep(creator: Arc<Creator>, outage: Arc<Outage>, together: Vec<Newcomer>) {
    let last = outage
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let mut items = Vec::with_capacity(together.len());
    let mut lines = Vec::with_capacity(together.len());
    let mut answers = Vec::with_capacity(together.len());
    for newcomer in together {
        match &last {
            // Who has waited through an outage does not wait through the next.
            Some((ended, refusal)) if newcomer.since < *ended => {
                let _ = newcomer.answer.send(Err(refusal.clone()));
            }
            _ => {
                items.push(newcomer.item);
                lines.push(newcomer.line);
                answers.push(newcomer.answer);
            }
        }
    }
    if items.is_empty() {
        return;
    }
    let result = creator.create(&items, &lines).await;
    let failed = result.as_ref().err().map(|refusal| refusal.status);
    if let Err(refusal) = &result
        && failed == Some(StatusCode::SERVICE_UNAVAILABLE)
    {
        let now = (Instant::now(), refusal.clone());
        *outage.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
    // Of many that are refused one may be to blame; not so in an outage.
    let try_each =
        items.len() > 1 && failed.is_some_and(|status| status != StatusCode::SERVICE_UNAVAILABLE);
    for ((item, line), answer) in items.iter().zip(&lines).zip(answers) {
        let result = if try_each {
            creator
                .create(std::slice::from_ref(item), std::slice::from_ref(line))
                .await
        } else {
            result.clone()
        };
        let _ = answer.send(result);
    }
}
