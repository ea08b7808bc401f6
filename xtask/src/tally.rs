//! Counting tests by what their runners print.

use std::fmt;
use std::time::Duration;

use crate::process::clock;

/// How many tests ran and how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
    /// What was skipped and why, where the step itself decided so.
    pub(crate) why_skipped: &'static str,
}

impl Tally {
    /// Counts one test.
    pub(crate) fn count(&mut self, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
    }

    /// Counts a test that cannot run here; the report says why.
    pub(crate) fn skip(&mut self, why: &'static str) {
        self.skipped += 1;
        self.why_skipped = why;
    }

    /// Adds what a line of libtest or of wasm-bindgen's runner says, as
    /// `test result: ok. 9 passed; 0 failed; 2 ignored; …`. Each test binary
    /// prints one such line.
    pub(crate) fn libtest(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
        for part in counts.split("; ") {
            let Some((count, what)) = part.split_once(' ') else {
                continue;
            };
            let count = count.parse().unwrap_or(0);
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.skipped += count,
                _ => {}
            }
        }
    }

    /// Takes over what a line of Node.js's summary says, as `ℹ pass 12`.
    pub(crate) fn node(&mut self, line: &str) {
        let Some((what, count)) = line
            .strip_prefix("ℹ ")
            .and_then(|line| line.split_once(' '))
        else {
            return;
        };
        let Ok(count) = count.parse::<u32>() else {
            return;
        };
        match what {
            "pass" => self.passed = count,
            "fail" => self.failed = count,
            "cancelled" => self.failed += count,
            "skipped" => self.skipped = count,
            "todo" => self.skipped += count,
            _ => {}
        }
    }
}

/// What became of all steps, printed as a table and a last line.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<(&'static str, Tally, Duration, &'static str)>,
}

impl Report {
    /// Adds a step. One that broke without a failed test, or ran no test at
    /// all, counts as a failure.
    pub(crate) fn add(
        &mut self,
        step: &'static str,
        mut tally: Tally,
        worked: bool,
        took: Duration,
    ) {
        let note = match tally {
            Tally { failed: 1.., .. } => "",
            _ if !worked => "broke, see above",
            Tally { passed: 0, .. } => "ran no test",
            _ => "",
        };
        tally.failed += u32::from(!note.is_empty());
        let note = if note.is_empty() {
            tally.why_skipped
        } else {
            note
        };
        self.rows.push((step, tally, took, note));
    }

    /// Whether every step ran and nothing failed.
    pub(crate) fn is_success(&self) -> bool {
        self.total().failed == 0
    }

    fn total(&self) -> Tally {
        self.rows
            .iter()
            .fold(Tally::default(), |sum, (_, tally, ..)| Tally {
                passed: sum.passed + tally.passed,
                failed: sum.failed + tally.failed,
                skipped: sum.skipped + tally.skipped,
                why_skipped: "",
            })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:20}{:>8}{:>8}{:>9}{:>9}",
            "", "passed", "failed", "skipped", "time"
        )?;
        for (step, tally, took, note) in &self.rows {
            let Tally {
                passed,
                failed,
                skipped,
                ..
            } = tally;
            let took = clock(*took);
            let row = format!("{step:20}{passed:>8}{failed:>8}{skipped:>9}{took:>9}  {note}");
            writeln!(f, "{}", row.trim_end())?;
        }
        let Tally {
            passed,
            failed,
            skipped,
            ..
        } = self.total();
        writeln!(f, "\n{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Report, Tally};

    #[test]
    fn libtest_lines_add_up() {
        let mut tally = Tally::default();
        for line in [
            "running 11 tests",
            "test result: ok. 9 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 filtered out; finished in 0.26s",
        ] {
            tally.libtest(line);
        }
        assert_eq!(
            tally,
            Tally {
                passed: 12,
                failed: 1,
                skipped: 2,
                ..Tally::default()
            }
        );
    }

    #[test]
    fn a_node_summary_is_taken_over() {
        let mut tally = Tally::default();
        let summary =
            "ℹ tests 7\nℹ suites 1\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 1";
        summary.lines().for_each(|line| tally.node(line));
        assert_eq!(
            tally,
            Tally {
                passed: 3,
                failed: 2,
                skipped: 2,
                ..Tally::default()
            }
        );
    }

    #[test]
    fn a_step_without_a_test_is_a_failure() {
        let mut report = Report::default();
        report.add(
            "a",
            Tally {
                passed: 1,
                failed: 0,
                skipped: 0,
                ..Tally::default()
            },
            true,
            Duration::ZERO,
        );
        assert!(report.is_success());
        report.add(
            "b",
            Tally {
                passed: 0,
                failed: 0,
                skipped: 4,
                ..Tally::default()
            },
            true,
            Duration::ZERO,
        );
        assert!(!report.is_success());
        assert!(
            report
                .to_string()
                .ends_with("\n1 passed, 1 failed, 4 skipped\n")
        );
    }

    #[test]
    fn what_a_step_skipped_is_said() {
        let mut report = Report::default();
        let mut tally = Tally {
            passed: 3,
            ..Tally::default()
        };
        tally.skip("advisories: no database of them");
        report.add("a", tally, true, Duration::ZERO);
        assert!(report.is_success());
        let text = report.to_string();
        assert!(text.contains("advisories: no database of them"), "{text}");
        assert!(
            text.ends_with("\n3 passed, 0 failed, 1 skipped\n"),
            "{text}"
        );
    }

    #[test]
    fn a_broken_step_with_failed_tests_counts_those_only() {
        let mut report = Report::default();
        report.add(
            "a",
            Tally {
                passed: 1,
                failed: 2,
                skipped: 0,
                ..Tally::default()
            },
            false,
            Duration::ZERO,
        );
        report.add(
            "b",
            Tally {
                passed: 3,
                failed: 0,
                skipped: 0,
                ..Tally::default()
            },
            false,
            Duration::ZERO,
        );
        assert!(
            report
                .to_string()
                .ends_with("\n4 passed, 3 failed, 0 skipped\n")
        );
    }
}
