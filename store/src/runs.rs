//! What becomes of jobs that were made of items: a row for each use, from when the job is given
//! out until its end counts no more.
//!
//! A row begins as a use ([`Store::count_use`]). When the job is found it is a run that is
//! followed, and when that has ended the job's name is forgotten and how it ended stays. What
//! an item's rows come to is copied into the item's row, by which lists are sorted.

mod canary;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict, Order, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use shared::evidence::{self, Run};
use shared::wire::{AuditAction, Evidence, Item, Outcome};

use super::entity::exit_answers;
use super::entity::items as item_rows;
use super::entity::runs::{Column, Entity, Model};
pub use super::error::MAX_ANSWERS;
use super::{CallbackError, Store, StoreError, Transaction, audit, items};
use crate::clock::iso;

/// For how long a run counts after its end, and for how long one that does not end is followed.
pub const COUNTS_FOR: TimeDelta = TimeDelta::days(90);

/// How long after a use its job may be submitted.
pub const SUBMITTED_WITHIN: TimeDelta = TimeDelta::hours(24);

/// For how long a job is looked for.
const LOOKED_FOR: TimeDelta = TimeDelta::days(30);

/// Uses of one user whose jobs are looked for: of more, the oldest are given up.
const MAX_USES: u64 = 20;

/// The newest runs of an item by one user that count: nobody's say outweighs that of all others.
const MAX_RUNS_PER_USER: u64 = 20;

/// Runs of an item that are read at most: the newest.
const MAX_RUNS: u64 = 5_000;

/// Rows that are forgotten at a time.
const BATCH: u64 = 200;

/// The states of rows that have not ended.
const USED: &str = "used";
const RUNNING: &str = "running";

/// A use that is to be counted.
#[derive(Clone, Copy, Debug)]
pub struct NewUse<'a> {
    /// Its own id, which the job carries.
    pub id: &'a str,
    /// The item.
    pub item_id: &'a str,
    /// Which of its versions.
    pub version: i32,
    /// Who uses it.
    pub user: &'a str,
    /// What is given out to run.
    pub digest: &'a str,
}

/// A use whose job is looked for.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Use {
    /// Its id.
    pub id: String,
    /// The item.
    pub item_id: String,
    /// What was given out to run.
    pub digest: String,
    /// When.
    pub used_at: DateTime<Utc>,
}

/// A run that has not ended, as far as anybody knows.
#[derive(Clone, Debug, FromQueryResult)]
pub struct RunningJob {
    /// The id of the use.
    pub id: String,
    /// Whose job it is.
    pub user_name: String,
    /// What it is called.
    pub job_name: String,
}

/// The job that came of a use.
#[derive(Clone, Debug)]
pub struct FoundJob {
    /// What it is called.
    pub name: String,
    /// Where it runs.
    pub virtual_cluster: String,
    /// Whether something else runs than was given out.
    pub edited: bool,
    /// All its GPUs.
    pub gpus: i32,
}

/// How a run has ended.
#[derive(Clone, Copy, Debug)]
pub struct RunEnd {
    /// In short.
    pub outcome: Outcome,
    /// With what.
    pub exit_code: Option<i32>,
    /// Milliseconds until the first task ran.
    pub queue_time: Option<i64>,
    /// Milliseconds from there to the end.
    pub run_time: Option<i64>,
}

impl Store {
    /// The uses by `user` whose jobs have not been found yet, newest first.
    pub async fn uses_without_job(&self, user: &str) -> Result<Vec<Use>, StoreError> {
        let query = Entity::find()
            .filter(Column::UserName.eq(user))
            .filter(Column::State.eq(USED))
            .filter(Column::UsedAt.gt(self.clock.now() - LOOKED_FOR))
            .order_by_desc(Column::UsedAt)
            .limit(MAX_USES)
            .into_model::<Use>();
        Ok(query.all(&self.db).await?)
    }

    /// Runs that have not ended: those that nobody has asked about for the longest time first.
    pub async fn running_jobs(&self, limit: u64) -> Result<Vec<RunningJob>, StoreError> {
        let runs = Entity::find()
            .filter(Column::State.eq(RUNNING))
            .filter(Column::JobName.is_not_null())
            .order_by_asc(Column::AskedAt)
            .limit(limit)
            .into_model::<RunningJob>();
        Ok(runs.all(&self.db).await?)
    }

