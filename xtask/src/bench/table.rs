//! What was measured, as a table for people.

use std::fmt;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::load::{Rate, Request};

/// One row.
pub(super) struct Measured {
    what: String,
    value: String,
    budget: String,
    kept: Option<bool>,
    percentiles: [String; 3],
    bytes: String,
    stolen: String,
}

impl Measured {
    pub(super) fn start(took: Duration) -> Self {
        let kept = took <= Duration::from_millis(150);
        Self::plain(
            "start to first authenticated 200",
            milliseconds(took),
            "≤ 150 ms",
            kept,
        )
    }

    /// How long the lint takes for a protocol of 500 lines.
    pub(super) fn lint(took: Duration) -> Self {
        Self::plain(
            "secrets looked for in 500 lines",
            format!("{:.2} ms", took.as_secs_f64() * 1000.0),
            "≤ 2 ms",
            took <= Duration::from_millis(2),
        )
    }

    /// The size of the search index, as a multiple of the texts that it is of.
    pub(super) fn index_size(times: f64) -> Self {
        Self::plain(
            "size of the search index",
            format!("{times:.1} × its texts"),
            "≤ 10 × its texts",
            times <= 10.0,
        )
    }

    pub(super) fn idle_memory(bytes: u64) -> Self {
        Self::plain(
            "memory, idle",
            megabytes(bytes),
            "≤ 20 MB",
            bytes <= 20_000_000,
        )
    }

    pub(super) fn loaded_memory(bytes: u64) -> Self {
        Self::plain(
            "memory, most under load",
            megabytes(bytes),
            "≤ 64 MB",
            bytes <= 64_000_000,
        )
    }

    pub(super) fn rate(request: &Request, rate: Rate) -> Self {
        let mut budget = Vec::new();
        let mut kept = true;
        if let Some(asked) = request.budget.rate {
            budget.push(format!("≥ {asked}/s"));
            kept &= rate.per_second >= f64::from(asked);
        }
        for (name, asked, took) in [
            ("p95", request.budget.p95, rate.p95),
            ("p99", request.budget.p99, rate.p99),
        ] {
            if let Some(asked) = asked {
                budget.push(format!("{name} ≤ {asked} ms"));
                kept &= took <= Duration::from_millis(asked.into());
            }
        }
        Self {
            what: request.title.to_owned(),
            value: format!("{:.0}/s", rate.per_second),
            kept: (!budget.is_empty()).then_some(kept),
            budget: budget.join(", "),
            percentiles: [rate.p50, rate.p95, rate.p99].map(milliseconds),
            bytes: format!("{:.1} kB", rate.bytes / 1000.0),
            stolen: format!("{:.0} %", rate.stolen * 100.0),
        }
    }

    fn plain(what: &str, value: String, budget: &str, kept: bool) -> Self {
        Self {
            what: what.to_owned(),
            value,
            budget: budget.to_owned(),
            kept: Some(kept),
            percentiles: Default::default(),
            bytes: String::new(),
            stolen: String::new(),
        }
    }
}

/// All rows; shown as Markdown whose columns are aligned.
#[derive(Default)]
pub(super) struct Table(Vec<[String; 11]>);

const HEAD: [&str; 11] = [
    "database", "items", "what", "measured", "budget", "kept", "p50", "p95", "p99", "answer",
    "stolen",
];

impl Table {
    /// Adds a row that no database has to do with.
    pub(super) fn add_plain(&mut self, row: Measured) {
        self.push("", String::new(), row);
    }

    pub(super) fn add(&mut self, database: &str, items: u32, row: Measured) {
        self.push(database, items.to_string(), row);
    }

    fn push(&mut self, database: &str, items: String, row: Measured) {
        let [p50, p95, p99] = row.percentiles;
        let kept = match row.kept {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        self.0.push([
            database.to_owned(),
            items,
            row.what,
            row.value,
            row.budget,
            kept.to_owned(),
            p50,
            p95,
            p99,
            row.bytes,
            row.stolen,
        ]);
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The page that keeps these numbers.
    ///
    /// # Errors
    /// When the machine does not say what it is.
    pub(super) fn page(&self, seconds: u32) -> Result<String> {
        let cpu = std::fs::read_to_string("/proc/cpuinfo")?;
        let cpu = cpu.lines().find(|line| line.starts_with("model name"));
        let cpu = cpu
            .and_then(|line| line.split_once(": "))
            .map_or("unknown", |(_, name)| name);
        let cores = std::thread::available_parallelism()?;
        let memory = std::fs::read_to_string("/proc/meminfo")?;
        let memory: u64 = memory
            .lines()
            .next()
            .and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
            .unwrap_or_default();
        let date = Command::new("date").args(["-u", "+%F"]).output()?;
        let date = String::from_utf8(date.stdout)?;
        Ok(format!(
            "# Benchmarks\n\n\
             Measured on {} by\n\n    cargo xtask bench --write\n\n\
             on {cores} cores of {cpu} with {} GB of memory. The load generator (wrk, 8 connections, {seconds} seconds \
             a row after one second of warming up), the API and the database share them. PostgreSQL runs with its \
             default settings, SQLite with `synchronous=FULL`: what is answered 201 survives a power cut on both. Of \
             the start-up time the median of seven starts counts. A budget that is not kept on one machine may be kept \
             on another: compare rows of one page with each other. *Stolen* is what the host of a virtual machine gave \
             of the cores' time to others meanwhile: a row with much of it says little. Budgets of requests are meant \
             for PostgreSQL; on SQLite all writers wait for one disk, and a page is sorted by reading every item that \
             it is chosen from.\n\n{self}",
            date.trim(),
            memory / 1_000_000,
        ))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = HEAD.map(str::to_owned);
        let widths: Vec<usize> = (0..HEAD.len())
            .map(|column| {
                let cells = self
                    .0
                    .iter()
                    .chain([&head])
                    .map(|row| row[column].chars().count());
                cells.max().unwrap_or_default()
            })
            .collect();
        let mut line = |cells: &[String; 11]| {
            let cells = cells.iter().zip(&widths);
            let cells: Vec<_> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            writeln!(f, "| {} |", cells.join(" | "))
        };
        line(&head)?;
        line(&std::array::from_fn(|column| "-".repeat(widths[column])))?;
        self.0.iter().try_for_each(line)
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}
