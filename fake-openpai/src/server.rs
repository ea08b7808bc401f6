use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use poem::listener::TcpAcceptor;
use poem::{Endpoint, EndpointExt, IntoEndpoint, Route, Server};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::cluster::{Cluster, Plugin};
use crate::control;
use crate::faults::{self, Fault};
use crate::hardware::Scheduler;
use crate::jobs::Change;
use crate::limits::Limits;
use crate::pages;
use crate::rest;
use crate::tokens::TOKEN_LIFETIME;

/// How long a request under way may take to finish once the server stops.
const GRACE: Duration = Duration::from_millis(250);

/// How to start a [`FakeOpenPai`].
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The address of the marketplace's `plugin.js`. Without it the portal has
    /// no plugins.
    pub plugin_uri: Option<String>,
    /// The plugin's `config`, which the portal appends to its address as a
    /// query string (docs/contract.md#1-the-portal-and-pluginjs).
    pub plugin_config: Vec<(String, String)>,
    /// A `node_modules` folder with the style sheets and scripts of a real
    /// portal. Pages use a plain style sheet in place of what is missing.
    pub assets: Option<PathBuf>,
    /// The key that signs tokens; a random one lasts as long as the server.
    pub key: Option<String>,
    /// Who decides where jobs run.
    pub scheduler: Scheduler,
    /// How often somebody may call.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            plugin_uri: None,
            plugin_config: Vec::new(),
            assets: None,
            key: None,
            scheduler: Scheduler::default(),
            limits: Limits::default(),
        }
    }
}

/// A running stand-in. Dropping it closes its port as soon as the runtime gets
/// to it; [`FakeOpenPai::stop`] waits until that is done.
pub struct FakeOpenPai {
    url: String,
    cluster: Arc<Cluster>,
    task: JoinHandle<io::Result<()>>,
    // The server stops when this sender is used or dropped.
    stop: oneshot::Sender<()>,
}

impl FakeOpenPai {
    /// Starts the server on the current Tokio runtime. Once this returns, the
    /// port is open.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let plugins = config
            .plugin_uri
            .map(|uri| Plugin::marketplace(uri, config.plugin_config))
            .into_iter()
            .collect();
        let cluster = Arc::new(Cluster::new(
            config.key,
            plugins,
            config.assets,
            config.scheduler,
            config.limits,
        ));
        let (stop, stopped) = oneshot::channel();
        let server = Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?)
            .run_with_graceful_shutdown(
                endpoint(cluster.clone()),
                async {
                    stopped.await.ok();
                },
                Some(GRACE),
            );
        Ok(Self {
            url,
            cluster,
            task: tokio::spawn(server),
            stop,
        })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end: the portal, and
    /// what the marketplace API takes as `IDP_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A token as the login gives it, good for seven days. The user need not
    /// exist: so tests get the token of an account that was deleted since.
    pub fn token(&self, user: &str) -> String {
        self.token_with_lifetime(user, TOKEN_LIFETIME)
    }

    /// A token that expires `seconds` from now, or did so in the past if
    /// negative.
    pub fn token_with_lifetime(&self, user: &str, seconds: i64) -> String {
        self.cluster.tokens.issue(user, seconds)
    }

    /// From now on the token is refused. Other tokens of the user stay good.
    pub fn revoke(&self, token: &str) {
        self.cluster.tokens.revoke(token);
    }

    /// From now on requests to paths that begin with `path_prefix` meet this
    /// fault, in place of an earlier one for the same prefix. Where several
    /// prefixes match, the longest counts.
    pub fn set_fault(&self, path_prefix: &str, fault: Fault) {
        self.cluster.faults.set(path_prefix, fault);
    }

    /// Everything works again.
    pub fn clear_faults(&self) {
        self.cluster.faults.clear();
    }

    /// Changes the job `user~name`. Whether there is one that has not ended.
    pub fn change_job(&self, id: &str, change: &Change) -> bool {
        self.cluster.jobs.change(id, change) == Some(true)
    }

    /// Other limits from now on; what was counted so far is forgotten.
    pub fn set_limits(&self, limits: Limits) {
        self.cluster.counts.set(limits);
    }

    /// How many requests to paths that begin with `path_prefix` came in so
    /// far, those that met a fault included, preflights not.
    pub fn calls(&self, path_prefix: &str) -> usize {
        self.cluster.faults.calls(path_prefix)
    }

    /// Stops the server and waits until its port is closed. Requests that are
    /// still under way get a quarter of a second.
    pub async fn stop(self) {
        drop(self.stop);
        // The server can only end by itself or by a panic; either way it is gone.
        self.task.await.ok();
    }
}

/// Everything behind the port.
pub(crate) fn endpoint(cluster: Arc<Cluster>) -> impl Endpoint + 'static {
    Route::new()
        .nest("/api/v2", rest::routes())
        .nest("/__faults", faults::routes())
        .nest("/__jobs", control::jobs())
        .nest("/__limits", control::limits())
        .nest("/", pages::routes())
        .around(faults::strike)
        .around(rest::allow_any_origin)
        .data(Arc::clone(&cluster.faults))
        .data(cluster)
        .into_endpoint()
}
