//! `cargo xtask bench`: how fast the API is and how much memory it takes, on
//! catalogues of several sizes, beside what is asked of it.
//!
//! A benchmark is no test: it judges nothing and fails only when it cannot
//! measure. All numbers are of one machine that serves, asks and keeps the
//! database at once.

mod first_card;
pub(crate) mod http;
mod load;
pub(crate) mod server;
mod table;
mod weight;

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::plugin;
use crate::postgres::Postgres;
use crate::process::tethered;
use crate::setup::{self, Program};
use crate::tally::Tally;
use crate::workspace::{PLUGIN_PACKAGE, PORTAL_PACKAGE, SERVER_PACKAGE, SHARED_PACKAGE, Workspace};

use load::{Load, Request};
use server::{Api, Build, Portal};
use table::{Measured, Table};

/// Options of `bench`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many items the catalogues hold
    #[arg(long, value_delimiter = ',', default_values_t = [543, 10_000, 100_000], value_name = "N,…")]
    items: Vec<u32>,
    /// Measure on one database only
    #[arg(long, value_enum)]
    database: Option<Backend>,
    /// How long each measurement lasts
    #[arg(long, default_value_t = 8, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(2..))]
    seconds: u32,
    /// Renew docs/benchmarks.md
    #[arg(long)]
    write: bool,
    /// Only see that it works: a moment for each row, few items, a build without optimisations
    #[arg(long, conflicts_with_all = ["items", "seconds", "write"])]
    smoke: bool,
}

/// What keeps the catalogue.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// What one of 16 items is about that `fill` makes, whatever the dice say: rows of
/// two pages are to be compared.
const KEYWORD: &str = "resnet";

/// What one of nine items has.
const TAG: &str = "pytorch";

/// The size for which single requests have budgets: that of the largest
/// catalogue known.
const REAL_SIZE: u32 = 543;

/// The size from which the search index is measured: pages of a smaller one are mostly
/// empty.
const LARGE: u32 = 10_000;

/// How many items are enough to see that a benchmark works: one of each kind.
const FEW: u32 = 60;

/// What is measured, and how thoroughly.
struct Plan {
    items: Vec<u32>,
    database: Option<Backend>,
    /// How long each row lasts.
    seconds: u32,
    build: Build,
    /// Whether every row is measured for every size, and none of them well.
    smoke: bool,
}

impl Plan {
    fn new(args: &Args) -> Self {
        if args.smoke {
            return Self {
                database: args.database,
                ..Self::smoke()
            };
        }
        Self {
            items: args.items.clone(),
            database: args.database,
            seconds: args.seconds,
            build: Build::Release,
            smoke: false,
        }
    }

    fn smoke() -> Self {
        Self {
            items: vec![FEW],
            database: None,
            seconds: 1,
            build: Build::Dev,
            smoke: true,
        }
    }

    /// Whether a catalogue is measured as the largest one known.
    fn is_real_size(&self, items: u32) -> bool {
        self.smoke || items == REAL_SIZE
    }
}

/// Builds, fills, measures, prints and, if asked to, writes.
///
/// # Errors
/// When something cannot be installed, built or started, or when a request
/// under measurement is not answered 2xx.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let plan = Plan::new(args);
    let table = measure(workspace, &plan)?;
    println!("\n{table}");
    if args.write {
        let page = workspace.root.join("docs/benchmarks.md");
        std::fs::create_dir_all(workspace.root.join("docs"))?;
        plugin::build(workspace, &setup::for_plugin(workspace)?)?;
        println!("Waiting for the first card");
        // A new catalogue: those that were measured have grown.
        let databases = Databases::start(workspace, Backend::Sqlite)?;
        let url = databases.make(workspace, REAL_SIZE)?;
        fill(workspace, plan.build, &url, REAL_SIZE)?;
        let first_card = first_card::measure(workspace, plan.build, &url)?;
        let weight = weight::section(&workspace.root.join(plugin::DIST), &first_card)?;
        std::fs::write(&page, table.page(args.seconds)? + &weight)?;
        println!("Written to {}", workspace.shown(&page));
    }
    Ok(())
}

/// The same for a moment, to see that it works. Each row counts as a test; its
/// numbers say nothing.
///
/// # Errors
/// As [`run`].
pub(crate) fn smoke(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let table = measure(workspace, &Plan::smoke())?;
    tally.passed += u32::try_from(table.len())?;
    Ok(())
}

