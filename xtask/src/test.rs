//! `cargo xtask test`: every test there is, with the database and browser
//! that they need. All steps run, whatever became of those before.

mod dependencies;
mod docs;
mod excerpt;
mod fuzz;
mod images;
mod rustdoc;
mod schemathesis;
mod snapshots;
mod spelling;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::bench;
use crate::interrupt::Interrupted;
use crate::plugin;
use crate::postgres::Postgres;
use crate::process::tethered;
use crate::setup::{self, Program};
use crate::tally::{Report, Tally};
use crate::workspace::{PLUGIN_PACKAGE, Workspace};

use snapshots::References;

/// Protocols and databases of real clusters, which are not part of the project.
const THEIRS: &str = "../shared";

/// What a fresh clone takes of the disk until all steps are done: most of it is what cargo
/// builds, and some gigabytes are databases of tests.
const SPACE: u64 = 20 << 30;

/// Options of `test`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run one step only
    #[arg(long, value_enum)]
    only: Option<Step>,
    /// Handed to `cargo test`; for the browser tests and images, a part of the file's name
    #[arg(last = true, requires = "only", value_name = "FILTER")]
    filter: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Step {
    /// Licences, sources and advisories of what is built in, and whether it is used
    Dependencies,
    /// Words that are no English
    Spelling,
    /// The documentation of the code, with its links
    Rustdoc,
    /// Unit tests, and API tests on SQLite and PostgreSQL
    Rust,
    /// A minute of odd texts for the validator
    Fuzz,
    /// Odd requests of all kinds, made from the OpenAPI document
    Schemathesis,
    /// Tests of what runs in the browser, as wasm in Node.js
    Wasm,
    /// The real plugin in Chromium and Firefox, through the stand-in portal
    Browser,
    /// Links and commands of the guides, and the files of deploy/
    Docs,
    /// The benchmark on a few items, to see that it works; its numbers mean nothing
    Bench,
    /// Both images, built and started as the guides say
    Images,
}

impl Step {
    const ALL: [Self; 11] = [
        Self::Dependencies,
        Self::Spelling,
        Self::Rustdoc,
        Self::Rust,
        Self::Fuzz,
        Self::Schemathesis,
        Self::Wasm,
        Self::Browser,
        Self::Docs,
        Self::Bench,
        Self::Images,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Dependencies => "dependencies",
            Self::Spelling => "spelling",
            Self::Rustdoc => "code documentation",
            Self::Rust => "unit and API tests",
            Self::Fuzz => "fuzzing",
            Self::Schemathesis => "schemathesis",
            Self::Wasm => "wasm tests",
            Self::Browser => "browser tests",
            Self::Images => "images",
            Self::Docs => "guides and deploy/",
            Self::Bench => "benchmark, in small",
        }
    }

    /// The log of its runner, for steps that have one.
    fn log(self) -> Option<&'static str> {
        match self {
            Self::Rust => Some("test-rust"),
            Self::Schemathesis => Some("test-schemathesis"),
            Self::Wasm => Some("test-wasm"),
            Self::Browser => Some("test-browser"),
            Self::Images => Some("test-images"),
            Self::Fuzz => Some("fuzz"),
            Self::Dependencies | Self::Spelling | Self::Rustdoc | Self::Docs | Self::Bench => None,
        }
    }

    fn programs(self) -> &'static [Program] {
        match self {
            Self::Dependencies | Self::Rustdoc => &[],
            Self::Spelling => &[Program::Python],
            Self::Fuzz => &[Program::Cxx],
            Self::Bench => &[Program::Postgres, Program::Wrk],
            Self::Rust => &[
                Program::Postgres,
                Program::Node,
                Program::Npm,
                Program::Nginx,
            ],
            Self::Schemathesis => &[Program::Python, Program::Postgres],
            Self::Wasm => &[Program::Node],
            Self::Browser => &[
                Program::Chromium,
                Program::Firefox,
                Program::Node,
                Program::Npm,
                Program::Nginx,
            ],
            Self::Images => images::PROGRAMS,
            Self::Docs => &[
                Program::Python,
                Program::Postgres,
                Program::Curl,
                Program::Sqlite,
            ],
        }
    }
}

