//! What runs of an item say about it.
//!
//! The rules are pure functions of rows: which runs count, and what is told of them. Nothing
//! is told under [`MIN_RUNS`] runs by [`MIN_PEOPLE`] people, of all and of each part alike, so
//! that no figure is about somebody.

use std::collections::{BTreeMap, BTreeSet};

use crate::wire::{
    ExitCode, Figures, NotCounted, OfVersion, OfVirtualCluster, Outcome, Quantiles, Successes,
};

/// Nothing is told under this many runs that count.
pub const MIN_RUNS: usize = 3;

/// Nor if fewer people than this have run them.
pub const MIN_PEOPLE: usize = 2;

/// The most exit codes that are told of.
const MAX_EXIT_CODES: usize = 10;

/// The normal distribution's quantile for 95 %.
const Z: f64 = 1.96;

/// A run that has ended.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each is what OpenPAI calls it")]
pub struct Run {
    /// Who ran it, or what stands for them: used to count people.
    pub user: String,
    pub version: i32,
    pub virtual_cluster: String,
    pub outcome: Outcome,
    pub exit_code: Option<i32>,
    /// Whether the job had been changed after the item was used.
    pub edited: bool,
    /// Milliseconds; unknown where OpenPAI does not tell.
    pub queue_time: Option<i64>,
    /// Milliseconds.
    pub run_time: Option<i64>,
    pub gpus: i32,
}

impl Run {
    fn counts(&self) -> bool {
        !self.edited && matches!(self.outcome, Outcome::Succeeded | Outcome::Failed)
    }
}

/// How a job ended by its state and exit code, or nothing while it has not
/// (docs/contract.md#2-openpais-rest-server).
///
/// Exit codes are OpenPAI's. Most signals and codes of the user's own commands are what was run
/// that failed. OpenPAI itself does not know whose fault 134 (aborted), 139 (crashed) and 255
/// (any code that it has no word for) are.
pub fn outcome(state: &str, exit_code: Option<i32>) -> Option<Outcome> {
    match state {
        "SUCCEEDED" => Some(Outcome::Succeeded),
        "STOPPED" => Some(Outcome::Stopped),
        "FAILED" => Some(match exit_code {
            Some(-1004 | -210 | -220) => Outcome::Stopped,
            // 251 was never given what it needs, which says nothing about what would have run.
            Some(
                -120..=-100
                | -1003..=-1000
                | -1006
                | -1203..=-1202
                | -1205
                | -1300
                | 128
                | 130
                | 131
                | 137
                | 143
                | 223
                | 249
                | 250..=251
                | 252
                | 253
                | 256,
            ) => Outcome::Platform,
            Some(134 | 139 | 255) => Outcome::Unknown,
            Some(-200 | -1005 | -1100 | -1200 | 0..) => Outcome::Failed,
            Some(_) | None => Outcome::Unknown,
        }),
        _ => None,
    }
}

/// The lower bound of Wilson's interval at 95 % for the part that succeeds, in whole percent.
pub fn success_at_least(succeeded: usize, runs: usize) -> i32 {
    #![allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "runs are counted in thousands at most, and the bound lies within 0 and 100"
    )]
    if runs == 0 {
        return 0;
    }
    let n = runs as f64;
    let part = succeeded as f64 / n;
    let square = Z * Z;
    let middle = part + square / (2.0 * n);
    let width = Z * ((part * (1.0 - part) + square / (4.0 * n)) / n).sqrt();
    (100.0 * (middle - width) / (1.0 + square / n)).clamp(0.0, 100.0) as i32
}

/// How many of the runs that count succeeded, if there are enough of them.
pub fn successes<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Option<Successes> {
    let mut people = BTreeSet::new();
    let (mut all, mut succeeded) = (0, 0);
    for run in runs.into_iter().filter(|run| run.counts()) {
        people.insert(run.user.as_str());
        all += 1;
        succeeded += usize::from(run.outcome == Outcome::Succeeded);
    }
    (all >= MIN_RUNS && people.len() >= MIN_PEOPLE).then(|| Successes {
        runs: whole(all),
        succeeded: whole(succeeded),
        success_at_least: success_at_least(succeeded, all),
    })
}

