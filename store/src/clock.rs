//! What time it is, and ids for what is new: handed to a [`Store`](crate::Store) when it
//! is opened, so that tests say both. Clippy keeps everybody else from asking the system
//! (`disallowed-methods` in `clippy.toml`). No statement asks the database for the time
//! either, but for the frozen step `m0007`.
//!
//! `Instant` stays where it is: it measures how long something took or may take, never
//! leaves the process, and says nothing of the date.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use uuid::Uuid;

/// What time it is; cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The system's.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks it")]
    pub fn system() -> Self {
        Self::new(Utc::now)
    }

    /// One that shows what `time` answers.
    pub fn new(time: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(time))
    }

    /// The present, to the millisecond: that is what the wire carries, and what is
    /// written must be what was answered.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(3)
    }

    /// The present as finely as both databases keep it, to the microsecond: for what is
    /// only put in order by it.
    pub fn now_in_micros(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }
}

/// Ids that nothing has yet; cheap to clone. They are no secrets: keys and nonces come
/// from the libraries that use them.
#[derive(Clone)]
pub struct Ids(Arc<dyn Fn() -> String + Send + Sync>);

impl Ids {
    /// Random UUIDs.
    #[expect(clippy::disallowed_methods, reason = "the one place that draws them")]
    pub fn random() -> Self {
        Self::new(|| Uuid::new_v4().to_string())
    }

    /// Those that `id` answers, another one each time.
    pub fn new(id: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(id))
    }

    /// The next one.
    pub fn next(&self) -> String {
        (self.0)()
    }
}

/// A time as the wire has it: ISO 8601 with milliseconds and `Z`.
pub fn iso(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
