//! `/metrics`: the server's own figures for Prometheus, without a token: they name no
//! user, no item and no address. Yet how much a cluster is used is nothing for
//! everybody, and pylon hands all paths of the API to the world. So the API's own port
//! answers only where it is told to; what it counts is for a port of its own.

use poem_openapi::payload::PlainText;
use poem_openapi::{ApiResponse, OpenApi};

use super::Heading;
use crate::metrics::Metrics;
use crate::problem::{self, Refusal};

/// The version of the format is part of what Prometheus goes by.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

const HIDDEN: &str = "Figures are not for everybody who reaches this port: set ADMIN_PORT to a port for them, or \
    PUBLIC_METRICS to show them here.\n";

/// The route.
pub struct Figures {
    pub(super) metrics: Metrics,
    /// Whether whoever reaches this port may read them.
    pub(super) shown: bool,
}

#[derive(ApiResponse)]
enum Exposition {
    /// The figures in Prometheus' text format.
    #[oai(status = 200)]
    Text(
        PlainText<String>,
        /// `text/plain` with the version of the format.
        #[oai(header = "content-type")]
        String,
    ),
    /// Not here: the server's settings decide on which port.
    #[oai(status = 404)]
    Hidden(PlainText<&'static str>),
}

#[allow(clippy::unused_async, reason = "handlers are asynchronous")]
#[OpenApi(tag = "Heading::Health")]
impl Figures {
    /// What the server counts about itself, for Prometheus
    #[oai(path = "/metrics", method = "get")]
    async fn metrics(&self) -> poem::Result<Exposition> {
        if !self.shown {
            return Ok(Exposition::Hidden(PlainText(HIDDEN)));
        }
        let text = self
            .metrics
            .render()
            .map_err(|error| -> Refusal { problem::internal(error.to_string()) })?;
        Ok(Exposition::Text(PlainText(text), TEXT_FORMAT.to_owned()))
    }
}
