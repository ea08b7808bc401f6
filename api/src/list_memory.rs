//! How much memory lists may take, until they have been sent.
//!
//! A list stands in memory as text, and stays there as long as its client takes to
//! receive it. A page or a short list takes a small share that is soon free again.
//! What is longer than that takes of another room as it grows; when that is used
//! up, it gives back what it has, waits until it is alone there, and begins anew.
//! So a long list never keeps a short one waiting, lists do not wait for each
//! other half-written, and one that is longer than all the room is answered too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::body::Bytes;
use memmap2::MmapMut;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::mutex::lock;
use crate::problem::{self, Refusal};

/// Text of a list is kept in pieces of so many bytes, and larger ones once it is
/// long.
const PIECE: usize = 64 * 1024;
const LARGE_PIECE: usize = 512 * 1024;

/// What is counted at a time, in bytes.
const UNIT: usize = 1024;

/// What a page may take without more ado, in bytes.
const SMALL: usize = 1024 * 1024;

/// All that pages may take at a time, in bytes.
const ALL_SMALL: usize = 16 * SMALL;

/// All that lists without a limit, long pages, and what is longer than [`SMALL`], may take at
/// a time, in bytes; a single one may take more.
const ALL_LARGE: usize = 24 * 1024 * 1024;

/// How many lists longer than [`SMALL`] a caller may have at a time. The portal
/// asks for two.
const LARGE_PER_CALLER: usize = 2;

/// The longest wait for memory; then the client is told 503.
const WAIT: Duration = Duration::from_secs(15);

/// The memory of one server's lists; cheap to clone.
#[derive(Clone)]
pub struct ListMemory(Arc<Rooms>);

struct Rooms {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
    /// Turns of those that have long lists.
    callers: Mutex<HashMap<String, Arc<Semaphore>>>,
    wait: Duration,
}

impl Default for ListMemory {
    fn default() -> Self {
        Self::new(WAIT)
    }
}

impl ListMemory {
    fn new(wait: Duration) -> Self {
        Self(Arc::new(Rooms {
            wait,
            small: Arc::new(Semaphore::new(ALL_SMALL / UNIT)),
            large: Arc::new(Semaphore::new(ALL_LARGE / UNIT)),
            callers: Mutex::default(),
        }))
    }
}

/// What one list may take; free again when this is dropped.
pub struct Share {
    memory: ListMemory,
    caller: String,
    /// Its first bytes.
    start: Option<OwnedSemaphorePermit>,
    /// What it has taken in the large room.
    more: Option<OwnedSemaphorePermit>,
    /// The caller's turn, for a long list.
    turn: Option<OwnedSemaphorePermit>,
    /// Whether nobody else is in the large room.
    alone: bool,
}

impl ListMemory {
    /// Takes what a list begins with: a short page's share is not of the room in
    /// which long ones and lists without a limit are.
    ///
    /// # Errors
    /// 503 when that takes too long.
    pub async fn begin(&self, caller: &str, is_short: bool) -> Result<Share, Refusal> {
        let room = if is_short {
            &self.0.small
        } else {
            &self.0.large
        };
        let start = self.in_time(take(room, SMALL)).await?;
        Ok(Share {
            memory: self.clone(),
            caller: caller.to_owned(),
            start: Some(start),
            more: None,
            turn: None,
            alone: false,
        })
    }

    /// Waits until a list that has outgrown what there was may have all of it.
    ///
    /// # Errors
    /// 503 when that takes too long.
    pub async fn begin_alone(&self, caller: &str) -> Result<Share, Refusal> {
        self.in_time(async {
            let turn = self.turns(caller).acquire_owned().await;
            let more = take(&self.0.large, ALL_LARGE).await;
            Share {
                memory: self.clone(),
                caller: caller.to_owned(),
                start: None,
                more: Some(more),
                turn: turn.ok(),
                alone: true,
            }
        })
        .await
    }

    async fn in_time<T>(&self, taking: impl Future<Output = T>) -> Result<T, Refusal> {
        tokio::time::timeout(self.0.wait, taking).await.map_err(|_| {
        problem::overloaded(
            "Too many long lists are being sent at the moment; please try again in a few seconds, or ask for \
             less, with `limit` or `fields=summary`.",
            "no memory for another list",
        )
    })
    }

    fn turns(&self, caller: &str) -> Arc<Semaphore> {
        let mut callers = lock(&self.0.callers);
        callers.retain(|_, turns| Arc::strong_count(turns) > 1);
        let turns = callers
            .entry(caller.to_owned())
            .or_insert_with(|| Arc::new(Semaphore::new(LARGE_PER_CALLER)));
        Arc::clone(turns)
    }
}

