use std::cmp::Reverse;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::tokens::since_epoch;

mod samples;

/// The cluster's jobs.
pub(crate) struct Jobs(Mutex<Vec<Job>>);

/// A job as `GET /api/v2/jobs` lists it (docs/contract.md#2-openpais-rest-server); times are milliseconds
/// since the epoch.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Job {
    pub(crate) name: String,
    pub(crate) username: String,
    state: State,
    sub_state: &'static str,
    execution_type: &'static str,
    tags: [String; 0],
    retries: u32,
    submission_time: u64,
    created_time: u64,
    launched_time: Option<u64>,
    completed_time: Option<u64>,
    app_exit_code: Option<i32>,
    virtual_cluster: String,
    #[serde(rename = "jobPriority")]
    priority: Option<&'static str>,
    #[serde(skip)]
    protocol: String,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Waiting,
    Running,
    Stopping,
    Succeeded,
    Failed,
    Stopped,
}

/// Which jobs to list. An empty list or keyword is no condition.
#[derive(Default)]
pub(crate) struct JobFilter {
    pub(crate) users: Vec<String>,
    pub(crate) virtual_clusters: Vec<String>,
    pub(crate) states: Vec<String>,
    /// A part of name, user or virtual cluster.
    pub(crate) keyword: String,
}

/// How to sort jobs: `field,ASC` or `field,DESC` on the wire.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    field: Field,
    descending: bool,
}

#[derive(Clone, Copy)]
enum Field {
    Name,
    User,
    VirtualCluster,
    State,
    Retries,
    SubmissionTime,
    LaunchedTime,
    CompletedTime,
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
        if order.descending {
            found.sort_by_cached_key(|job| Reverse(order.field.key(job)));
        } else {
            found.sort_by_cached_key(|job| order.field.key(job));
        }
        found
    }

    /// The protocol that the job was submitted with, as text.
    pub(crate) fn protocol(&self, user: &str, name: &str) -> Option<String> {
        self.lock()
            .iter()
            .find(|job| job.username == user && job.name == name)
            .map(|job| job.protocol.clone())
    }

    /// Queues a job. False if the user has one of that name.
    pub(crate) fn submit(
        &self,
        user: &str,
        name: &str,
        virtual_cluster: &str,
        protocol: &str,
    ) -> bool {
        let mut jobs = self.lock();
        let is_new = !jobs
            .iter()
            .any(|job| job.username == user && job.name == name);
        if is_new {
            jobs.push(Job::waiting(
                user,
                name,
                virtual_cluster,
                protocol.to_owned(),
                now(),
            ));
        }
        is_new
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job {
    fn waiting(
        user: &str,
        name: &str,
        virtual_cluster: &str,
        protocol: String,
        submitted: u64,
    ) -> Self {
        Self {
            name: name.to_owned(),
            username: user.to_owned(),
            state: State::Waiting,
            sub_state: "AttemptCreationPending",
            execution_type: "START",
            tags: [],
            retries: 0,
            submission_time: submitted,
            created_time: submitted,
            launched_time: None,
            completed_time: None,
            app_exit_code: None,
            virtual_cluster: virtual_cluster.to_owned(),
            priority: None,
            protocol,
        }
    }
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Running => "RUNNING",
            Self::Stopping => "STOPPING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Stopped => "STOPPED",
        }
    }
}

impl JobFilter {
    fn takes(&self, job: &Job) -> bool {
        let among = |names: &[String], name: &str| {
            names.is_empty() || names.iter().any(|wanted| wanted == name)
        };
        among(&self.users, &job.username)
            && among(&self.virtual_clusters, &job.virtual_cluster)
            && among(&self.states, job.state.as_str())
            && [&job.name, &job.username, &job.virtual_cluster]
                .into_iter()
                .any(|text| text.contains(&self.keyword))
    }
}

impl Default for Order {
    fn default() -> Self {
        Self {
            field: Field::SubmissionTime,
            descending: true,
        }
    }
}

impl FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (field, direction) = text
            .split_once(',')
            .ok_or_else(|| format!("`{text}` is not of the form field,ASC or field,DESC."))?;
        let field = match field {
            "name" | "jobName" => Field::Name,
            "username" => Field::User,
            "virtualCluster" | "vc" => Field::VirtualCluster,
            "state" => Field::State,
            "retries" => Field::Retries,
            "submissionTime" | "createdTime" => Field::SubmissionTime,
            "launchedTime" => Field::LaunchedTime,
            "completedTime" | "completionTime" => Field::CompletedTime,
            _ => return Err(format!("Jobs cannot be sorted by `{field}`.")),
        };
        let descending = match direction {
            "ASC" => false,
            "DESC" => true,
            _ => return Err(format!("`{direction}` is neither ASC nor DESC.")),
        };
        Ok(Self { field, descending })
    }
}

impl Field {
    /// What jobs are compared by: a number or a text, the other half is equal
    /// for all.
    fn key(self, job: &Job) -> (Option<u64>, String) {
        match self {
            Self::Name => (None, job.name.clone()),
            Self::User => (None, job.username.clone()),
            Self::VirtualCluster => (None, job.virtual_cluster.clone()),
            Self::State => (None, job.state.as_str().to_owned()),
            Self::Retries => (Some(job.retries.into()), String::new()),
            Self::SubmissionTime => (Some(job.submission_time), String::new()),
            Self::LaunchedTime => (job.launched_time, String::new()),
            Self::CompletedTime => (job.completed_time, String::new()),
        }
    }
}

fn now() -> u64 {
    u64::try_from(since_epoch().as_millis()).unwrap_or(u64::MAX)
}
