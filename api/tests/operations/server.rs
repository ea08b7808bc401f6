//! The API as a process of its own.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fake_openpai::FakeOpenPai;

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
        Self::start_program(program, folder, openpai, settings).await
    }

    /// The same, but to write past a limit on the size of files does not end it.
    pub(crate) async fn start_beyond_limits(folder: &Path, openpai: &FakeOpenPai) -> Self {
        let mut program = Command::new("/bin/sh");
        program.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
        program.arg(env!("CARGO_BIN_EXE_marketplace"));
        Self::start_program(program, folder, openpai, &[]).await
    }

    async fn start_program(
        mut program: Command,
        folder: &Path,
        openpai: &FakeOpenPai,
        settings: &[(&str, &str)],
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let port = free_port();
        let log = folder.join(format!("api-{port}.log"));
        let file = File::create(&log).unwrap();
        let child = program
            .arg("api")
            .env_clear()
            .current_dir(folder)
            .env("PORT", port.to_string())
            .env("IDP_URL", openpai.url())
            .envs(settings.iter().copied())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self {
            child,
            log,
            url: format!("http://127.0.0.1:{port}"),
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        while server
            .readiness()
            .await
            .is_none_or(|(status, _)| status != 200)
        {
            assert!(
                server.child.try_wait().unwrap().is_none(),
                "the server ended: {}",
                server.log()
            );
            assert!(Instant::now() < deadline, "the server did not get ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }

    /// What `/readyz` says, if anything.
    pub(crate) async fn readiness(&self) -> Option<(u16, String)> {
        let answer = reqwest::get(format!("{}/readyz", self.url)).await.ok()?;
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

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port()
}