fn measure(workspace: &Workspace, plan: &Plan) -> Result<Table> {
    setup::programs(workspace, &[Program::Postgres, Program::Wrk])?;
    build(workspace, plan.build)?;
    let portal = Portal::start(workspace, &plan.build.program(workspace, "fake-openpai"))?;
    let token = portal.token()?;
    let mut table = Table::default();
    table.add_plain(Measured::lint(lint(workspace, plan.build)?));
    for backend in Backend::ALL {
        if plan.database.is_some_and(|only| only != backend) {
            continue;
        }
        let databases = Databases::start(workspace, backend)?;
        for &items in &plan.items {
            println!("\n{}, {items} items", backend.title());
            let url = databases.make(workspace, items)?;
            println!("    filling");
            let index = fill(workspace, plan.build, &url, items)?;
            println!("    measuring");
            let start = server::median_start(workspace, plan.build, &portal, &url, &token)?;
            let api = Api::start(workspace, plan.build, &portal, &url)?;
            let subject = Subject {
                api: &api,
                token: &token,
                plan,
            };
            let mut rows = Vec::new();
            if plan.smoke || items >= LARGE {
                rows.push(Measured::index_size(index));
            }
            rows.extend([Measured::start(start), subject.idle_memory()?]);
            rows.extend(subject.rows(items)?);
            rows.push(Measured::loaded_memory(api.peak_memory()?));
            for row in rows {
                table.add(backend.title(), items, row);
            }
        }
    }
    Ok(table)
}

fn build(workspace: &Workspace, build: Build) -> Result<()> {
    let mut cargo = match build {
        Build::Release => {
            println!("Building with optimisations (first time about 15 minutes on 2 cores)");
            let packages = [
                "-p",
                SERVER_PACKAGE,
                "-p",
                PORTAL_PACKAGE,
                "-p",
                SHARED_PACKAGE,
            ];
            let mut cargo = workspace.cargo(["build", "--release"]);
            cargo.args(packages);
            cargo
        }
        Build::Dev => {
            println!("Building without optimisations (first time about 8 minutes on 2 cores)");
            // The tests' features, so that what they have built serves here too.
            workspace.cargo(["build", "--workspace", "--exclude", PLUGIN_PACKAGE])
        }
    };
    cargo.args(["--bins", "--example", "fill", "--example", "lint"]);
    workspace.quietly("bench-build", "building", &mut cargo)
}

/// How long it takes to look for secrets in a protocol. The browser's part in it is in the
/// time that `tests/browser/speed.test.mjs` holds the whole validator to.
fn lint(workspace: &Workspace, build: Build) -> Result<Duration> {
    let output = tethered(build.program(workspace, "examples/lint")).output()?;
    let text = String::from_utf8(output.stdout)?;
    let nanoseconds = text.trim().parse().context("lint gave no time")?;
    Ok(Duration::from_nanos(nanoseconds))
}

/// Fills a catalogue, and answers how many times as large as its texts its search index
/// is.
fn fill(workspace: &Workspace, build: Build, url: &str, items: u32) -> Result<f64> {
    let sizes = tempfile::NamedTempFile::new()?;
    let mut fill = tethered(build.program(workspace, "examples/fill"));
    fill.args(["--database-url", url, "--items", &items.to_string()])
        .arg("--sizes")
        .arg(sizes.path());
    workspace.quietly("bench-fill", "filling the catalogue", &mut fill)?;
    let sizes = std::fs::read_to_string(sizes.path())?;
    let sizes: Vec<f64> = sizes
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [index, texts] = sizes[..] else {
        anyhow::bail!("fill gave no sizes");
    };
    Ok(index / texts.max(1.0))
}

/// Where new databases come from.
enum Databases {
    Folder(tempfile::TempDir),
    Server(Postgres),
}

impl Databases {
    fn start(workspace: &Workspace, backend: Backend) -> Result<Self> {
        Ok(match backend {
            Backend::Sqlite => Self::Folder(
                // On the disk of the build, not in a memory file system.
                tempfile::Builder::new()
                    .prefix("bench-")
                    .tempdir_in(&workspace.target)?,
            ),
            Backend::Postgres => Self::Server(Postgres::start_durable(workspace)?),
        })
    }