/// A full disk fails tests in ways that say nothing of it.
fn warn_of_little_space(workspace: &Workspace) {
    let Ok(disk) = rustix::fs::statvfs(&workspace.target) else {
        return;
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free < SPACE {
        println!(
            "Only {} GB of the disk with {} are free. On a fresh clone the tests take some {} GB: if it gets full, \
             many fail. `cargo clean` in other checkouts frees most.",
            free >> 30,
            workspace.target.display(),
            SPACE >> 30
        );
    }
}

/// Runs the tests and prints what failed and how many there were; the last line is alone
/// `N passed, N failed, N skipped`.
///
/// # Errors
/// When what the tests need cannot be installed. Failed tests are in the
/// exit code.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let steps: Vec<Step> = Step::ALL
        .into_iter()
        .filter(|step| args.only.is_none_or(|only| only == *step))
        .collect();
    let programs: Vec<_> = Program::ALL
        .iter()
        .filter(|program| steps.iter().any(|step| step.programs().contains(program)))
        .copied()
        .collect();
    if args.only.is_none() {
        warn_of_little_space(workspace);
    }
    setup::programs(workspace, &programs)?;

    let mut report = Report::default();
    let mut failures = Vec::new();
    for step in steps {
        println!("\n== {} ==", step.title());
        let started = Instant::now();
        let mut tally = Tally::default();
        let outcome = match step {
            Step::Dependencies => dependencies::run(workspace, &mut tally),
            Step::Spelling => spelling::run(workspace, &mut tally),
            Step::Rustdoc => rustdoc::run(workspace, &mut tally),
            Step::Fuzz => fuzz::run(workspace, &mut tally),
            Step::Bench => bench::smoke(workspace, &mut tally),
            Step::Rust => rust(workspace, &args.filter, &mut tally),
            Step::Schemathesis => {
                build_native(workspace).and_then(|()| schemathesis::run(workspace, &mut tally))
            }
            Step::Wasm => wasm(workspace, &args.filter, &mut tally),
            Step::Browser => browser(workspace, &args.filter, &mut tally),
            Step::Images => images::run(workspace, &args.filter, &mut tally),
            Step::Docs => build_native(workspace).and_then(|()| docs::run(workspace, &mut tally)),
        };
        let outcome = match outcome {
            Err(error) if error.is::<Interrupted>() => return Err(error),
            other => other,
        };
        if let Err(error) = &outcome {
            println!("error: {error:#}");
            let output = step
                .log()
                .map(|log| std::fs::read_to_string(workspace.log(log)));
            let output = output.and_then(Result::ok).unwrap_or_default();
            failures.push((step, format!("{}\nerror: {error:#}", excerpt::of(&output))));
        }
        report.add(step.title(), tally, outcome.is_ok(), started.elapsed());
    }
    for (step, failure) in failures {
        println!(
            "\n== what failed of: {} ==\n{}",
            step.title(),
            failure.trim()
        );
    }
    print!("\n{report}");
    Ok(if report.is_success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn rust(workspace: &Workspace, filter: &[String], tally: &mut Tally) -> Result<()> {
    build_native(workspace)?;
    let azurite = setup::azurite(workspace)?;
    println!("Starting a private PostgreSQL");
    let postgres = Postgres::start(workspace)?;
    let mut tests = workspace.cargo(["test", "--workspace", "--exclude", PLUGIN_PACKAGE]);
    tests
        .args(["--no-fail-fast"])
        .args(filter)
        .env("TEST_DATABASE_URL", postgres.url())
        .env("AZURITE", azurite);
    let references = References::begin(workspace)?;
    if filter.is_empty() {
        // Tests that are marked `ignore` want what others wrote.
        if workspace.root.join(THEIRS).is_dir() {
            tests.args(["--", "--include-ignored"]);
        } else {
            tally.why_skipped = "what others wrote is not in ../shared";
        }
    }
    tests.env(References::VARIABLE, references.path());
    let status = workspace.watched("test-rust", &mut tests, |line| tally.libtest(line))?;
    ensure!(status.success(), "cargo test failed ({status})");
    // Of some tests nobody expects that they ask for every snapshot.
    if filter.is_empty() {
        references.check(workspace, tally)?;
    }
    Ok(())
}

fn wasm(workspace: &Workspace, filter: &[String], tally: &mut Tally) -> Result<()> {
    let tools = setup::for_wasm_tests(workspace)?;
    let runner = tools.join("wasm-bindgen-test-runner");
    let arguments = [
        "test",
        "--package",
        "marketplace-shared",
        "--package",
        PLUGIN_PACKAGE,
        "--target",
        "wasm32-unknown-unknown",
        // Doc tests are native programs and ran in the step before.
        "--tests",
        "--no-fail-fast",
    ];
    println!("Building the wasm tests (first time about 4 minutes on 2 cores)");
    let mut build = workspace.cargo(arguments);
    workspace.quietly(
        "build-wasm-tests",
        "building the wasm tests",
        build.arg("--no-run"),
    )?;
    let mut tests = workspace.cargo(arguments);
    tests
        .args(filter)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    let status = workspace.watched("test-wasm", &mut tests, |line| tally.libtest(line))?;
    ensure!(status.success(), "cargo test failed ({status})");
    Ok(())
}

fn browser(workspace: &Workspace, filter: &[String], tally: &mut Tally) -> Result<()> {
    setup::portal_styles(workspace)?;
    setup::browser_tests(workspace)?;
    build_native(workspace)?;
    plugin::build(workspace, &setup::for_plugin(workspace)?)?;
    let screenshots = workspace.target.join("screenshots");
    std::fs::create_dir_all(&screenshots)?;
    // On request the pictures of the users' guide are made anew.
    let pictures = if std::env::var_os("SCREENSHOTS").is_some_and(|to| to == "docs") {
        workspace.root.join("docs/user/pictures")
    } else {
        screenshots.join("guide")
    };

    let mut node = tethered(Program::Node.path()?);
    node.args(["--test", "--test-reporter=spec"])
        .args(test_files(&workspace.root.join("tests/browser"), filter)?)
        .current_dir(&workspace.root)
        .env("NO_COLOR", "1")
        .env("CHROMIUM", Program::Chromium.path()?)
        .env("FIREFOX", Program::Firefox.path()?)
        .env("NGINX", Program::Nginx.path()?)
        .env("BIN_MARKETPLACE", workspace.program("marketplace"))
        .env("BIN_FAKE_OPENPAI", workspace.program("fake-openpai"))
        .env("PLUGIN_DIR", workspace.root.join(plugin::DIST))
        .env("SCREENSHOTS", &screenshots)
        .env("GUIDE_PICTURES", pictures);
    let status = workspace.watched("test-browser", &mut node, |line| tally.node(line))?;
    println!("Screenshots are in {}", workspace.shown(&screenshots));
    ensure!(status.success(), "the browser tests failed ({status})");
    Ok(())
}

/// Builds tests and programs together: with the same features, so that what
/// they share is built once.
fn build_native(workspace: &Workspace) -> Result<()> {
    println!("Building the servers and their tests (first time about 8 minutes on 2 cores)");
    let arguments = [
        "build",
        "--workspace",
        "--exclude",
        PLUGIN_PACKAGE,
        "--lib",
        "--bins",
        "--tests",
    ];
    workspace.quietly(
        "build-tests",
        "building the servers and their tests",
        &mut workspace.cargo(arguments),
    )
}

/// The files of Node.js's tests in `folder`, or those of them with such a name.
fn test_files(folder: &Path, filter: &[String]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).context("there are no such tests")? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let wanted = filter.is_empty() || filter.iter().any(|part| name.contains(part));
        if name.ends_with(".test.mjs") && wanted {
            files.push(path);
        }
    }
    ensure!(!files.is_empty(), "no test's file has such a name");
    files.sort();
    Ok(files)
}
