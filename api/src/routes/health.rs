//! `/`, `/healthz` and `/readyz`: for people and probes, without a token.

use std::time::Duration;

use poem_openapi::payload::PlainText;
use poem_openapi::{ApiResponse, OpenApi};

use super::Heading;
use crate::openapi::Text;
use crate::openpai::{OpenPai, State};
use crate::problem::RETRY_AFTER_SECONDS;
use crate::stop::Stop;
use store::{Phase, Store};

/// How long `/readyz` waits for the database.
const READY_TIMEOUT: Duration = Duration::from_secs(2);

/// The routes.
pub struct Health {
    pub(super) store: Store,
    pub(super) openpai: OpenPai,
    pub(super) stop: Stop,
}

#[derive(ApiResponse)]
enum Readiness {
    /// Requests can be answered.
    #[oai(status = 200)]
    Ready(PlainText<String>),
    /// Something that requests need is out of reach, or the server is going down; the
    /// text says what.
    #[oai(status = 503)]
    NotReady(
        PlainText<String>,
        /// Seconds after which to ask again.
        #[oai(header = "Retry-After")]
        u32,
    ),
}

#[allow(clippy::unused_async, reason = "handlers are asynchronous")]
#[OpenApi(tag = "Heading::Health")]
impl Health {
    /// A greeting
    #[oai(path = "/", method = "get")]
    async fn greeting(&self) -> Text {
        PlainText("OpenPAI Marketplace API\n")
    }

    /// Whether the process lives
    #[oai(path = "/healthz", method = "get")]
    async fn alive(&self) -> Text {
        PlainText("ok\n")
    }

    /// Whether requests can be answered
    ///
    /// They can while the database and OpenPAI's REST server are in reach and the
    /// server is not going down.
    #[oai(path = "/readyz", method = "get")]
    async fn ready(&self) -> Readiness {
        if self.stop.is_going_down() {
            let text = PlainText("going down\n".to_owned());
            return Readiness::NotReady(text, RETRY_AFTER_SECONDS);
        }
        let database = async {
            match self.store.phase() {
                Phase::Waiting => "waited for",
                Phase::Preparing => "being brought up to date",
                Phase::Ready if self.store.is_reachable(READY_TIMEOUT).await => "ok",
                Phase::Ready => "out of reach",
            }
        };
        let (database, openpai) = tokio::join!(database, self.openpai.state());
        let text = PlainText(format!(
            "database: {database}\nopenpai: {}\n",
            self.openpai.describe(openpai)
        ));
        if database == "ok" && openpai == State::Ready {
            Readiness::Ready(text)
        } else {
            Readiness::NotReady(text, RETRY_AFTER_SECONDS)
        }
    }
}