    /// Notes which job came of a use, unless that is known already: two servers may find it.
    pub async fn set_job(&self, use_id: &str, job: &FoundJob) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        Entity::update_many()
            .col_expr(Column::State, Expr::value(RUNNING))
            .col_expr(Column::JobName, Expr::value(job.name.as_str()))
            .col_expr(
                Column::VirtualCluster,
                Expr::value(job.virtual_cluster.as_str()),
            )
            .col_expr(Column::Edited, Expr::value(job.edited))
            .col_expr(Column::Gpus, Expr::value(job.gpus))
            .col_expr(Column::AskedAt, Expr::value(tx.now()))
            .filter(Column::Id.eq(use_id))
            .filter(Column::State.eq(USED))
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Notes that OpenPAI was asked about these runs.
    pub async fn set_asked(&self, ids: &[String]) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        Entity::update_many()
            .col_expr(Column::AskedAt, Expr::value(tx.now()))
            .filter(Column::Id.is_in(ids))
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Notes how a run ended, or, with nothing, that it cannot be known any more. What the
    /// item's runs come to is reckoned anew in the same transaction.
    pub async fn end_run(&self, use_id: &str, end: Option<RunEnd>) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let row = Entity::find_by_id(use_id)
            .filter(Column::State.eq(RUNNING))
            .one(&tx)
            .await?;
        let Some(row) = row else {
            return Ok(());
        };
        let Some(end) = end else {
            Entity::delete_by_id(use_id).exec(&tx).await?;
            return Ok(tx.commit().await?);
        };
        items::lock_row(&tx, &row.item_id).await?;
        Entity::update_many()
            .col_expr(Column::State, Expr::value(end.outcome.as_str()))
            .col_expr(Column::JobName, Expr::value(Option::<String>::None))
            .col_expr(Column::ExitCode, Expr::value(end.exit_code))
            .col_expr(Column::QueueTime, Expr::value(end.queue_time))
            .col_expr(Column::RunTime, Expr::value(end.run_time))
            .col_expr(Column::EndedAt, Expr::value(tx.now()))
            .filter(Column::Id.eq(use_id))
            .exec(&tx)
            .await?;
        forget_surplus(&tx, &row).await?;
        if row.canary {
            if end.outcome == Outcome::Succeeded {
                canary::set_passed(&tx, &row.item_id).await?;
            }
        } else {
            reckon(&tx, &row.item_id).await?;
        }
        Ok(tx.commit().await?)
    }

    /// What the runs of an item that is there have shown.
    pub async fn evidence(&self, item_id: &str) -> Result<Evidence, StoreError> {
        let since = self.clock.now() - COUNTS_FOR;
        let runs = ended_since(&self.db, item_id, since).await?;
        let answers = exit_answers::Entity::find()
            .filter(exit_answers::Column::ItemId.eq(item_id))
            .all(&self.db)
            .await?;
        let answer = |code| {
            let row = answers.iter().find(|row| row.code == code)?;
            Some(row.answer.clone())
        };
        Ok(Evidence {
            since: iso(since),
            figures: evidence::figures(&runs, answer),
        })
    }

    /// Says something about an exit code of an item on behalf of `user`, or, with nothing,
    /// nothing any more, if `decide` agrees.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::TooManyAnswers`] beyond [`MAX_ANSWERS`], and what
    /// `decide` fails with.
    pub async fn set_exit_answer<E>(
        &self,
        item_id: &str,
        code: i32,
        user: &str,
        answer: Option<&str>,
        decide: impl FnOnce(&Item) -> Result<(), E> + Send,
    ) -> Result<(), CallbackError<E>> {
        use exit_answers::Column;

        let tx = self.begin().await?;
        let item = items::lock(&tx, item_id, user).await?;
        decide(&item).map_err(CallbackError::Callback)?;
        let what = [format!("answer to exit code {code}")];
        audit::record(&tx, user, AuditAction::Update, (&item).into(), &what).await?;
        let Some(answer) = answer else {
            exit_answers::Entity::delete_by_id((item_id.to_owned(), code))
                .exec(&tx)
                .await?;
            return Ok(tx.commit().await?);
        };
        let others = exit_answers::Entity::find()
            .filter(Column::ItemId.eq(item_id))
            .filter(Column::Code.ne(code))
            .count(&tx)
            .await?;
        if others >= MAX_ANSWERS {
            return Err(StoreError::TooManyAnswers.into());
        }
        let row = exit_answers::Model {
            item_id: item_id.to_owned(),
            code,
            answer: answer.to_owned(),
        };
        let again = OnConflict::columns([Column::ItemId, Column::Code])
            .update_column(Column::Answer)
            .to_owned();
        exit_answers::Entity::insert(row.into_active_model())
            .on_conflict(again)
            .exec_without_returning(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Forgets what counts no more: uses whose job nobody has found, runs that never end, and
    /// those that ended too long ago, after which their items' figures are reckoned anew.
    /// A batch at a time, each a transaction.
    pub async fn forget_old_runs(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        loop {
            let tx = self.begin().await?;
            let old = Column::EndedAt
                .lte(now - COUNTS_FOR)
                .or(Column::State
                    .eq(USED)
                    .and(Column::UsedAt.lte(now - LOOKED_FOR)))
                .or(Column::State
                    .eq(RUNNING)
                    .and(Column::UsedAt.lte(now - COUNTS_FOR)));
            let rows: Vec<(String, String)> = Entity::find()
                .select_only()
                .columns([Column::Id, Column::ItemId])
                .filter(old)
                .order_by_asc(Column::ItemId)
                .limit(BATCH)
                .into_tuple()
                .all(&tx)
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            let (ids, mut items): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            items.dedup();
            for item in &items {
                items::lock_row(&tx, item).await?;
            }
            Entity::delete_many()
                .filter(Column::Id.is_in(ids))
                .exec(&tx)
                .await?;
            for item in &items {
                reckon(&tx, item).await?;
            }
            tx.commit().await?;
        }
    }
}

/// Makes the row of a use, and gives up the oldest of its user's whose jobs are looked for, if
/// they are too many.
pub(super) async fn begin(
    tx: &Transaction,
    new: NewUse<'_>,
    used_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = row(new, used_at);
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    // Rows that another use is about to delete are left to it: to wait for them might be to
    // wait in a circle.
    let surplus = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Expr::col(Column::UserName).eq(new.user))
        .and_where(Expr::col(Column::State).eq(USED))
        .order_by(Column::UsedAt, Order::Desc)
        .limit(BATCH)
        .offset(MAX_USES)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned();
    delete(tx, surplus).await
}

