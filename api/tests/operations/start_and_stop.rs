//! What both servers say when they are there, and when they are gone.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use testkit::postgres::unprivileged;

use crate::postgres::Postgres;

/// A server of either kind, on a port that the system chooses; killed when the test
/// ends.
struct Running {
    child: Child,
    log: std::path::PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(folder: &Path, command: &str, settings: &[(&str, &str)]) -> Self {
        let log = folder.join(format!("{command}.log"));
        let file = File::create(&log).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_marketplace"))
            .arg(command)
            .env_clear()
            .current_dir(folder)
            .envs([
                ("PORT", "0"),
                ("SERVER_PORT", "0"),
                ("DRAIN_TIME", "0"),
                ("LOG_FORMAT", "json"),
                ("IDP_URL", "http://127.0.0.1:9"),
            ])
            .envs(settings.iter().copied())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, log }
    }

    /// Waits for the line with this message.
    fn line(&mut self, message: &str) -> Value {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let text = fs::read_to_string(&self.log).unwrap();
            let mut lines = text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok());
            if let Some(line) = lines.find(|line: &Value| line["message"] == message) {
                return line;
            }
            assert!(Instant::now() < deadline, "no line `{message}`: {text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Reads where it listens, connects, and stops it.
    fn check(&mut self, message: &str) -> Value {
        let line = self.line(message);
        assert_eq!(line["level"], "INFO");
        let address = line["address"].as_str().unwrap();
        // By IPv6 where there is any.
        let (_, port) = address.rsplit_once(':').unwrap();
        let everywhere = [format!("[::]:{port}"), format!("0.0.0.0:{port}")];
        assert!(everywhere.contains(&address.to_owned()), "{address}");
        TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        assert_eq!(self.line("stopped")["level"], "INFO");
        assert!(self.child.wait().unwrap().success());
        line
    }
}

fn plugin(folder: &Path) {
    fs::create_dir_all(folder.join("dist")).unwrap();
    fs::write(folder.join("dist/plugin.js"), "const api = \"\";").unwrap();
}

#[test]
fn the_api_says_where_it_listens_and_which_database_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let line = Running::start(folder.path(), "api", &[]).check("the API is ready");
    assert_eq!(line["database"], "SQLite file data/marketplace.db");

    let postgres = Postgres::start();
    let url = postgres.url("hush");
    let mut server = Running::start(folder.path(), "api", &[("DATABASE_URL", &url)]);
    let line = server.check("the API is ready");
    let expected = format!("PostgreSQL at 127.0.0.1:{}/postgres", postgres.port());
    assert_eq!(line["database"], Value::from(expected));
    assert!(!line.to_string().contains("hush"), "{line}");
}

#[test]
fn the_file_server_says_where_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    plugin(folder.path());
    let line = Running::start(folder.path(), "webportal", &[]).check("the plugin is ready");
    assert_eq!(line["folder"], "dist");
}

/// Whoever is not root gets a port below 1024 where the system says so alone.
#[cfg(target_os = "linux")]
#[test]
fn a_port_below_1024_is_told_to_whoever_may_not_have_it() {
    let first = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap();
    let is_free = first.trim().parse::<u16>().unwrap() <= 81;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_marketplace"));
    let settings = [("PORT", "81"), ("IDP_URL", "http://127.0.0.1:9")];
    command.arg("api").env_clear().envs(settings);
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    if is_free {
        command.env("DATABASE_URL", "sqlite:///nonexistent/x.db");
    }
    let output = command.current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert_ne!(
        is_free,
        text.contains("set PORT to one above 1023"),
        "{text}"
    );
}

#[test]
fn a_port_that_is_taken_is_told_and_nobody_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    plugin(folder.path());
    let taken = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (command, setting) in [("api", "PORT"), ("webportal", "SERVER_PORT")] {
        let mut server = Running::start(folder.path(), command, &[(setting, &port)]);
        assert_eq!(server.child.wait().unwrap().code(), Some(2));
        let text = fs::read_to_string(&server.log).unwrap();
        assert!(!text.contains("is ready"), "{text}");
        let parts = [
            format!("port {port} is taken"),
            format!("set {setting} to another"),
            "cannot listen on".to_owned(),
            format!(":{port}, which {setting} names"),
        ];
        for part in parts {
            assert!(text.contains(&part), "{part}: {text}");
        }
    }
}
