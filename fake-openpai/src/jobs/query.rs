//! Which jobs a list holds, and in what order.

use std::cmp::Reverse;

use super::job::Job;

/// Which jobs to list. An empty list or keyword is no condition.
#[derive(Default)]
pub(crate) struct JobFilter {
    pub(crate) users: Vec<String>,
    pub(crate) virtual_clusters: Vec<String>,
    pub(crate) states: Vec<String>,
    pub(crate) priorities: Vec<String>,
    /// A part of name, user or virtual cluster.
    pub(crate) keyword: String,
    /// One of these tags at least.
    pub(crate) tags: Vec<String>,
    /// None of these.
    pub(crate) not_tags: Vec<String>,
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
    Tasks,
    Gpus,
    Priority,
    SubmissionTime,
    CompletionTime,
}

impl JobFilter {
    pub(super) fn takes(&self, job: &Job) -> bool {
        let among = |names: &[String], name: &str| {
            names.is_empty() || names.iter().any(|wanted| wanted == name)
        };
        among(&self.users, &job.username)
            && among(&self.virtual_clusters, &job.virtual_cluster)
            && among(&self.states, job.state.as_str())
            // Jobs without a priority are of the default one.
            && among(&self.priorities, job.priority.as_deref().unwrap_or("default"))
            && (self.tags.is_empty() || self.tags.iter().any(|tag| job.tags.contains(tag)))
            && !self.not_tags.iter().any(|tag| job.tags.contains(tag))
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

impl Order {
    /// Reads `field,ASC`. What OpenPAI cannot read it does not complain of: newest
    /// first then.
    pub(crate) fn read(text: &str) -> Self {
        let read = || {
            let (field, direction) = text.split_once(',')?;
            let field = match field {
                "jobName" => Field::Name,
                "username" => Field::User,
                "vc" => Field::VirtualCluster,
                "state" => Field::State,
                "retries" => Field::Retries,
                "totalTaskNumber" => Field::Tasks,
                "totalGpuNumber" => Field::Gpus,
                "jobPriority" => Field::Priority,
                "submissionTime" => Field::SubmissionTime,
                "completionTime" => Field::CompletionTime,
                _ => return None,
            };
            let descending = match direction {
                "ASC" => false,
                "DESC" => true,
                _ => return None,
            };
            Some(Self { field, descending })
        };
        read().unwrap_or_default()
    }

    pub(super) fn sort(self, jobs: &mut [Job]) {
        if self.descending {
            jobs.sort_by_cached_key(|job| Reverse(self.field.key(job)));
        } else {
            jobs.sort_by_cached_key(|job| self.field.key(job));
        }
    }
}

impl Field {
    /// What jobs are compared by: a number or a text, the other half is equal
    /// for all.
    fn key(self, job: &Job) -> (u64, String) {
        let number = |number| (number, String::new());
        let text = |text: &str| (0, text.to_owned());
        match self {
            Self::Name => text(&job.name),
            Self::User => text(&job.username),
            Self::VirtualCluster => text(&job.virtual_cluster),
            Self::State => text(job.state.as_str()),
            Self::Retries => number(job.retries.into()),
            Self::Tasks => number(job.total_task_number),
            Self::Gpus => number(job.total_gpu_number),
            Self::Priority => text(job.priority.as_deref().unwrap_or_default()),
            Self::SubmissionTime => number(job.submission_time),
            // What has not ended comes last, or first when the latest do.
            Self::CompletionTime => number(job.completed_time.unwrap_or(u64::MAX)),
        }
    }
}
