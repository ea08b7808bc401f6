//! Private PostgreSQL servers. What is here makes the commands; who uses it starts,
//! watches and ends the server in its own way.

use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::free_port;

/// Where Debian keeps its programs, a folder for each version, out of `PATH`.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A folder for an empty cluster, and the port of its server. The folder goes when
/// this is dropped; the server must have ended before.
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes the folder, outside of the clone, which another user might not be able to
    /// reach.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or the folder cannot be handed to a user who
    /// may run it.
    pub fn new() -> io::Result<Self> {
        let programs = programs().ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "PostgreSQL's server is not installed, or its programs are not on PATH",
            )
        })?;
        let folder = tempfile::Builder::new()
            .prefix("marketplace-postgres-")
            .tempdir()?;
        if rustix::process::geteuid().is_root() && unprivileged().is_none() {
            return Err(io::Error::other(
                "PostgreSQL refuses to run as root, and there is no user postgres or nobody",
            ));
        }
        let cluster = Self {
            folder,
            programs,
            port: free_port(),
        };
        Self::hand_over(cluster.folder.path())?;
        Ok(cluster)
    }

    /// The command that fills the folder. Letters and their order are the same on all
    /// machines, with upper and lower case beyond ASCII.
    pub fn initdb(&self) -> Command {
        let mut command = as_owner(Command::new(self.programs.join("initdb")));
        command
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--locale=C.UTF-8", "--no-sync", "--pgdata"])
            .arg(self.data());
        command
    }

    /// The command that serves what is there, on the loopback interface and on a
    /// socket in the folder, with further settings such as `fsync=off`. `launch` makes
    /// it of the program.
    pub fn server(&self, launch: impl FnOnce(&Path) -> Command, settings: &[&str]) -> Command {
        let mut command = as_owner(launch(&self.programs.join("postgres")));
        command
            .arg("-D")
            .arg(self.data())
            .args(["-c", &format!("port={}", self.port)])
            .args(["-c", "listen_addresses=127.0.0.1,::1"])
            // Many tests at once, each with a pool for its own database.
            .args(["-c", "max_connections=300"])
            .arg("-c")
            .arg(format!(
                "unix_socket_directories={}",
                self.folder.path().display()
            ));
        for setting in settings {
            command.args(["-c", setting]);
        }
        command
    }

    /// Whether the server takes connections.
    pub fn is_ready(&self) -> bool {
        Command::new(self.programs.join("pg_isready"))
            .args(["--quiet", "--host=127.0.0.1"])
            .arg(format!("--port={}", self.port))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Where clients find it, as a superuser who may create databases. A password is
    /// not checked.
    pub fn url(&self, password: Option<&str>) -> String {
        let password = password.map_or(String::new(), |word| format!(":{word}"));
        let port = self.port;
        format!("postgres://postgres{password}@127.0.0.1:{port}/postgres")
    }

    /// Where it listens, once it runs.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its socket.
    pub fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of its data and configuration.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Makes a file the server's own.
    ///
    /// # Errors
    /// When that is not allowed.
    pub fn hand_over(file: &Path) -> io::Result<()> {
        match unprivileged() {
            Some((user, group)) => chown(file, Some(user), Some(group)),
            None => Ok(()),
        }
    }
}

/// A command of the user who owns the data.
fn as_owner(mut command: Command) -> Command {
    command.current_dir("/").stdin(Stdio::null());
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    command
}

/// The folder of PostgreSQL's programs: the one on `PATH`, or else the newest that
/// Debian keeps.
pub fn programs() -> Option<PathBuf> {
    let is_whole = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_isready"]
            .iter()
            .all(|program| folder.join(program).is_file())
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Beside what a link on `PATH` leads to are all the others.
    let on_path = std::env::split_paths(&path)
        .filter_map(|folder| folder.join("postgres").canonicalize().ok())
        .filter_map(|program| program.parent().map(Path::to_path_buf))
        .find(is_whole);
    on_path.or_else(|| {
        std::fs::read_dir(DEBIAN)
            .ok()?
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let version: u32 = entry.file_name().to_str()?.parse().ok()?;
                Some((version, entry.path().join("bin")))
            })
            .filter(|(_, folder)| is_whole(folder))
            .max()
            .map(|(_, folder)| folder)
    })
}

/// The user and group that root becomes for PostgreSQL, which refuses to run as root;
/// none for others.
pub fn unprivileged() -> Option<(u32, u32)> {
    let id = |option: &str, user: &str| -> Option<u32> {
        let output = Command::new("id").args([option, user]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|user| Some((id("-u", user)?, id("-g", user)?)))
}
