//! What the server counts about itself, in Prometheus' text format.
//!
//! Labels have few values: a route is its pattern, never an address, and
//! nobody's name is among them. So `/metrics` wants no token, and its size
//! depends on the number of routes, not on what clients send.

use std::time::Duration;

use poem::http::{Method, StatusCode};
use prometheus::{HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

use crate::auth::Authenticator;
use crate::instruments::{counter, gauge, histogram, register};
use crate::openpai::OpenPai;
use store::Store;

/// The label `method` of methods that HTTP does not define.
const OTHER_METHOD: &str = "(other)";

/// The server's own figures; cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    duration: HistogramVec,
    in_flight: IntGauge,
    connections: IntGauge,
    idle_connections: IntGauge,
    tokens: IntGauge,
    store: Store,
    authenticator: Authenticator,
}

/// A request that is being answered; it counts until this is dropped.
pub struct InFlight(IntGauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Gathers what the parts of a server count.
    pub fn new(store: Store, openpai: &OpenPai, authenticator: Authenticator) -> Self {
        let registry = Registry::new();
        let requests = counter(
            "marketplace_http_requests_total",
            "Requests answered.",
            &["method", "route", "status"],
        );
        let duration = histogram(
            "marketplace_http_request_duration_seconds",
            "Time from a request to its answer.",
            &["method", "route"],
        );
        register(&registry, openpai.calls());
        register(&registry, authenticator.lookups());
        register(&registry, Box::new(requests.clone()));
        register(&registry, Box::new(duration.clone()));
        let build = gauge(
            &registry,
            Opts::new(
                "marketplace_build_info",
                "Always 1; the label says which version runs.",
            )
            .const_label("version", env!("CARGO_PKG_VERSION")),
        );
        build.set(1);
        let plain = |name: &str, help: &str| gauge(&registry, Opts::new(name, help));
        Self {
            requests,
            duration,
            in_flight: plain(
                "marketplace_http_requests_in_flight",
                "Requests being answered.",
            ),
            connections: plain(
                "marketplace_database_connections",
                "Open connections to the database.",
            ),
            idle_connections: plain(
                "marketplace_database_connections_idle",
                "Open connections to the database that nobody uses.",
            ),
            tokens: plain(
                "marketplace_token_cache_entries",
                "Tokens whose verdict is remembered.",
            ),
            registry,
            store,
            authenticator,
        }
    }

    /// Counts a request as being answered.
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts an answer. `route` is the pattern that matched, never an address.
    pub fn end(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let method = label(method);
        self.requests
            .with_label_values(&[method, route, status.as_str()])
            .inc();
        self.duration
            .with_label_values(&[method, route])
            .observe(took.as_secs_f64());
    }

    /// All figures in the text format 0.0.4.
    ///
    /// # Errors
    /// When a figure cannot be written, which would be a mistake of ours.
    pub fn render(&self) -> prometheus::Result<String> {
        let pool = self.store.pool();
        self.connections.set(pool.connections.into());
        self.idle_connections
            .set(i64::try_from(pool.idle).unwrap_or(i64::MAX));
        self.tokens
            .set(i64::try_from(self.authenticator.remembered()).unwrap_or(i64::MAX));
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Clients may send any word as method; a label of its own has what HTTP
/// defines.
fn label(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH" | "TRACE"
        | "CONNECT") => known,
        _ => OTHER_METHOD,
    }
}
