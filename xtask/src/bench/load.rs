//! Load from wrk: 8 connections that ask as fast as they are answered.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::setup::Program;

const CONNECTIONS: &str = "8";

/// What wrk runs.
const SCRIPT: &str = include_str!("load.lua");

/// A protocol of usual length, and `@` where each request differs.
const NEW_ITEM: &str = concat!(
    r#"{"name":"bench @","author":"admin","summary":"Written by a benchmark","protocol":""#,
    r"protocolVersion: 2\nname: bench_@\ntype: job\nprerequisites:\n  - {name: image, type: dockerimage, ",
    r"uri: 'ubuntu:22.04'}\ntaskRoles:\n  main:\n    dockerImage: image\n    resourcePerInstance: ",
    r"{cpu: 1, memoryMB: 1024, gpu: 0}\n    commands: [echo hello]\n",
    r#"","tags":["bench"]}"#
);

/// Where load goes.
pub(super) struct Load<'a> {
    pub(super) port: u16,
    pub(super) token: &'a str,
    /// How long each measurement lasts.
    pub(super) seconds: u32,
}

/// A request to repeat, and what is asked of the server.
pub(super) struct Request {
    pub(super) title: &'static str,
    pub(super) budget: Budget,
    path: String,
    body: Option<&'static str>,
}

/// What is asked of the server; nothing, if nothing is set.
#[derive(Clone, Copy, Default)]
pub(super) struct Budget {
    /// Requests a second.
    pub(super) rate: Option<u32>,
    /// Milliseconds within which 95 of 100 are answered.
    pub(super) p95: Option<u32>,
    /// Milliseconds within which 99 of 100 are answered.
    pub(super) p99: Option<u32>,
}

impl Request {
    pub(super) fn get(title: &'static str, path: impl Into<String>) -> Self {
        Self {
            title,
            budget: Budget::default(),
            path: path.into(),
            body: None,
        }
    }

    pub(super) fn post(title: &'static str, path: &str) -> Self {
        Self {
            body: Some(NEW_ITEM),
            ..Self::get(title, path)
        }
    }

    pub(super) fn at_least(mut self, rate: u32) -> Self {
        self.budget.rate = Some(rate);
        self
    }

    pub(super) fn p95_within(mut self, milliseconds: u32) -> Self {
        self.budget.p95 = Some(milliseconds);
        self
    }

    pub(super) fn p99_within(mut self, milliseconds: u32) -> Self {
        self.budget.p99 = Some(milliseconds);
        self
    }
}

/// How a server did.
pub(super) struct Rate {
    pub(super) per_second: f64,
    pub(super) p50: Duration,
    pub(super) p95: Duration,
    pub(super) p99: Duration,
    /// Bytes of one answer, headers included.
    pub(super) bytes: f64,
    /// Which part of the cores' time others got meanwhile, on a machine that is a
    /// guest of another.
    pub(super) stolen: f64,
}

impl Load<'_> {
    /// # Errors
    /// When wrk fails, or any request did or was not answered 2xx.
    pub(super) fn run(&self, request: &Request) -> Result<Rate> {
        // The first second warms caches and connections.
        self.wrk(request, 1)?;
        self.wrk(request, self.seconds)
    }

    fn wrk(&self, request: &Request, seconds: u32) -> Result<Rate> {
        let script = tempfile::Builder::new().suffix(".lua").tempfile()?;
        std::fs::write(script.path(), SCRIPT)?;
        let before = CoreTime::until_now()?;
        let output = Command::new(Program::Wrk.path()?)
            .args(["--threads=1", &format!("--connections={CONNECTIONS}")])
            .args([
                &format!("--duration={seconds}s"),
                "--timeout=30s",
                "--latency",
                "--script",
            ])
            .arg(script.path())
            .arg(format!("http://127.0.0.1:{}{}", self.port, request.path))
            .env("TOKEN", self.token)
            .env(
                "METHOD",
                if request.body.is_some() {
                    "POST"
                } else {
                    "GET"
                },
            )
            .env("BODY", request.body.unwrap_or_default())
            .stderr(Stdio::inherit())
            .output()?;
        let stolen = CoreTime::until_now()?.stolen_since(&before);
        let output = String::from_utf8(output.stdout)?;
        let line = output.lines().find_map(|line| line.strip_prefix("result "));
        let line = line.with_context(|| format!("wrk gave no result:\n{output}"))?;
        let numbers: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [requests, took, failed, bytes, p50, p95, p99] = numbers[..] else {
            anyhow::bail!("wrk's result has another shape: {line}");
        };
        ensure!(
            failed < 1.0 && requests >= 1.0,
            "{}: {failed} of {requests} requests failed",
            request.title
        );
        let microseconds = |number: f64| Duration::from_secs_f64(number / 1e6);
        Ok(Rate {
            per_second: requests * 1e6 / took,
            p50: microseconds(p50),
            p95: microseconds(p95),
            p99: microseconds(p99),
            bytes: bytes / requests,
            stolen,
        })
    }
}

/// What the cores have done with their time, in ticks.
struct CoreTime(Vec<f64>);

impl CoreTime {
    /// The eighth number of `/proc/stat`'s first line; those after it are part of
    /// the first two.
    const STOLEN: usize = 7;

    fn until_now() -> Result<Self> {
        let stat = std::fs::read_to_string("/proc/stat")?;
        let line = stat.lines().next().unwrap_or_default();
        let ticks = line.split_whitespace().skip(1).take(Self::STOLEN + 1);
        let ticks: Vec<f64> = ticks.map(str::parse).collect::<Result<_, _>>()?;
        ensure!(
            ticks.len() > Self::STOLEN,
            "/proc/stat has another shape: {line}"
        );
        Ok(Self(ticks))
    }

    fn stolen_since(&self, before: &Self) -> f64 {
        let all = self.0.iter().sum::<f64>() - before.0.iter().sum::<f64>();
        (self.0[Self::STOLEN] - before.0[Self::STOLEN]) / all.max(1.0)
    }
}
