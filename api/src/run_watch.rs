//! What becomes of jobs that were made of items.
//!
//! Nobody tells the marketplace, so it asks OpenPAI whenever somebody comes by, with their
//! token: which of their jobs carry the stamp of a use of theirs, and how the runs are that
//! have not ended, whoever's they are (OpenPAI shows every job to every user). What it asks is
//! bounded: a look a minute for each user, one at a time for each server, a list and some
//! single calls for each, and so many calls a minute in all, since OpenPAI counts them together
//! with those that ask who somebody is.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use moka::future::Cache;
use poem::Request;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use shared::access::Caller;
use shared::evidence::outcome;
use shared::protocol::fill::what_runs;
use shared::protocol::to_json;
use shared::wire::{Item, Stamp};
use store::Store;
use store::runs::{FoundJob, RunEnd, RunningJob, SUBMITTED_WITHIN, Use};

use crate::auth;
use crate::mutex::lock;
use crate::openpai::{Job, OpenPai, OpenPaiError};
use crate::rate_limit::RateLimit;

/// Where in a job's `extras` its stamp is.
const STAMP: &str = "marketplace";

/// How often somebody is an occasion to look.
const LOOK_EVERY: TimeDelta = TimeDelta::minutes(1);

/// How often runs that count no more are forgotten.
const FORGET_EVERY: TimeDelta = TimeDelta::hours(1);

/// The most users of whom that is remembered.
const MAX_USERS: u64 = 10_000;

/// Jobs that were looked at and carry no stamp are not looked at again for so long, which is
/// longer than a job may be submitted after its item was used.
const LOOKED_AT_FOR: Duration = Duration::from_hours(48);

/// The most jobs of which that is remembered.
const MAX_LOOKED_AT: u64 = 50_000;

/// How far OpenPAI's clock may be behind ours.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// Runs that are asked about at a time, of as many users at most.
const MAX_RUNS: u64 = 100;
const MAX_USERS_AT_A_TIME: usize = 20;

/// Jobs of one list.
const MAX_JOBS: usize = 300;

/// Single jobs that are read for one look, to find those with a stamp, and as many again that
/// no list had.
const MAX_SINGLE_CALLS: usize = 5;

/// Calls of all looks together: one a second in the long run, a tenth of what OpenPAI answers.
const CALLS: RateLimit = RateLimit::new(30, 1);

/// How long one look may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Finds out what becomes of jobs; cheap to clone.
#[derive(Clone)]
pub struct RunWatch {
    openpai: OpenPai,
    store: Store,
    /// When somebody was an occasion last.
    seen: Cache<String, DateTime<Utc>>,
    /// Jobs that need not be looked at again, by `user~name`.
    looked_at: Cache<String, ()>,
    calls: Arc<Mutex<RateLimit>>,
    /// When runs were forgotten last.
    forgotten: Arc<Mutex<Option<DateTime<Utc>>>>,
    /// Whoever looks has it, and is the only one.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl RunWatch {
    /// Makes one that has seen nobody yet.
    pub fn new(openpai: OpenPai, store: Store) -> Self {
        Self {
            openpai,
            store,
            seen: Cache::new(MAX_USERS),
            looked_at: Cache::builder()
                .max_capacity(MAX_LOOKED_AT)
                .time_to_live(LOOKED_AT_FOR)
                .build(),
            calls: Arc::new(Mutex::new(CALLS)),
            forgotten: Arc::default(),
            turn: Arc::default(),
        }
    }

    /// Takes a request as an occasion to look, beside answering it.
    pub fn look(&self, request: &Request, caller: &Caller) {
        let Some(token) = auth::bearer_token(request.headers()) else {
            return;
        };
        let Ok(turn) = self.turn.clone().try_lock_owned() else {
            return;
        };
        let (watch, token, user) = (self.clone(), token.to_owned(), caller.name.clone());
        tokio::spawn(async move {
            let looked = tokio::time::timeout(PATIENCE, watch.run(&user, &token)).await;
            drop(turn);
            match looked {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::info!(%error, "how runs are is not known at the moment"),
                Err(_) => tracing::info!("OpenPAI takes long to say how runs are"),
            }
        });
    }

