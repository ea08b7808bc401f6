//! A PostgreSQL server that a test may take away.

use std::env;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::server::free_port;

/// A server of its own; killed when the test ends.
pub(crate) struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    running: Option<Child>,
}

impl Postgres {
    /// Makes an empty cluster and starts it.
    pub(crate) fn start() -> Self {
        let programs = programs().expect(
            "these tests want PostgreSQL's server: install it, or put its programs on PATH",
        );
        let folder = tempfile::tempdir().unwrap();
        if let Some((user, group)) = unprivileged() {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let mut postgres = Self {
            folder,
            programs,
            port: free_port(),
            running: None,
        };
        let data = postgres.data();
        let made = postgres
            .command("initdb")
            .args(["--username=postgres", "--auth=trust", "--locale=C.UTF-8"])
            .args(["--encoding=UTF8", "--no-sync", "--pgdata"])
            .arg(data)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success());
        postgres.start_again();
        postgres
    }

    /// Starts the server over the data that are there, and waits until it
    /// takes connections.
    pub(crate) fn start_again(&mut self) {
        let (data, port) = (self.data(), self.port);
        let server = self
            .command("postgres")
            .arg("-D")
            .arg(data)
            .args(["-c", &format!("port={port}")])
            .args(["-c", "listen_addresses=127.0.0.1,::1"])
            .args([
                "-c",
                &format!("unix_socket_directories={}", self.socket().display()),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.running = Some(server);
        let deadline = Instant::now() + Duration::from_mins(1);
        while !self.is_ready() {
            assert!(Instant::now() < deadline, "PostgreSQL did not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends the server as a crash would: connections break, nothing is
    /// written any more (`pg_ctl stop -m immediate`).
    pub(crate) fn crash(&mut self) {
        let Some(mut server) = self.running.take() else {
            return;
        };
        let id = server.id().to_string();
        Command::new("kill").args(["-QUIT", &id]).status().unwrap();
        server.wait().unwrap();
    }

    /// Where clients find it; `password` is not checked.
    pub(crate) fn url(&self, password: &str) -> String {
        format!(
            "postgres://postgres:{password}@127.0.0.1:{}/postgres",
            self.port
        )
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its socket.
    pub(crate) fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// Serves with this certificate and key from now on.
    pub(crate) fn use_certificate(&mut self, certificate: &str, key: &str) {
        self.crash();
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let file = self.data().join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            if let Some((user, group)) = unprivileged() {
                chown(&file, Some(user), Some(group)).unwrap();
            }
        }
        let mut configuration = fs::OpenOptions::new()
            .append(true)
            .open(self.data().join("postgresql.conf"))
            .unwrap();
        writeln!(configuration, "ssl = on").unwrap();
        self.start_again();
    }

    /// Lets this user in by password only, once the configuration is read again.
    pub(crate) fn want_passwords_of(&self, user: &str) {
        let file = self.data().join("pg_hba.conf");
        let rules = fs::read_to_string(&file).unwrap();
        let rule = |kind| format!("{kind} scram-sha-256\n");
        let ours = rule(format!("host all \"{user}\" 127.0.0.1/32"))
            + &rule(format!("local all \"{user}\""));
        fs::write(&file, ours + &rules).unwrap();
    }

    fn is_ready(&self) -> bool {
        self.command("pg_isready")
            .args([
                "--quiet",
                "--host=127.0.0.1",
                &format!("--port={}", self.port),
            ])
            .status()
            .is_ok_and(|status| status.success())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir("/").stdin(Stdio::null());
        if let Some((user, group)) = unprivileged() {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.crash();
    }
}

/// The folder of PostgreSQL's programs. Debian keeps the server's out of PATH,
/// in one folder for each version.
fn programs() -> Option<PathBuf> {
    let on_path = env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    env::split_paths(&on_path)
        .chain(debian.filter_map(|version| Some(version.ok()?.path().join("bin"))))
        .find(|folder| {
            has(folder, "initdb") && has(folder, "postgres") && has(folder, "pg_isready")
        })
}

fn has(folder: &Path, program: &str) -> bool {
    folder.join(program).is_file()
}

/// The user and group to become: PostgreSQL refuses to run as root.
pub(crate) fn unprivileged() -> Option<(u32, u32)> {
    let id = |args: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(args).output().ok()?;
        std::str::from_utf8(&output.stdout)
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    if id(&["-u"])? != 0 {
        return None;
    }
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)))
}
