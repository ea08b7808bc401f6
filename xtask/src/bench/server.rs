//! The servers that a benchmark needs.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use testkit::free_port;

use super::http::ask;
use crate::process::tethered;
use crate::service::{Service, answers};
use crate::workspace::Workspace;

/// How long a server may take until it answers.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Which build of the programs runs.
#[derive(Clone, Copy)]
pub(super) enum Build {
    /// As admins have it: what is measured.
    Release,
    /// As tests have it.
    Dev,
}

impl Build {
    pub(super) fn program(self, workspace: &Workspace, name: &str) -> PathBuf {
        match self {
            Self::Release => workspace.target.join("release").join(name),
            Self::Dev => workspace.program(name),
        }
    }

    /// How often a start is timed; the one in the middle counts.
    fn starts(self) -> usize {
        match self {
            Self::Release => 7,
            Self::Dev => 1,
        }
    }
}

/// A running stand-in OpenPAI.
pub(crate) struct Portal {
    _service: Service,
    port: u16,
}

impl Portal {
    pub(crate) fn start(workspace: &Workspace, program: &Path) -> Result<Self> {
        let port = free_port();
        let mut command = tethered(program);
        command.args(["--listen", &format!("127.0.0.1:{port}")]);
        let mut service =
            Service::start("stand-in OpenPAI", &mut command, workspace.log("openpai"))?;
        service.wait_until(START_LIMIT, || answers(port, "/"))?;
        Ok(Self {
            _service: service,
            port,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A token of the admin, who sees everything.
    pub(crate) fn token(&self) -> Result<String> {
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        let path = "/api/v2/authn/basic/login";
        let answer = ask(
            self.port,
            "POST",
            path,
            form,
            "username=admin&password=admin",
        )?;
        let answer: Value = serde_json::from_str(&answer)?;
        Ok(answer["token"]
            .as_str()
            .context("a login without a token")?
            .to_owned())
    }
}

/// A running API. Dropping it kills it.
pub(super) struct Api {
    child: Child,
    pub(super) port: u16,
}

impl Api {
    pub(super) fn start(
        workspace: &Workspace,
        build: Build,
        portal: &Portal,
        database: &str,
    ) -> Result<Self> {
        let api = Self::spawn(workspace, build, portal, database)?;
        let asked = Instant::now();
        while !answers(api.port, "/readyz") {
            ensure!(asked.elapsed() < START_LIMIT, "the API does not get ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(api)
    }

    fn spawn(workspace: &Workspace, build: Build, portal: &Portal, database: &str) -> Result<Self> {
        let port = free_port();
        let log = std::fs::File::create(workspace.log("bench-api"))?;
        // Not tethered: its memory and its start are measured, not setpriv's.
        let child = Command::new(build.program(workspace, "marketplace"))
            .arg("api")
            .env_clear()
            .env("PORT", port.to_string())
            .env("IDP_URL", portal.url())
            .env("DATABASE_URL", database)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start the API")?;
        Ok(Self { child, port })
    }

    pub(super) fn get(&self, path: &str, token: &str) -> Result<String> {
        ask(
            self.port,
            "GET",
            path,
            &format!("Authorization: Bearer {token}\r\n"),
            "",
        )
    }

    /// The id of some item.
    pub(super) fn some_id(&self, token: &str) -> Result<String> {
        let items = self.get("/items?limit=1&fields=summary&sort=name", token)?;
        let items: Value = serde_json::from_str(&items)?;
        let id = items[0]["id"].as_str();
        Ok(id.context("the catalogue has no item")?.to_owned())
    }

    /// Bytes in memory now.
    pub(super) fn memory(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// The most bytes that were ever in memory.
    pub(super) fn peak_memory(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    fn status(&self, field: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .context("memory is measured on Linux only")?;
        let value = status.lines().find_map(|line| line.strip_prefix(field));
        let value = value.and_then(|value| value.split_whitespace().next());
        Ok(value.context("the API has ended")?.parse::<u64>()? * 1024)
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// From the start of the process to its first answer 200 to somebody who is
/// signed in, on a database that is ready.
pub(super) fn median_start(
    workspace: &Workspace,
    build: Build,
    portal: &Portal,
    database: &str,
    token: &str,
) -> Result<Duration> {
    // The first one may still migrate.
    drop(Api::start(workspace, build, portal, database)?);
    let mut starts = Vec::new();
    for _ in 0..build.starts() {
        let started = Instant::now();
        let api = Api::spawn(workspace, build, portal, database)?;
        while api.get("/tags", token).is_err() {
            ensure!(started.elapsed() < START_LIMIT, "the API does not answer");
            std::thread::sleep(Duration::from_millis(1));
        }
        starts.push(started.elapsed());
    }
    starts.sort_unstable();
    Ok(starts[starts.len() / 2])
}
