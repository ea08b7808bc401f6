//! A PostgreSQL server that a test may take away.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testkit::postgres::Cluster;

/// A server of its own; killed when the test ends.
pub(crate) struct Postgres {
    cluster: Cluster,
    running: Option<Child>,
}

impl Postgres {
    /// Makes an empty cluster and starts it.
    pub(crate) fn start() -> Self {
        let cluster = Cluster::new().expect("a folder for PostgreSQL");
        let made = cluster.initdb().stdout(Stdio::null()).status().unwrap();
        assert!(made.success());
        let mut postgres = Self {
            cluster,
            running: None,
        };
        postgres.start_again();
        postgres
    }

    /// Starts the server over the data that are there, and waits until it
    /// takes connections.
    pub(crate) fn start_again(&mut self) {
        let server = self
            .cluster
            .server(|program| Command::new(program), &[])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.running = Some(server);
        let deadline = Instant::now() + Duration::from_mins(1);
        while !self.cluster.is_ready() {
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
        self.cluster.url(Some(password))
    }

    pub(crate) fn port(&self) -> u16 {
        self.cluster.port()
    }

    /// The folder of its socket.
    pub(crate) fn socket(&self) -> &Path {
        self.cluster.socket()
    }

    /// Serves with this certificate and key from now on.
    pub(crate) fn use_certificate(&mut self, certificate: &str, key: &str) {
        self.crash();
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let file = self.cluster.data().join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            Cluster::hand_over(&file).unwrap();
        }
        let mut configuration = fs::OpenOptions::new()
            .append(true)
            .open(self.cluster.data().join("postgresql.conf"))
            .unwrap();
        writeln!(configuration, "ssl = on").unwrap();
        self.start_again();
    }

    /// Lets this user in by password only, once the configuration is read again.
    pub(crate) fn want_passwords_of(&self, user: &str) {
        let file = self.cluster.data().join("pg_hba.conf");
        let rules = fs::read_to_string(&file).unwrap();
        let rule = |kind| format!("{kind} scram-sha-256\n");
        let ours = rule(format!("host all \"{user}\" 127.0.0.1/32"))
            + &rule(format!("local all \"{user}\""));
        fs::write(&file, ours + &rules).unwrap();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.crash();
    }
}