/// All that is told of the runs of one item, in any order, if there are enough. `answer` is
/// what the author says about an exit code.
pub fn figures(runs: &[Run], answer: impl Fn(i32) -> Option<String>) -> Option<Figures> {
    let all = successes(runs)?;
    let counted = || runs.iter().filter(|run| run.counts());
    let mut by_cluster: BTreeMap<&str, Vec<&Run>> = BTreeMap::new();
    let mut by_version: BTreeMap<i32, Vec<&Run>> = BTreeMap::new();
    let mut by_code: BTreeMap<Option<i32>, usize> = BTreeMap::new();
    for run in counted() {
        by_cluster
            .entry(&run.virtual_cluster)
            .or_default()
            .push(run);
        by_version.entry(run.version).or_default().push(run);
    }
    // Whosever fault 255 was, authors want to know of it.
    let may_be_its_own =
        |run: &&Run| !run.edited && matches!(run.outcome, Outcome::Failed | Outcome::Unknown);
    for run in runs.iter().filter(may_be_its_own) {
        *by_code.entry(run.exit_code).or_default() += 1;
    }
    let enough = |runs: Vec<&Run>| successes(runs);
    let of_cluster = |(name, runs): (&str, Vec<&Run>)| {
        Some(OfVirtualCluster {
            name: name.to_owned(),
            successes: enough(runs)?,
        })
    };
    let mut virtual_clusters: Vec<_> = by_cluster.into_iter().filter_map(of_cluster).collect();
    virtual_clusters.sort_by_key(|one| -one.successes.runs);
    let of_version = |(version, runs)| {
        Some(OfVersion {
            version,
            successes: enough(runs)?,
        })
    };
    let mut exit_codes: Vec<_> = by_code.into_iter().collect();
    exit_codes.sort_by_key(|&(_, runs)| std::cmp::Reverse(runs));
    exit_codes.truncate(MAX_EXIT_CODES);
    let exit_codes = exit_codes.into_iter().map(|(code, runs)| ExitCode {
        code,
        runs: whole(runs),
        answer: code.and_then(&answer),
    });
    let not_counted =
        |matches: fn(&Run) -> bool| whole(runs.iter().filter(|it| matches(it)).count());
    Some(Figures {
        all,
        queue_time: times(counted(), |run| run.queue_time),
        run_time: times(
            counted().filter(|run| run.outcome == Outcome::Succeeded),
            |run| run.run_time,
        ),
        gpu_hours: gpu_hours(counted()),
        exit_codes: exit_codes.collect(),
        virtual_clusters,
        versions: by_version
            .into_iter()
            .rev()
            .filter_map(of_version)
            .collect(),
        not_counted: NotCounted {
            platform: not_counted(|run| !run.edited && run.outcome == Outcome::Platform),
            stopped: not_counted(|run| !run.edited && run.outcome == Outcome::Stopped),
            unknown: not_counted(|run| !run.edited && run.outcome == Outcome::Unknown),
            edited: not_counted(|run| run.edited),
        },
    })
}

/// The times of the runs of which they are known, if those are enough.
fn times<'a>(
    runs: impl Iterator<Item = &'a Run>,
    time: fn(&Run) -> Option<i64>,
) -> Option<Quantiles> {
    let timed: Vec<&Run> = runs.filter(|run| time(run).is_some()).collect();
    successes(timed.iter().copied())?;
    quantiles(timed.into_iter().filter_map(time))
}

