//! What becomes of jobs that were made of items.

use sea_orm::entity::prelude::*;

/// One row: a use of an item, the job that came of it, and how that ended.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "runs")]
pub struct Model {
    /// The id of the use.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Which item.
    pub item_id: String,
    /// Which of its versions.
    pub version: i32,
    /// Who used it: nobody is told.
    pub user_name: String,
    /// What was given out to run.
    pub digest: String,
    /// `used`, `running`, or how it ended ([`shared::wire::Outcome`]).
    pub state: String,
    /// The job's name while it runs: nothing before it is found and after it has ended.
    pub job_name: Option<String>,
    /// Where it runs.
    pub virtual_cluster: Option<String>,
    /// Whether something else runs than was given out.
    pub edited: bool,
    /// Whether it is a nightly run, which counts for nothing but that it succeeded.
    pub canary: bool,
    /// With what it ended.
    pub exit_code: Option<i32>,
    /// Milliseconds until the first task ran.
    pub queue_time: Option<i64>,
    /// Milliseconds from there to the end.
    pub run_time: Option<i64>,
    /// All GPUs of the job.
    pub gpus: i32,
    /// When the item was used.
    pub used_at: DateTimeUtc,
    /// When OpenPAI was asked last how it is.
    pub asked_at: Option<DateTimeUtc>,
    /// When it ended.
    pub ended_at: Option<DateTimeUtc>,
}

joined_by_hand!();
