//! The API as a process of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use fake_openpai::FakeOpenPai;
use testkit::free_port;

/// A running API; killed when the test ends.
pub(crate) struct Server {
    child: Child,
    log: PathBuf,
    pub(crate) url: String,
}

impl Server {
    /// Starts one and waits until it is ready. Its settings are these alone;
    /// without `DATABASE_URL` its database is a file in the folder.
    pub(crate) async fn start(
        folder: &Path,
        openpai: &FakeOpenPai,
        settings: &[(&str, &str)],
    ) -> Self {
        let program = Command::new(env!("CARGO_BIN_EXE_marketplace"));
        let idp = [("IDP_URL", openpai.url())];
        let settings = [&idp, settings].concat();
        Self::start_program(program, "api", folder, &settings).await
    }

    /// The same at a port of one that has ended.
    pub(crate) async fn start_at(
        port: u16,
        folder: &Path,
        openpai: &FakeOpenPai,
        settings: &[(&str, &str)],
    ) -> Self {
        let port = port.to_string();
        Self::start(folder, openpai, &[&[("PORT", &*port)], settings].concat()).await
    }

    /// The same, but to write past a limit on the size of files does not end it.
    pub(crate) async fn start_beyond_limits(folder: &Path, openpai: &FakeOpenPai) -> Self {
        let mut program = Command::new("/bin/sh");
        program.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
        program.arg(env!("CARGO_BIN_EXE_marketplace"));
        let settings = [("IDP_URL", openpai.url())];
        Self::start_program(program, "api", folder, &settings).await
    }

    /// Starts `api` or `webportal` with so many file descriptors.
    pub(crate) async fn start_limited(
        kind: &str,
        folder: &Path,
        settings: &[(&str, &str)],
        descriptors: Option<u32>,
    ) -> Self {
        let limit = descriptors.map_or(String::new(), |count| format!("ulimit -n {count} && "));
        let mut program = Command::new("/bin/sh");
        program.args(["-c", &format!("{limit}exec \"$0\" \"$@\"")]);
        program.arg(env!("CARGO_BIN_EXE_marketplace"));
        Self::start_program(program, kind, folder, settings).await
    }

    /// Starts `api` with these settings alone, and waits for no more than that it
    /// listens.
    pub(crate) async fn start_unready(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let program = Command::new(env!("CARGO_BIN_EXE_marketplace"));
        let mut server = Self::spawn(program, "api", folder, settings);
        server
            .wait_until("/healthz", |status, _| status == 200)
            .await;
        server
    }

    async fn start_program(
        program: Command,
        kind: &str,
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> Self {
        let mut server = Self::spawn(program, kind, folder, settings);
        let ready = if kind == "api" { "/readyz" } else { "/healthz" };
        server.wait_until(ready, |status, _| status == 200).await;
        server
    }

    /// Starts a program with these settings, and waits for nothing.
    pub(crate) fn spawn(
        mut program: Command,
        kind: &str,
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let given = settings
            .iter()
            .find(|(name, port)| *name == "PORT" && !port.is_empty());
        let port = given.map_or_else(free_port, |(_, port)| port.parse().unwrap());
        let address = settings
            .iter()
            .find(|(name, address)| *name == "LISTEN_ADDRESS" && !address.is_empty());
        let host = address.map_or("127.0.0.1".to_owned(), |(_, six)| format!("[{six}]"));
        let log = folder.join(format!("{kind}-{port}.log"));
        let file = File::create(&log).unwrap();
        let child = program
            .arg(kind)
            .env_clear()
            .current_dir(folder)
            .env("PORT", port.to_string())
            .env("SERVER_PORT", port.to_string())
            .env("DRAIN_TIME", "0")
            .envs(settings.iter().copied())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            log,
            url: format!("http://{host}:{port}"),
        }
    }

    /// Waits for an answer of this kind.
    pub(crate) async fn wait_until(&mut self, path: &str, wanted: impl Fn(u16, &str) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let answer = self.get(path).await;
            if answer
                .as_ref()
                .is_some_and(|(status, text)| wanted(*status, text))
            {
                return;
            }
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "the server ended: {}",
                self.log()
            );
            assert!(
                Instant::now() < deadline,
                "the server did not get ready: {answer:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until it has ended by itself, and answers its exit code.
    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it goes on: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What `/readyz` says, if anything.
    pub(crate) async fn readiness(&self) -> Option<(u16, String)> {
        self.get("/readyz").await
    }

    /// What it answers without a token, if anything.
    pub(crate) async fn get(&self, path: &str) -> Option<(u16, String)> {
        let answer = reqwest::get(format!("{}{path}", self.url)).await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.text().await.ok()?))
    }

    /// All that it has written.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The address without `http://`.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Seconds of processor time that it has used.
    pub(crate) fn processor_time(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after_name = stat.rsplit_once(')').unwrap().1;
        let ticks = after_name.split_whitespace().skip(11).take(2);
        // Linux counts a hundred ticks a second.
        ticks
            .map(|ticks| ticks.parse::<f64>().unwrap())
            .sum::<f64>()
            / 100.0
    }

    /// Megabytes of memory that are its own; what is mapped of its program, large
    /// in a debug build, is not counted.
    pub(crate) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"));
        let kilobytes = line.and_then(|line| line.trim().split(' ').next()).unwrap();
        kilobytes.parse::<u64>().unwrap() / 1024
    }

    /// Sends a signal, such as TERM.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args([format!("-{name}"), id]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "the server does not end: {}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends it by SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