    /// Looks at once what has become of runs, on behalf of the user whose token it is, unless that
    /// was an occasion within the last minute.
    ///
    /// # Errors
    /// When OpenPAI or the database is out of reach.
    pub async fn run(&self, user: &str, token: &str) -> anyhow::Result<()> {
        let now = self.store.clock().now();
        if let Some(seen) = self.seen.get(user).await
            && now - seen < LOOK_EVERY
        {
            return Ok(());
        }
        if self.is_time_to_forget(now) {
            self.store.forget_old_runs().await?;
        }
        let open = self.store.uses_without_job(user).await?;
        let mut running = self.store.running_jobs(MAX_RUNS).await?;
        if open.is_empty() && running.is_empty() {
            return Ok(());
        }
        self.seen.insert(user.to_owned(), now).await;
        let mut users = BTreeSet::from([user]);
        let longest_unasked = running.iter().map(|run| run.user_name.as_str());
        for name in longest_unasked {
            // A comma would make two users of one.
            if users.len() < MAX_USERS_AT_A_TIME && !name.contains(',') {
                users.insert(name);
            }
        }
        let users: Vec<String> = users.into_iter().map(str::to_owned).collect();
        running.retain(|run| users.contains(&run.user_name));
        if !self.may_call() {
            return Ok(());
        }
        let jobs = self.openpai.jobs(&users, MAX_JOBS, token).await?;
        self.find_jobs(user, token, open, &jobs).await?;
        self.find_ends(token, running, &jobs).await
    }

    /// Looks for the stamps of uses in the user's newest jobs.
    async fn find_jobs(
        &self,
        user: &str,
        token: &str,
        open: Vec<Use>,
        jobs: &[Job],
    ) -> anyhow::Result<()> {
        let may_be_of = |one: &Use, job: &Job| {
            job.submitted().is_some_and(|at| {
                at >= one.used_at - CLOCK_SKEW && at <= one.used_at + SUBMITTED_WITHIN + CLOCK_SKEW
            })
        };
        let candidates = jobs.iter().filter(|job| {
            job.username == user
                && open.iter().any(|one| may_be_of(one, job))
                && !self.looked_at.contains_key(&job.id())
        });
        for job in candidates.take(MAX_SINGLE_CALLS) {
            if !self.may_call() {
                return Ok(());
            }
            let config = match self.openpai.job_config(&job.id(), token).await {
                Ok(config) => config,
                Err(error) if error.is_verdict() => String::new(),
                Err(error) => return Err(error.into()),
            };
            let (stamp, digest) = tokio::task::spawn_blocking(move || read_stamp(&config)).await?;
            let found = stamp.and_then(|stamp| {
                open.iter()
                    .find(|one| one.id == stamp.use_id && one.item_id == stamp.item)
            });
            if let Some(one) = found.filter(|one| may_be_of(one, job)) {
                let found = FoundJob {
                    name: job.name.clone(),
                    virtual_cluster: job.virtual_cluster.clone(),
                    edited: digest != one.digest,
                    gpus: job.total_gpu_number,
                };
                self.store.set_job(&one.id, &found).await?;
                if let Some(end) = job.end() {
                    self.store.end_run(&one.id, Some(end)).await?;
                }
            }
            // Not before: what could not be written down is found again.
            self.looked_at.insert(job.id(), ()).await;
        }
        Ok(())
    }

