//! A job, and what becomes of it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::submission::{Role, Submission, without_secrets};

/// OpenPAI's own exit code for a job that its user stopped.
const STOPPED: i32 = -210;

/// A job as `GET /api/v2/jobs` lists it (docs/contract.md#2-openpais-rest-server); times are milliseconds
/// since the epoch.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Job {
    debug_id: String,
    pub(crate) name: String,
    pub(crate) username: String,
    pub(super) state: State,
    sub_state: &'static str,
    execution_type: &'static str,
    pub(super) tags: Vec<String>,
    pub(super) retries: u32,
    retry_details: RetryDetails,
    retry_delay_time: Option<u64>,
    pub(super) submission_time: u64,
    created_time: u64,
    launched_time: Option<u64>,
    pub(super) completed_time: Option<u64>,
    app_exit_code: Option<i32>,
    pub(super) virtual_cluster: String,
    pub(super) total_gpu_number: u64,
    pub(super) total_task_number: u64,
    total_task_role_number: usize,
    #[serde(rename = "jobPriority")]
    pub(super) priority: Option<String>,
    #[serde(skip)]
    roles: Vec<Role>,
    /// As everybody may read it.
    #[serde(skip)]
    pub(super) protocol: String,
    #[serde(skip)]
    events: Vec<Event>,
}

/// Why a job was tried again.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct RetryDetails {
    user: u32,
    platform: u32,
    resource: u32,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// For the cluster to have room.
    Waiting,
    /// Its tasks run.
    Running,
    /// Its user has stopped it, its tasks are on their way out.
    Stopping,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Ended by its user.
    Stopped,
}

/// What the cluster has noticed about a job.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    framework_name: String,
    r#type: String,
    reason: String,
    message: String,
    first_timestamp: u64,
    last_timestamp: u64,
    count: u32,
}

impl Job {
    /// A job that waits, `submitted` at a time that OpenPAI cuts to seconds.
    pub(super) fn waiting(user: &str, job: &Submission, protocol: &str, submitted: u64) -> Self {
        let (tasks, gpus) = job.totals();
        let submitted = submitted / 1000 * 1000;
        Self {
            debug_id: debug_id(user, &job.name),
            name: job.name.clone(),
            username: user.to_owned(),
            state: State::Waiting,
            sub_state: "AttemptCreationPending",
            execution_type: "START",
            tags: Vec::new(),
            retries: 0,
            retry_details: RetryDetails::default(),
            retry_delay_time: None,
            submission_time: submitted,
            created_time: submitted,
            launched_time: None,
            completed_time: None,
            app_exit_code: None,
            virtual_cluster: job.virtual_cluster.clone(),
            total_gpu_number: gpus,
            total_task_number: tasks,
            total_task_role_number: job.roles.len(),
            priority: job.priority.clone(),
            roles: job.roles.clone(),
            protocol: without_secrets(protocol),
            events: Vec::new(),
        }
    }

    /// Brings the job to a state, as of `now`. An ended job stays as it is: false.
    pub(super) fn go(&mut self, state: State, exit_code: Option<i32>, now: u64) -> bool {
        if self.state.is_end() {
            return false;
        }
        if state == State::Waiting && self.state == State::Running {
            self.retries += 1;
            self.retry_details.platform += 1;
        }
        if state == State::Running {
            self.launched_time.get_or_insert(now);
        }
        self.state = state;
        self.sub_state = match state {
            State::Waiting => "AttemptCreationPending",
            State::Running => "AttemptRunning",
            State::Stopping => "AttemptDeletionRequested",
            State::Succeeded | State::Failed | State::Stopped => "Completed",
        };
        if matches!(state, State::Stopping | State::Stopped) {
            self.execution_type = "STOP";
        }
        if state.is_end() {
            self.completed_time = Some(now);
            self.app_exit_code = Some(match state {
                State::Succeeded => 0,
                State::Stopped => STOPPED,
                _ => exit_code.unwrap_or(1),
            });
        }
        true
    }