    /// Makes an empty one and says its address.
    fn make(&self, workspace: &Workspace, items: u32) -> Result<String> {
        match self {
            Self::Folder(folder) => {
                let file: PathBuf = folder.path().join(format!("items-{items}.db"));
                Ok(format!("sqlite://{}", file.display()))
            }
            Self::Server(postgres) => {
                let url = postgres.url();
                let name = format!("items_{items}");
                let psql = Program::Postgres.path()?.with_file_name("psql");
                let mut create = Command::new(psql);
                create.args([
                    &url,
                    "--quiet",
                    "--command",
                    &format!("CREATE DATABASE {name}"),
                ]);
                workspace.quietly("bench-createdb", "making a database", &mut create)?;
                let (server, _) = url.rsplit_once('/').context("an address without a name")?;
                Ok(format!("{server}/{name}"))
            }
        }
    }
}

/// A server under measurement.
struct Subject<'a> {
    api: &'a Api,
    token: &'a str,
    plan: &'a Plan,
}

impl Subject<'_> {
    fn idle_memory(&self) -> Result<Measured> {
        // One request, so that connections and the answer's buffers are there.
        self.api.get("/items?limit=20&fields=summary", self.token)?;
        std::thread::sleep(std::time::Duration::from_secs(2));
        Ok(Measured::idle_memory(self.api.memory()?))
    }

    fn rows(&self, items: u32) -> Result<Vec<Measured>> {
        let id = self.api.some_id(self.token)?;
        let page = format!("/items?limit=20&fields=summary&sort=-createdAt&keyword={KEYWORD}");
        let mut requests = Vec::new();
        if self.plan.is_real_size(items) {
            requests.extend([
                Request::get("GET /items", "/items").at_least(110),
                Request::get("GET /items/{id}", format!("/items/{id}")).at_least(7000),
                Request::get("GET /items?keyword=", format!("/items?keyword={KEYWORD}"))
                    .at_least(900),
                Request::get("GET /items?tag=", format!("/items?tag={TAG}")).at_least(600),
            ]);
        }
        let request = Request::get("20 summaries, filtered and sorted", page);
        requests.push(match items {
            0..=LARGE => request.at_least(1000).p99_within(50),
            _ => request.p95_within(150),
        });
        if items <= LARGE {
            let page = "/items?limit=20&fields=summary&sort=-createdAt&runsHere=true";
            requests.push(Request::get("20 summaries of what runs here", page).p99_within(50));
            let facets = "/items/facets?count=runsHere";
            requests.push(Request::get("facets, and how much runs here", facets).p99_within(50));
            let page = "/items?limit=20&fields=summary&sort=-success";
            requests.push(Request::get("20 summaries of what works here", page).p99_within(50));
        }
        if self.plan.is_real_size(items) {
            // Last: it makes the catalogue grow.
            requests.push(Request::post("POST /items", "/items").at_least(1320));
        }
        let load = Load {
            port: self.api.port,
            token: self.token,
            seconds: self.plan.seconds,
        };
        let mut rows = requests
            .into_iter()
            .map(|request| {
                println!("      {}", request.title);
                load.run(&request)
                    .map(|rate| Measured::rate(&request, rate))
            })
            .collect::<Result<Vec<_>>>()?;
        if self.plan.smoke || items == LARGE {
            let title = "GET /items/{id} beside costly keywords";
            let request = Request::get(title, format!("/items/{id}")).p99_within(250);
            println!("      {title}");
            let rate = self.beside_costly_questions(|| load.run(&request))?;
            rows.push(Measured::rate(&request, rate));
        }
        Ok(rows)
    }

    /// Does `work` while 32 clients ask what the search can least tell from its index.
    fn beside_costly_questions<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        const KEYWORD: &str = "a+e+i+o+t+n+s+r+l+c+d+u+m+p+g+h";
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for client in 0..32 {
                let path = match client % 2 {
                    0 => format!("/items?limit=20&fields=summary&keyword={KEYWORD}"),
                    _ => format!("/items/facets?keyword={KEYWORD}"),
                };
                let done = &done;
                scope.spawn(move || {
                    while !done.load(Ordering::Relaxed) {
                        // Some of them are told that there are too many.
                        let _ = self.api.get(&path, self.token);
                    }
                });
            }
            let result = work();
            done.store(true, Ordering::Relaxed);
            result
        })
    }
}
