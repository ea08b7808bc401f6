//! A private PostgreSQL server for one run of the tests.

use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use testkit::postgres::Cluster;

use crate::process::tethered;
use crate::service::Service;
use crate::workspace::Workspace;

/// A running server with an empty cluster. Dropping it stops the server and
/// removes the data.
pub(crate) struct Postgres {
    // In this order: the server stops before its folder goes.
    _server: Service,
    cluster: Cluster,
}

impl Postgres {
    /// Makes a cluster and starts a server on a free port of the loopback
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

    fn start_with(workspace: &Workspace, settings: &[&str]) -> Result<Self> {
        let cluster = Cluster::new().context("PostgreSQL cannot be started")?;
        let doing = "preparing PostgreSQL's data";
        workspace.quietly("initdb", doing, &mut cluster.initdb())?;
        let mut server = cluster.server(|program| tethered(program), settings);
        let log = workspace.log("postgres");
        let mut server = Service::start("PostgreSQL server", &mut server, log)?
            // SIGTERM would wait until the last client has left.
            .stopped_by(Signal::INT);
        server.wait_until(Duration::from_mins(1), || cluster.is_ready())?;
        Ok(Self {
            _server: server,
            cluster,
        })
    }

    /// Where clients find it, as a superuser who may create databases.
    pub(crate) fn url(&self) -> String {
        self.cluster.url(None)
    }
}
