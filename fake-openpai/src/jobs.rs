//! The cluster's jobs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::tokens::since_epoch;

pub(crate) mod admission;
mod job;
mod query;
mod samples;
mod submission;

pub(crate) use job::Job;
pub use job::State;
pub(crate) use query::{JobFilter, Order};
pub(crate) use submission::Submission;

/// All of them, in the order in which they came.
pub(crate) struct Jobs(Mutex<Vec<Job>>);

/// What an outsider does to a job, since nothing here runs it.
#[derive(Clone, Debug)]
pub enum Change {
    /// It comes to a state. The exit code counts for [`State::Failed`] alone.
    Go(State, Option<i32>),
    /// The cluster warns of something: a reason such as `FailedScheduling`, and a
    /// sentence.
    Warn(String, String),
}

impl Jobs {
    /// About thirty jobs that a busy week leaves behind.
    pub(crate) fn samples() -> Self {
        Self(Mutex::new(samples::jobs(now())))
    }

    pub(crate) fn find(&self, filter: &JobFilter, order: Order) -> Vec<Job> {
        let mut found: Vec<Job> = self
            .lock()
            .iter()
            .filter(|job| filter.takes(job))
            .cloned()
            .collect();
        order.sort(&mut found);
        found
    }

    /// The protocol that the job `user~name` was submitted with, as everybody may
    /// read it.
    pub(crate) fn protocol(&self, id: &str) -> Option<String> {
        self.with(id, |job| job.protocol.clone())
    }

    pub(crate) fn details(&self, id: &str) -> Option<Value> {
        self.with(id, |job| job.details())
    }

    pub(crate) fn events(&self, id: &str, kind: Option<&str>) -> Option<Value> {
        self.with(id, |job| job.events(kind))
    }

    /// Whether there is such a job.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.with(id, |_| ()).is_some()
    }

    /// Puts a tag onto a job or takes it off; to do so twice changes nothing.
    pub(crate) fn tag(&self, id: &str, tag: &str, on: bool) -> Option<()> {
        self.with(id, |job| {
            job.tags.retain(|known| known != tag);
            if on {
                job.tags.push(tag.to_owned());
            }
        })
    }

    /// Queues a job. False if the user has one of that name.
    pub(crate) fn submit(&self, user: &str, job: &Submission, protocol: &str) -> bool {
        let mut jobs = self.lock();
        let is_new = !jobs
            .iter()
            .any(|known| known.username == user && known.name == job.name);
        if is_new {
            jobs.push(Job::waiting(user, job, protocol, now()));
        }
        is_new
    }

    /// Changes a job; whether that was possible, if there is such a job.
    pub(crate) fn change(&self, id: &str, change: &Change) -> Option<bool> {
        self.with(id, |job| match change {
            Change::Go(state, exit_code) => job.go(*state, *exit_code, now()),
            Change::Warn(reason, message) => {
                job.warn(reason, message, now());
                true
            }
        })
    }

    fn with<T>(&self, id: &str, act: impl FnOnce(&mut Job) -> T) -> Option<T> {
        let (user, name) = id.split_once('~')?;
        let mut jobs = self.lock();
        let job = jobs
            .iter_mut()
            .find(|job| job.username == user && job.name == name)?;
        Some(act(job))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now() -> u64 {
    u64::try_from(since_epoch().as_millis()).unwrap_or(u64::MAX)
}
