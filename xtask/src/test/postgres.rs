//! A private PostgreSQL server for one run of the tests.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::tethered;
use crate::service::Service;
use crate::setup::Program;
use crate::workspace::Workspace;

/// A running server with an empty cluster. Dropping it stops the server and
/// removes the data.
pub(crate) struct Postgres {
    // In this order: the server stops before its folder goes.
    _server: Service,
    _folder: TempDir,
    port: u16,
}

impl Postgres {
    /// Makes a cluster outside the clone, which another user might not be
    /// able to reach, and starts a server on a free port of the loopback
    /// interface.
    ///
    /// # Errors
    /// When PostgreSQL's programs fail.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        // The data does not outlive the run: it need not survive a crash.
        let careless = [
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
        ];
        Self::start_with(workspace, &careless)
    }

    /// The same, but what is written survives a crash, as in operation.
    pub(crate) fn start_durable(workspace: &Workspace) -> Result<Self> {
        Self::start_with(workspace, &[])
    }

    fn start_with(workspace: &Workspace, more_settings: &[&str]) -> Result<Self> {
        let postgres = Program::Postgres.path()?;
        let folder = tempfile::Builder::new()
            .prefix("marketplace-postgres-")
            .tempdir()?;
        let owner = Owner::choose()?;
        if let Owner::Other { user, group } = owner {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let data = folder.path().join("data");

        let mut initdb = owner.command(Command::new(postgres.with_file_name("initdb")));
        initdb
            .current_dir("/")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            // The same order and letters everywhere, and upper and lower
            // case known beyond ASCII.
            .args(["--locale=C.UTF-8", "--no-sync", "--pgdata"])
            .arg(&data);
        workspace.quietly("initdb", "preparing PostgreSQL's data", &mut initdb)?;

        let port = free_port()?;
        let mut server = owner.command(tethered(&postgres));
        server.current_dir("/").arg("-D").arg(&data);
        for setting in settings(port) {
            server.args(["-c", &setting]);
        }
        for setting in more_settings {
            server.args(["-c", setting]);
        }
        let mut server =
            Service::start("PostgreSQL server", &mut server, workspace.log("postgres"))?
                // SIGTERM would wait until the last client has left.
                .stopped_by(Signal::INT);
        let pg_isready = postgres.with_file_name("pg_isready");
        ensure!(
            pg_isready.is_file(),
            "PostgreSQL's client programs are not installed"
        );
        server.wait_until(Duration::from_mins(1), || accepts(&pg_isready, port))?;
        Ok(Self {
            _server: server,
            _folder: folder,
            port,
        })
    }

    /// Where clients find it, as a superuser who may create databases.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

fn settings(port: u16) -> [String; 4] {
    [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        // Many tests at once, each with a pool for its own database.
        "max_connections=300".to_owned(),
    ]
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

fn accepts(pg_isready: &Path, port: u16) -> bool {
    Command::new(pg_isready)
        .args(["--quiet", "--host=127.0.0.1", &format!("--port={port}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whose processes the server's are. PostgreSQL refuses to run as root.
#[derive(Clone, Copy)]
enum Owner {
    Ourselves,
    Other { user: u32, group: u32 },
}

impl Owner {
    fn choose() -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Ourselves);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| {
                Some(Self::Other {
                    user: id("-u", name)?,
                    group: id("-g", name)?,
                })
            })
            .context("PostgreSQL refuses to run as root, and there is no user postgres or nobody")
    }

    fn command(self, mut command: Command) -> Command {
        if let Self::Other { user, group } = self {
            command.uid(user).gid(group);
        }
        command
    }
}

fn id(option: &str, user: &str) -> Option<u32> {
    let output = Command::new("id").args([option, user]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
