//! A minute of fuzzing: libFuzzer makes texts on which the validator might
//! panic, hang or contradict itself. That needs neither a nightly Rust nor
//! cargo-fuzz: what tells libFuzzer which code ran is an option of LLVM that
//! stable Rust passes on. Sanitizers are left out; no code here is unsafe.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::process::tethered;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// How long it looks, in seconds.
const TIME: u32 = 60;

/// What makes the compiler count which code runs.
const INSTRUMENTED: &str = "--cfg fuzzing -Cdebug-assertions -Coverflow-checks -Ccodegen-units=1 \
    -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Builds the fuzz target and runs it from the tests' corpus on, as one test.
/// What it learns is kept in the build folder for the next run.
///
/// # Errors
/// When it cannot be built, or found something: the text is then in a file.
pub(super) fn run(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let host = host(workspace)?;
    let folder = workspace.root.join("shared/fuzz");
    let target = workspace.target.join("fuzz");
    println!("Building the fuzz target (first time about 2 minutes on 2 cores)");
    let mut build = workspace.cargo(["build", "--release", "--locked"]);
    build
        .current_dir(&folder)
        // With a target, the programs of the build itself are not instrumented.
        .args(["--target", &host])
        .env("RUSTFLAGS", INSTRUMENTED)
        .env("CARGO_TARGET_DIR", &target);
    workspace.quietly("fuzz-build", "building the fuzz target", &mut build)?;

    let learnt = target.join("corpus");
    let found = target.join("found");
    std::fs::create_dir_all(&learnt)?;
    std::fs::create_dir_all(&found)?;
    println!("Fuzzing for {TIME} seconds");
    let mut fuzz = tethered(target.join(&host).join("release/validate"));
    fuzz.arg(format!("-max_total_time={TIME}"))
        // A text that takes this many seconds counts as one on which it hangs.
        .args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"])
        .arg(format!("-artifact_prefix={}/", found.display()))
        .arg(&learnt)
        .arg(workspace.root.join("shared/tests/corpus"));
    let mut texts = None;
    let status = workspace.watched("fuzz", &mut fuzz, |line| {
        texts = texts.or_else(|| executed(line));
    })?;
    let texts = texts.unwrap_or(0);
    println!("The validator read {texts} texts.");
    tally.count(status.success() && texts > 0);
    ensure!(
        status.success(),
        "the validator fails on a text, see above; it is in {}. Once mended, keep it in \
         shared/tests/corpus",
        workspace.shown(&found)
    );
    ensure!(texts > 0, "libFuzzer did not say that it did anything");
    Ok(())
}

/// The number of texts, in a line of libFuzzer's last words.
fn executed(line: &str) -> Option<u64> {
    line.strip_prefix("stat::number_of_executed_units:")?
        .trim()
        .parse()
        .ok()
}

/// The system that this Rust compiles for by itself.
fn host(workspace: &Workspace) -> Result<String> {
    let output = Command::new("rustc")
        .arg("-vV")
        .current_dir::<&Path>(&workspace.root)
        .output()
        .context("cannot start rustc")?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .context("rustc does not say what it compiles for")
}

#[cfg(test)]
mod tests {
    use super::executed;

    #[test]
    fn executed_texts_are_read() {
        let line = "stat::number_of_executed_units: 123456";
        assert_eq!(executed(line), Some(123_456));
        assert_eq!(executed("stat::average_exec_per_sec:     2000"), None);
    }
}