/// What is known of a use at first.
fn row(new: NewUse<'_>, used_at: DateTime<Utc>) -> Model {
    Model {
        id: new.id.to_owned(),
        item_id: new.item_id.to_owned(),
        version: new.version,
        user_name: new.user.to_owned(),
        digest: new.digest.to_owned(),
        state: USED.to_owned(),
        job_name: None,
        virtual_cluster: None,
        edited: false,
        canary: false,
        exit_code: None,
        queue_time: None,
        run_time: None,
        gpus: 0,
        used_at,
        asked_at: None,
        ended_at: None,
    }
}

/// Makes what is said about exit codes of an item just this.
pub(super) async fn replace_answers(
    tx: &Transaction,
    item_id: &str,
    answers: impl Iterator<Item = (i32, String)>,
) -> Result<(), DbErr> {
    exit_answers::Entity::delete_many()
        .filter(exit_answers::Column::ItemId.eq(item_id))
        .exec(tx)
        .await?;
    let rows: Vec<_> = answers
        .map(|(code, answer)| {
            let row = exit_answers::Model {
                item_id: item_id.to_owned(),
                code,
                answer,
            };
            row.into_active_model()
        })
        .collect();
    if !rows.is_empty() {
        exit_answers::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Forgets the oldest ended runs of the same item and user beyond those that count. The
/// nightly ones, which count for nobody, are no surplus of people's.
async fn forget_surplus(tx: &Transaction, ended: &Model) -> Result<(), DbErr> {
    let surplus = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Expr::col(Column::ItemId).eq(&*ended.item_id))
        .and_where(Expr::col(Column::UserName).eq(&*ended.user_name))
        .and_where(Expr::col(Column::Canary).eq(ended.canary))
        .and_where(Expr::col(Column::EndedAt).is_not_null())
        .order_by(Column::EndedAt, Order::Desc)
        .limit(BATCH)
        .offset(MAX_RUNS_PER_USER)
        .to_owned();
    delete(tx, surplus).await
}

async fn delete(tx: &Transaction, ids: sea_orm::sea_query::SelectStatement) -> Result<(), DbErr> {
    let delete = Query::delete()
        .from_table(Entity)
        .and_where(Expr::col(Column::Id).in_subquery(ids))
        .to_owned();
    tx.execute(&delete).await?;
    Ok(())
}

/// Copies what an item's runs come to into its row.
async fn reckon(tx: &Transaction, item_id: &str) -> Result<(), DbErr> {
    use item_rows::Column;

    let runs = ended_since(tx, item_id, tx.now() - COUNTS_FOR).await?;
    let (counted, at_least) = match evidence::successes(&runs) {
        Some(all) => (all.runs, all.success_at_least),
        None => (0, -1),
    };
    let query = item_rows::Entity::update_many()
        .col_expr(Column::CountedRuns, Expr::value(counted))
        .col_expr(Column::SuccessAtLeast, Expr::value(at_least))
        .filter(Column::Id.eq(item_id))
        .into_query();
    tx.execute(&query).await?;
    Ok(())
}

async fn ended_since<C: ConnectionTrait>(
    db: &C,
    item_id: &str,
    since: DateTime<Utc>,
) -> Result<Vec<Run>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ItemId.eq(item_id))
        .filter(Column::EndedAt.gt(since))
        .filter(Column::Canary.eq(false))
        .order_by_desc(Column::EndedAt)
        .limit(MAX_RUNS)
        .all(db)
        .await?;
    let run = |row: Model| {
        Some(Run {
            outcome: row.state.parse().ok()?,
            user: row.user_name,
            version: row.version,
            virtual_cluster: row.virtual_cluster.unwrap_or_default(),
            exit_code: row.exit_code,
            edited: row.edited,
            queue_time: row.queue_time,
            run_time: row.run_time,
            gpus: row.gpus,
        })
    };
    Ok(rows.into_iter().filter_map(run).collect())
}