    /// Notes how runs are by a list of jobs, and asks singly for some that are not in it.
    async fn find_ends(
        &self,
        token: &str,
        running: Vec<RunningJob>,
        jobs: &[Job],
    ) -> anyhow::Result<()> {
        let by_id: HashMap<String, &Job> = jobs.iter().map(|job| (job.id(), job)).collect();
        let mut asked = Vec::new();
        let mut left = MAX_SINGLE_CALLS;
        let mut refused = Ok(());
        for run in running {
            let id = format!("{}~{}", run.user_name, run.job_name);
            let job = match by_id.get(&id) {
                Some(job) => Some((*job).clone()),
                None if left == 0 || !self.may_call() => continue,
                None => {
                    left -= 1;
                    match self.openpai.job(&id, token).await {
                        Ok(job) => Some(job),
                        Err(OpenPaiError::Refused(status)) if status.as_u16() == 404 => None,
                        // It is asked again after all others, which must not wait for it.
                        Err(error) => {
                            let is_verdict = error.is_verdict();
                            asked.push(run.id);
                            refused = Err(error);
                            if is_verdict {
                                continue;
                            }
                            break;
                        }
                    }
                }
            };
            match job.as_ref().map(Job::end) {
                Some(None) => asked.push(run.id),
                // There is no such job any more.
                None => self.store.end_run(&run.id, None).await?,
                Some(end) => self.store.end_run(&run.id, end).await?,
            }
        }
        if !asked.is_empty() {
            self.store.set_asked(&asked).await?;
        }
        Ok(refused?)
    }

    fn is_time_to_forget(&self, now: DateTime<Utc>) -> bool {
        let mut forgotten = lock(&self.forgotten);
        let is_time = forgotten.is_none_or(|last| now - last >= FORGET_EVERY);
        if is_time {
            *forgotten = Some(now);
        }
        is_time
    }

    fn may_call(&self) -> bool {
        let mut calls = lock(&self.calls);
        calls.take()
    }
}

impl Job {
    /// As OpenPAI's addresses have it.
    fn id(&self) -> String {
        format!("{}~{}", self.username, self.name)
    }

    fn submitted(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.submission_time?)
    }

    /// How it has ended, if it has.
    fn end(&self) -> Option<RunEnd> {
        let outcome = outcome(&self.state, self.app_exit_code)?;
        // Some versions of OpenPAI tell the end for the launch (docs/contract.md#2-openpais-rest-server).
        let launched = self
            .launched_time
            .filter(|launched| Some(*launched) != self.completed_time);
        let between = |from: Option<i64>, to: Option<i64>| Some(to?.saturating_sub(from?).max(0));
        Some(RunEnd {
            outcome,
            exit_code: self.app_exit_code,
            queue_time: between(self.submission_time, launched),
            run_time: between(launched, self.completed_time),
        })
    }
}

/// Puts the stamp of a use of an item into a job, and answers the digest in it.
pub fn stamp(job: &mut Map<String, Value>, item: &Item, use_id: &str) -> String {
    let digest = digest(job);
    let stamp = Stamp {
        item: item.id.clone(),
        version: item.version,
        digest: digest.clone(),
        use_id: use_id.to_owned(),
    };
    let extras = job.entry("extras").or_insert(Value::Null);
    if extras.is_null() {
        *extras = json!({});
    }
    if let Some(extras) = extras.as_object_mut() {
        extras.insert(STAMP.to_owned(), json!(stamp));
    }
    digest
}

/// The digest of what a job runs.
fn digest(job: &Map<String, Value>) -> String {
    format!("sha256:{:x}", Sha256::digest(what_runs(job)))
}

/// The stamp in a job's protocol, and the digest of what it runs.
fn read_stamp(config: &str) -> (Option<Stamp>, String) {
    let job = match serde_json::from_str(config) {
        Ok(Value::Object(job)) => job,
        _ => match to_json(config) {
            Ok(Value::Object(job)) => job,
            _ => return (None, String::new()),
        },
    };
    let stamp = job.get("extras").and_then(|extras| extras.get(STAMP));
    let stamp = stamp.and_then(|stamp| serde_json::from_value(stamp.clone()).ok());
    (stamp, digest(&job))
}
