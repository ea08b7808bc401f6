//! `/metrics`: the server's own figures for Prometheus, without a token, as
//! `/healthz`: they name no user, no item and no address.

use poem_openapi::payload::PlainText;
use poem_openapi::{ApiResponse, OpenApi};

use super::Heading;
use crate::metrics::Metrics;
use crate::problem::{self, Refusal};

/// The version of the format is part of what Prometheus goes by.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The route.
pub struct Figures(pub(super) Metrics);

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
}

#[allow(clippy::unused_async, reason = "handlers are asynchronous")]
#[OpenApi(tag = "Heading::Health")]
impl Figures {
    /// What the server counts about itself, for Prometheus
    #[oai(path = "/metrics", method = "get")]
    async fn metrics(&self) -> poem::Result<Exposition> {
        let text = self
            .0
            .render()
            .map_err(|error| -> Refusal { problem::internal(error.to_string()) })?;
        Ok(Exposition::Text(PlainText(text), TEXT_FORMAT.to_owned()))
    }
}
