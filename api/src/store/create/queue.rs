//! New items that come at the same time are kept at the same time: to write one
//! takes little longer than to begin and to wait for the disk, and many share
//! that. Who comes alone is kept at once; a crowd is kept in halves, so that the
//! database works on one while the other one is answered and comes again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use poem::http::StatusCode;
use shared::wire::Item;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use super::Creator;
use crate::problem::{self, Refusal};
use crate::store::audit::Line;

/// Items that are kept at once: more share nothing that is worth the wait.
const MAX_TOGETHER: usize = 32;

/// Batches that are under way at a time: while one waits for the database, the
/// next one is made ready.
const MAX_BATCHES: usize = 2;

/// How long a batch waits for company after another one has ended: a fraction of
/// what it takes, and as long as those need who were answered just now and come
/// again.
const PATIENCE: Duration = Duration::from_millis(1);

/// How long one batch may take: as long as a request by default. A database that is out of
/// reach says nothing if the network swallows what is sent, and the batches after
/// this one must not wait for that.
const LONGEST: Duration = Duration::from_secs(30);

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
        let (queue, newcomers) = mpsc::channel(MAX_WAITING);
        tokio::spawn(serve(newcomers, creator));
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

/// Keeps newcomers until no more can come and all are kept. Half of the crowd that
/// was there when the last batch ended makes the next one.
async fn serve(mut newcomers: mpsc::Receiver<Newcomer>, creator: Arc<Creator>) {
    let outage = Arc::new(Mutex::new(None));
    let mut waiting = Vec::new();
    let mut batches = JoinSet::new();
    let mut sizes = HashMap::new();
    let mut share = 1;
    let mut patience = Instant::now();
    let mut open = true;
    while open || !waiting.is_empty() || !batches.is_empty() {
        let has_turn = !waiting.is_empty() && batches.len() < MAX_BATCHES;
        if has_turn && (waiting.len() >= share || patience <= Instant::now()) {
            let together: Vec<_> = waiting.drain(..share.min(waiting.len())).collect();
            let size = together.len();
            let kept = keep(Arc::clone(&creator), Arc::clone(&outage), together);
            sizes.insert(batches.spawn(kept).id(), size);
            continue;
        }
        let has_room = open && waiting.len() < MAX_TOGETHER;
        tokio::select! {
            came = newcomers.recv_many(&mut waiting, MAX_TOGETHER), if has_room => open = came > 0,
            Some(ended) = batches.join_next_with_id() => {
                // Whatever went wrong with these, the next ones get their turn.
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                let ended = sizes.remove(&id).unwrap_or(0);
                let crowd = ended + sizes.values().sum::<usize>() + waiting.len();
                share = crowd.div_ceil(MAX_BATCHES).clamp(1, MAX_TOGETHER);
                patience = Instant::now() + PATIENCE;
            }
            () = sleep_until(patience.into()), if has_turn => {}
        }
    }
}

async fn create(creator: &Creator, items: &[Item], lines: &[Line]) -> Result<(), Refusal> {
    timeout(LONGEST, creator.create(items, lines))
        .await
        .unwrap_or_else(|_| {
            let cause = "new items were not kept in time";
            Err(problem::unavailable("The database", cause))
        })
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
    let result = create(&creator, &items, &lines).await;
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
            create(
                &creator,
                std::slice::from_ref(item),
                std::slice::from_ref(line),
            )
            .await
        } else {
            result.clone()
        };
        let _ = answer.send(result);
    }
}