    /// Notes that the cluster warns of something, once more if it did before.
    pub(super) fn warn(&mut self, reason: &str, message: &str, now: u64) {
        let same = |event: &&mut Event| event.reason == reason && event.message == message;
        if let Some(event) = self.events.iter_mut().find(same) {
            event.count += 1;
            event.last_timestamp = now;
            return;
        }
        self.events.push(Event {
            framework_name: format!("{}~{}", self.username, self.name),
            r#type: "Warning".to_owned(),
            reason: reason.to_owned(),
            message: message.to_owned(),
            first_timestamp: now,
            last_timestamp: now,
            count: 1,
        });
    }

    /// What `GET /api/v2/jobs/{user}~{job}/events` answers.
    pub(super) fn events(&self, kind: Option<&str>) -> Value {
        let events: Vec<_> = self
            .events
            .iter()
            .filter(|event| kind.is_none_or(|kind| event.r#type == kind))
            .collect();
        json!({ "totalCount": events.len(), "data": events })
    }

    /// What `GET /api/v2/jobs/{user}~{job}` answers.
    pub(super) fn details(&self) -> Value {
        let roles: Map<_, _> = self
            .roles
            .iter()
            .map(|role| (role.name.clone(), self.role_details(role)))
            .collect();
        json!({
            "debugId": self.debug_id,
            "name": self.name,
            "tags": self.tags,
            "jobStatus": {
                "username": self.username,
                "state": self.state,
                "subState": self.sub_state,
                "executionType": self.execution_type,
                "retries": self.retries,
                "retryDetails": self.retry_details,
                "retryDelayTime": self.retry_delay_time,
                "submissionTime": self.submission_time,
                "createdTime": self.created_time,
                "launchedTime": self.launched_time,
                "completedTime": self.completed_time,
                "appLaunchedTime": self.launched_time,
                "appCompletedTime": self.completed_time,
                "appExitCode": self.app_exit_code,
                "appExitSpec": self.app_exit_code.map(exit_spec),
                "appExitDiagnostics": null,
                "virtualCluster": self.virtual_cluster,
                "jobPriority": self.priority,
            },
            "taskRoles": roles,
        })
    }

    fn role_details(&self, role: &Role) -> Value {
        let task = |index: u64| {
            json!({
                "taskIndex": index,
                "taskState": self.state,
                "retries": self.retries,
                "containerExitCode": self.app_exit_code,
            })
        };
        let tasks: Vec<_> = (0..role.instances).map(task).collect();
        json!({ "taskRoleStatus": { "name": role.name }, "taskStatuses": tasks })
    }
}

impl State {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Running => "RUNNING",
            Self::Stopping => "STOPPING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Stopped => "STOPPED",
        }
    }

    pub(super) fn is_end(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }
}

/// What an exit code means, as far as tests ask.
fn exit_spec(code: i32) -> Value {
    let (phrase, kind, reason, solution) = match code {
        0 => ("Succeeded", "SUCCEEDED", "The job succeeded.", ""),
        STOPPED => (
            "StoppedByUser",
            "USER_STOP",
            "The job was stopped by its user.",
            "",
        ),
        254 => (
            "DockerImageNotFound",
            "USER_FAILURE",
            "The docker image could not be pulled.",
            "Check the image's address.",
        ),
        -1200 => (
            "OutOfMemory",
            "USER_FAILURE",
            "A task used more memory than it had asked for.",
            "Ask for more memory.",
        ),
        _ => (
            "UnknownFailure",
            "UNKNOWN_FAILURE",
            "A command failed.",
            "Read the job's log.",
        ),
    };
    let solution: Vec<_> = Some(solution)
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    json!({ "code": code, "phrase": phrase, "type": kind, "reason": reason, "solution": solution })
}

/// An id of the look of OpenPAI's, which is an MD5.
fn debug_id(user: &str, name: &str) -> String {
    let digest = Sha256::digest(format!("{user}~{name}"));
    digest.iter().take(16).fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}