/// By the nearest rank.
fn quantiles(times: impl Iterator<Item = i64>) -> Option<Quantiles> {
    let mut times: Vec<i64> = times.collect();
    times.sort_unstable();
    let at = |tenths: usize| times.get((times.len() * tenths).div_ceil(10).saturating_sub(1));
    Some(Quantiles {
        median: *at(5)?,
        p90: *at(9)?,
    })
}

/// Rounded to a tenth.
fn gpu_hours<'a>(runs: impl Iterator<Item = &'a Run>) -> f64 {
    #![allow(
        clippy::cast_precision_loss,
        reason = "milliseconds of some years are below 2^53"
    )]
    let milliseconds: i64 = runs
        .map(|run| {
            let gpus = i64::from(run.gpus.max(0));
            gpus.saturating_mul(run.run_time.unwrap_or_default().max(0))
        })
        .fold(0, i64::saturating_add);
    (milliseconds as f64 / 360_000.0).round() / 10.0
}

fn whole(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(user: &str, outcome: Outcome) -> Run {
        Run {
            user: user.to_owned(),
            version: 1,
            virtual_cluster: "default".to_owned(),
            outcome,
            exit_code: (outcome == Outcome::Failed).then_some(1),
            edited: false,
            queue_time: Some(1_000),
            run_time: Some(3_600_000),
            gpus: 2,
        }
    }

    #[test]
    fn too_little_is_not_told() {
        let told = |runs: &[Run]| figures(runs, |_| None).is_some();
        let alice = run("alice", Outcome::Succeeded);
        let bob = run("bob", Outcome::Failed);
        assert!(!told(&[]));
        assert!(!told(&[alice.clone(), bob.clone()]));
        assert!(!told(&vec![alice.clone(); 20]), "one person");
        assert!(told(&[alice.clone(), alice.clone(), bob.clone()]));
        let stopped = run("bob", Outcome::Stopped);
        assert!(!told(&[alice.clone(), alice.clone(), stopped]));
        let edited = Run {
            edited: true,
            ..bob
        };
        assert!(!told(&[alice.clone(), alice, edited]));
    }

    #[test]
    fn parts_with_too_little_are_left_out() {
        let mut runs = vec![run("alice", Outcome::Succeeded); 3];
        runs.extend(vec![run("bob", Outcome::Failed); 2]);
        for one in &mut runs[..3] {
            one.virtual_cluster = "vc1".to_owned();
            one.version = 2;
        }
        let found = figures(&runs, |code| (code == 1).then(|| "install it".to_owned()));
        let found = found.expect("enough in all");
        assert_eq!(found.virtual_clusters, []);
        assert_eq!(found.versions, []);
        assert_eq!(found.run_time, None, "of alice alone");
        assert!(found.queue_time.is_some(), "of both");
        assert_eq!(found.exit_codes.len(), 1);
        assert_eq!(found.exit_codes[0].answer.as_deref(), Some("install it"));
        assert!((found.gpu_hours - 10.0).abs() < f64::EPSILON);
    }

    /// Nobody's failure does not count, and its exit code is told all the same.
    #[test]
    fn what_failed_for_unknown_reasons_is_told_apart() {
        let mut runs = vec![run("alice", Outcome::Succeeded); 2];
        runs.push(run("bob", Outcome::Succeeded));
        runs.push(Run {
            exit_code: Some(255),
            ..run("bob", Outcome::Unknown)
        });
        let found = figures(&runs, |_| None).expect("enough in all");
        assert_eq!((found.all.runs, found.all.succeeded), (3, 3));
        assert_eq!(found.not_counted.unknown, 1);
        let codes: Vec<_> = found
            .exit_codes
            .iter()
            .map(|one| (one.code, one.runs))
            .collect();
        assert_eq!(codes, [(Some(255), 1)]);
    }

    #[test]
    fn the_bound_is_wilsons() {
        // By the formula, worked out with other means.
        for (succeeded, runs, percent) in [(0, 0, 0), (3, 3, 43), (10, 10, 72), (90, 100, 82)] {
            assert_eq!(
                success_at_least(succeeded, runs),
                percent,
                "{succeeded}/{runs}"
            );
        }
        assert_eq!(success_at_least(0, 50), 0);
    }

    #[test]
    fn quantiles_are_by_nearest_rank() {
        let of = |times: &[i64]| quantiles(times.iter().copied());
        assert_eq!(of(&[]), None);
        let one = Quantiles { median: 7, p90: 7 };
        assert_eq!(of(&[7]), Some(one));
        let ten = Quantiles { median: 5, p90: 9 };
        assert_eq!(of(&[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]), Some(ten));
    }

    #[test]
    fn each_end_is_told_from_the_others() {
        let failed = |code| outcome("FAILED", code);
        assert_eq!(outcome("RUNNING", None), None);
        assert_eq!(outcome("WAITING", Some(1)), None);
        assert_eq!(outcome("SUCCEEDED", Some(0)), Some(Outcome::Succeeded));
        assert_eq!(outcome("STOPPED", Some(-210)), Some(Outcome::Stopped));
        // All that OpenPAI has a word for, by whose failure it says that they are.
        let users = [-200, -1005, -1100, -1200, 132, 135, 136, 141, 254];
        let users = users.into_iter().chain(220..=222).chain(224..=226);
        for code in users.chain(228..=235).chain([1, 2, 127]) {
            assert_eq!(failed(Some(code)), Some(Outcome::Failed), "{code}");
        }
        let platforms = [-1006, -1300, -1202, -1203, -1205, 128, 130, 131, 137, 143];
        let platforms = platforms
            .into_iter()
            .chain(-120..=-100)
            .chain(-1003..=-1000);
        for code in platforms.chain([223, 249, 250, 251, 252, 253, 256]) {
            assert_eq!(failed(Some(code)), Some(Outcome::Platform), "{code}");
        }
        for code in [-300, -310, -8000, -1201, -1204, 134, 139, 255] {
            assert_eq!(failed(Some(code)), Some(Outcome::Unknown), "{code}");
        }
        assert_eq!(failed(None), Some(Outcome::Unknown));
        for code in [-210, -220] {
            assert_eq!(failed(Some(code)), Some(Outcome::Stopped), "{code}");
        }
    }

    #[cfg(not(target_family = "wasm"))]
    proptest::proptest! {
        /// More successes never make the bound lower, and it never says more than was seen.
        #[test]
        fn the_bound_keeps_within_what_was_seen(runs in 1usize..5_000, succeeded in 0usize..5_000) {
            let succeeded = succeeded.min(runs - 1);
            let bound = success_at_least(succeeded, runs);
            proptest::prop_assert!(bound <= success_at_least(succeeded + 1, runs));
            proptest::prop_assert!(usize::try_from(bound).unwrap() * runs <= 100 * succeeded.max(1));
        }

        /// What is told adds up.
        #[test]
        fn parts_are_parts_of_the_whole(ends in proptest::collection::vec((0usize..4, 0usize..3, 0usize..5), 0..60)) {
            let runs: Vec<Run> = ends.iter().map(|&(user, cluster, outcome)| Run {
                virtual_cluster: format!("vc{cluster}"),
                ..run(&format!("user{user}"), Outcome::ALL[outcome])
            }).collect();
            if let Some(found) = figures(&runs, |_| None) {
                let parts: i32 = found.virtual_clusters.iter().map(|one| one.successes.runs).sum();
                let failed: i32 = found.exit_codes.iter().map(|one| one.runs).sum();
                let left = found.not_counted;
                proptest::prop_assert!(parts <= found.all.runs);
                proptest::prop_assert_eq!(failed, found.all.runs - found.all.succeeded + left.unknown);
                proptest::prop_assert_eq!(
                    usize::try_from(found.all.runs + left.platform + left.stopped + left.unknown).unwrap(),
                    runs.len()
                );
            }
        }
    }
}