async fn take(room: &Arc<Semaphore>, bytes: usize) -> OwnedSemaphorePermit {
    let taken = Arc::clone(room).acquire_many_owned(units(bytes)).await;
    taken.expect("nobody closes it")
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

/// How many bytes a list of `length` bytes gathers before it puts them aside.
pub fn piece_size(length: usize) -> usize {
    if length < SMALL { PIECE } else { LARGE_PIECE }
}

/// Puts a piece of text aside. Large ones are pages of the system's: the allocator
/// would keep them for long after they have been sent, because other threads send
/// than write.
pub fn put_aside(text: &[u8]) -> Bytes {
    let pages = || {
        let mut pages = MmapMut::map_anon(text.len())?;
        pages.copy_from_slice(text);
        pages.make_read_only()
    };
    if text.len() > 2 * PIECE
        && let Ok(pages) = pages()
    {
        return Bytes::from_owner(pages);
    }
    Bytes::copy_from_slice(text)
}

impl Share {
    /// Whether the list may have so many bytes. One that may not has outgrown its
    /// memory, and is begun anew by [`ListMemory::begin_alone`].
    pub fn grow(&mut self, bytes: usize) -> bool {
        if self.alone || bytes <= SMALL {
            return true;
        }
        if self.turn.is_none() {
            let turns = self.memory.turns(&self.caller);
            self.turn = turns.try_acquire_owned().ok();
        }
        let held = self
            .more
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        let wanted = units(bytes - SMALL).saturating_sub(u32::try_from(held).unwrap_or(u32::MAX));
        let room = Arc::clone(&self.memory.0.large);
        let (Some(_), Ok(more)) = (&self.turn, room.try_acquire_many_owned(wanted)) else {
            return false;
        };
        match &mut self.more {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        true
    }

    /// Gives back what a list of so many bytes does not need.
    pub fn shrink(&mut self, bytes: usize) {
        let mut left = units(bytes) as usize;
        for held in [&mut self.start, &mut self.more].into_iter().flatten() {
            let surplus = held.num_permits().saturating_sub(left);
            left = left.saturating_sub(held.num_permits());
            drop(held.split(surplus));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: usize = 1024 * 1024;

    fn free(memory: &ListMemory) -> (usize, usize) {
        let free = |room: &Semaphore| room.available_permits() * UNIT / MEGABYTE;
        (free(&memory.0.small), free(&memory.0.large))
    }

    #[tokio::test]
    async fn a_list_takes_what_it_needs_and_gives_it_back() {
        let memory = ListMemory::default();
        let mut page = memory.begin("alice", true).await.unwrap();
        assert_eq!(free(&memory), (15, 24));
        assert!(page.grow(MEGABYTE));
        assert_eq!(free(&memory), (15, 24));
        assert!(page.grow(10 * MEGABYTE));
        assert_eq!(free(&memory), (15, 15));
        page.shrink(3 * MEGABYTE);
        assert_eq!(free(&memory), (15, 22));
        page.shrink(0);
        assert_eq!(free(&memory), (16, 24));
        drop(page);
        let list = memory.begin("alice", false).await.unwrap();
        assert_eq!(free(&memory), (16, 23));
        drop(list);
        assert_eq!(free(&memory), (16, 24));
    }

    #[tokio::test]
    async fn a_list_that_has_outgrown_what_there_is_waits_until_it_is_alone() {
        let memory = ListMemory::new(Duration::from_millis(500));
        let mut first = memory.begin("alice", false).await.unwrap();
        let mut second = memory.begin("bob", false).await.unwrap();
        assert!(first.grow(15 * MEGABYTE));
        assert!(!second.grow(15 * MEGABYTE));
        drop(second);
        let waiting = tokio::spawn({
            let memory = memory.clone();
            async move { memory.begin_alone("bob").await }
        });
        // Until it has got as far as it can.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished());
        // Pages are not kept waiting, other lists are.
        assert!(memory.begin("carol", true).await.is_ok());
        drop(first);
        let mut second = waiting.await.unwrap().unwrap();
        assert!(second.grow(200 * MEGABYTE), "however long it is");
        let refusal = memory.begin("carol", false).await.err().unwrap();
        assert_eq!(refusal.status, 503);
        second.shrink(200 * MEGABYTE);
        assert_eq!(free(&memory), (16, 0));
        second.shrink(8 * MEGABYTE);
        assert!(memory.begin("carol", false).await.is_ok());
    }

    #[tokio::test]
    async fn one_caller_does_not_take_all_turns() {
        let memory = ListMemory::new(Duration::from_millis(100));
        let mut lists = Vec::new();
        for _ in 0..LARGE_PER_CALLER {
            let mut list = memory.begin("mallory", true).await.unwrap();
            assert!(list.grow(2 * MEGABYTE));
            lists.push(list);
        }
        let mut third = memory.begin("mallory", true).await.unwrap();
        assert!(!third.grow(2 * MEGABYTE));
        drop(third);
        assert!(memory.begin_alone("mallory").await.is_err());
        let mut other = memory.begin("alice", true).await.unwrap();
        assert!(other.grow(2 * MEGABYTE));
        drop((lists, other));
        assert!(memory.begin_alone("mallory").await.is_ok());
        let callers = memory.0.callers.lock().unwrap().len();
        assert!(callers <= 2, "who has no list is forgotten");
    }
}
