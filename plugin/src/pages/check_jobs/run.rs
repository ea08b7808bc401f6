//! The calls: the list of jobs, then the protocol of each.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Promise;
use leptos::prelude::*;
use shared::protocol::Exposed;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::{BATCH, Check, found};
use crate::client::Failure;
use crate::load::Tasks;
use crate::openpai::{Job, OpenPai};
use crate::reader::{self, Reader};

/// So many protocols are asked for at once.
const AT_ONCE: usize = 2;

/// Who has asked too much waits so long before the next try. OpenPAI counts by the minute.
pub(super) const PAUSE: Duration = Duration::from_secs(20);

/// After so many refusals in a row nobody waits any longer.
const PAUSES: usize = 15;

/// Looks through jobs while the check runs. Calls end with it: when it is stopped, fails,
/// or its page goes.
pub(super) fn follow(check: Check, openpai: OpenPai) {
    Effect::new(move |_| {
        if !check.running.get() {
            return;
        }
        check.failed.set(None);
        check.progress.update(|known| known.pauses = false);
        let (tasks, openpai) = (Tasks::new(), openpai.clone());
        let workers = tasks.clone();
        tasks.spawn(async move {
            match start(check, &openpai).await {
                Ok((reader, jobs)) => {
                    let next = Rc::new(Cell::new(0));
                    for _ in 0..AT_ONCE {
                        let (openpai, jobs, next) = (openpai.clone(), jobs.clone(), next.clone());
                        workers.spawn(work(check, openpai, reader, jobs, next));
                    }
                }
                Err(failure) => check.fail(failure),
            }
        });
    });
}

/// What reads protocols, and the jobs that are next.
async fn start(check: Check, openpai: &OpenPai) -> Result<(Reader, Rc<[Job]>), Failure> {
    let reader = reader::reader().await?;
    let (is_empty, offset) = check
        .progress
        .with_untracked(|known| (known.waiting.is_empty(), known.listed));
    if is_empty {
        let (total, jobs) = patiently(check, || openpai.newest_jobs(offset, BATCH)).await?;
        check.progress.update(|known| {
            known.listed += jobs.len();
            // Jobs may have gone meanwhile.
            known.total = Some(if jobs.is_empty() { known.listed } else { total });
            known.waiting = jobs;
        });
    }
    let jobs: Rc<[Job]> = check
        .progress
        .with_untracked(|known| known.waiting.clone())
        .into();
    if jobs.is_empty() {
        check.running.set(false);
    }
    Ok((reader, jobs))
}

/// Looks through one job after the other, as long as others leave one.
async fn work(
    check: Check,
    openpai: OpenPai,
    reader: Reader,
    jobs: Rc<[Job]>,
    next: Rc<Cell<usize>>,
) {
    while let Some(job) = jobs.get(next.replace(next.get() + 1)) {
        match patiently(check, || openpai.config(job)).await {
            Ok(config) => check.done(job, Some(&reader.exposed(&config))),
            Err(failure) if failure.status == Some(404) => check.done(job, None),
            Err(failure) => return check.fail(failure),
        }
    }
}

/// Asks, and once more after a while if OpenPAI takes no more requests.
async fn patiently<T, F>(check: Check, ask: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut tries = 0;
    loop {
        let answer = ask().await;
        let is_refused =
            matches!(&answer, Err(failure) if failure.status == Some(429)) && tries < PAUSES;
        if check.progress.with_untracked(|known| known.pauses) != is_refused {
            check.progress.update(|known| known.pauses = is_refused);
        }
        if !is_refused {
            return answer;
        }
        tries += 1;
        pause(PAUSE).await;
    }
}

/// Lets time pass. Nothing is left of it when nobody waits any longer.
async fn pause(time: Duration) {
    struct Timer(Option<TimeoutHandle>);
    impl Drop for Timer {
        fn drop(&mut self) {
            if let Some(timer) = self.0 {
                timer.clear();
            }
        }
    }
    let mut timer = Timer(None);
    let passed = Promise::new(&mut |resolve, _| {
        let wake = move || {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        };
        timer.0 = set_timeout_with_handle(wake, time).ok();
    });
    let _ = JsFuture::from(passed).await;
}

impl Check {
    /// Notes what came of a job: nothing if its protocol is not kept.
    fn done(self, job: &Job, exposed: Option<&[Exposed]>) {
        self.progress.update(|known| {
            known.waiting.retain(|other| other.name != job.name);
            known.checked += 1;
            known.unkept += usize::from(exposed.is_none());
            // Jobs that came meanwhile move others to the next batch, once more.
            let is_new = !known.leaking.contains(&job.name);
            if let Some(exposed) = exposed.filter(|all| is_new && !all.is_empty()) {
                known.leaking.push(job.name.clone());
                if let Some(list) = self.list.get_untracked() {
                    // It fails only for places that there are not.
                    let _ = list.insert_adjacent_html("beforeend", &found::row(job, exposed));
                }
            }
        });
        if self
            .progress
            .with_untracked(|known| known.waiting.is_empty())
        {
            self.running.set(false);
        }
    }

    fn fail(self, failure: Failure) {
        self.failed.set(Some(failure));
        self.running.set(false);
    }
}
