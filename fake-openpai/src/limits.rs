//! How often somebody may call, as OpenPAI has it by default (docs/contract.md#2-openpais-rest-server).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;

/// So many calls, and the next one is answered 429 until the time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Limits {
    /// Of any kind, from one address.
    pub requests_per_minute: u32,
    /// Lists of jobs, by one user.
    pub lists_per_minute: u32,
    /// Jobs submitted, by one user.
    pub submissions_per_hour: u32,
}

impl Limits {
    /// None that anybody reaches: for tests that ask more than people do.
    pub const NONE: Self = Self {
        requests_per_minute: u32::MAX,
        lists_per_minute: u32::MAX,
        submissions_per_hour: u32::MAX,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_minute: 600,
            lists_per_minute: 60,
            submissions_per_hour: 60,
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    /// By address.
    Any,
    /// By user.
    List,
    /// By user.
    Submission,
}

/// The limits in force, and how much of them is used up.
pub(crate) struct Counts {
    limits: Mutex<Limits>,
    windows: Mutex<HashMap<(Call, String), Window>>,
}

struct Window {
    began: Instant,
    calls: u32,
}

impl Counts {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits: Mutex::new(limits),
            windows: Mutex::default(),
        }
    }

    /// Other limits from now on; what was counted so far is forgotten.
    pub(crate) fn set(&self, limits: Limits) {
        *lock(&self.limits) = limits;
        lock(&self.windows).clear();
    }

    /// Counts a call. If it is one too many: how long to wait.
    pub(crate) fn take(&self, call: Call, by: &str) -> Result<(), Duration> {
        let limits = *lock(&self.limits);
        let (allowed, length) = match call {
            Call::Any => (limits.requests_per_minute, Duration::from_mins(1)),
            Call::List => (limits.lists_per_minute, Duration::from_mins(1)),
            Call::Submission => (limits.submissions_per_hour, Duration::from_hours(1)),
        };
        let now = Instant::now();
        let mut windows = lock(&self.windows);
        let window = windows.entry((call, by.to_owned())).or_insert(Window {
            began: now,
            calls: 0,
        });
        if now - window.began >= length {
            *window = Window {
                began: now,
                calls: 0,
            };
        }
        if window.calls >= allowed {
            return Err(length.saturating_sub(now - window.began));
        }
        window.calls += 1;
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
