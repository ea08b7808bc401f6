//! The client of OpenPAI's REST server, the identity provider (contract,
//! section 2). Every call has a timeout, and one retry when the connection
//! failed.

use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use prometheus::HistogramVec;
use prometheus::core::Collector;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::Deserialize;

use crate::metrics;

/// A client of one OpenPAI REST server; cheap to clone.
#[derive(Clone)]
pub struct OpenPai {
    http: reqwest::Client,
    url: String,
    calls: HistogramVec,
}

/// Why OpenPAI gave no answer that counts.
#[derive(Debug, thiserror::Error)]
pub enum OpenPaiError {
    /// It says no: the status of its answer, always 4xx.
    #[error("OpenPAI answered {0}")]
    Refused(StatusCode),
    /// It is out of reach, broken, or too slow.
    #[error("OpenPAI's REST server: {0}")]
    Unavailable(String),
}

impl OpenPaiError {
    /// Whether OpenPAI has judged, rather than some proxy on the way, or
    /// OpenPAI in a bad minute: "too many requests" says nothing about a token.
    pub fn is_verdict(&self) -> bool {
        use StatusCode as Status;
        matches!(self, Self::Refused(status) if !matches!(
            *status,
            Status::REQUEST_TIMEOUT | Status::TOO_MANY_REQUESTS | Status::PROXY_AUTHENTICATION_REQUIRED
        ))
    }
}

/// What OpenPAI knows of a token.
#[derive(Debug, Deserialize)]
pub struct TokenInfo {
    /// Whose token it is.
    pub username: String,
    /// Seconds since the epoch; absent for tokens that do not expire.
    pub exp: Option<u64>,
    /// Whether the user is an admin.
    #[serde(default)]
    pub admin: bool,
}

/// What OpenPAI knows of a user.
#[derive(Debug, Deserialize)]
pub struct UserInfo {
    /// The groups that the user is a member of.
    #[serde(default)]
    pub grouplist: Vec<String>,
    /// Whether the user is an admin.
    #[serde(default)]
    pub admin: bool,
}

impl OpenPai {
    /// Makes a client for the REST server at `url`, which has no trailing
    /// slash.
    ///
    /// # Errors
    /// When the system offers no way to make HTTPS connections.
    pub fn new(url: String, timeout: Duration) -> anyhow::Result<Self> {
        // Fails only when a provider is there already: then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout)
            .build()?;
        let calls = metrics::histogram(
            "marketplace_openpai_request_duration_seconds",
            "Time that calls to OpenPAI's REST server took.",
            &["endpoint", "outcome"],
            None,
        );
        Ok(Self { http, url, calls })
    }

    /// Asks whether a token is good.
    pub async fn check_token(&self, token: &str) -> Result<TokenInfo, OpenPaiError> {
        self.get("tokens/check", "tokens/check", Some(token)).await
    }

    /// Asks about a user, on behalf of the owner of the token. A name that
    /// would change the address, encoded or not, is one that nobody has.
    pub async fn user(&self, name: &str, token: &str) -> Result<UserInfo, OpenPaiError> {
        if matches!(name, "" | "." | "..") {
            return Err(OpenPaiError::Refused(StatusCode::NOT_FOUND));
        }
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        self.get("users/:name", &format!("users/{name}"), Some(token))
            .await
    }

    /// Whether the REST server answers at all.
    pub async fn is_reachable(&self) -> bool {
        let request = self.http.get(format!("{}/api/v2/tokens/check", self.url));
        matches!(request.send().await, Ok(answer) if !answer.status().is_server_error())
    }

    /// What is counted of calls: how long they took, by endpoint and outcome.
    pub fn calls(&self) -> Box<dyn Collector> {
        Box::new(self.calls.clone())
    }

    /// `endpoint` is the path's pattern, under which the call is counted.
    async fn get<T: serde::de::DeserializeOwned>(
        &self,
        endpoint: &str,
        path: &str,
        token: Option<&str>,
    ) -> Result<T, OpenPaiError> {
        let started = Instant::now();
        let answer = self.ask(path, token).await;
        let outcome = match &answer {
            Ok(_) => "ok",
            Err(OpenPaiError::Refused(_)) => "refused",
            Err(OpenPaiError::Unavailable(_)) => "unavailable",
        };
        self.calls
            .with_label_values(&[endpoint, outcome])
            .observe(started.elapsed().as_secs_f64());
        answer
    }

    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        token: Option<&str>,
    ) -> Result<T, OpenPaiError> {
        let mut request = self.http.get(format!("{}/api/v2/{path}", self.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = send(request).await?;
        match answer.status() {
            status if status.is_success() => answer.json().await.map_err(unavailable),
            status if status.is_client_error() => Err(OpenPaiError::Refused(status)),
            status => Err(OpenPaiError::Unavailable(format!("answered {status}"))),
        }
    }
}

/// Sends it, and once more when the connection was refused or broke before an
/// answer came: all requests here only read. One that took too long is not
/// repeated: the caller is waiting.
async fn send(request: RequestBuilder) -> Result<Response, OpenPaiError> {
    let again = request.try_clone();
    match (request.send().await, again) {
        (Err(error), Some(again)) if error.is_request() && !error.is_timeout() => {
            again.send().await.map_err(unavailable)
        }
        (answer, _) => answer.map_err(unavailable),
    }
}

/// Keeps the address out of the text: it is the log's reader who knows it, and
/// an error may reach a client.
fn unavailable(error: reqwest::Error) -> OpenPaiError {
    use std::error::Error;

    let error = error.without_url();
    let source = error.source().map(|s| format!(": {s}")).unwrap_or_default();
    OpenPaiError::Unavailable(format!("{error}{source}"))
}
