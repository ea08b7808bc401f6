//! The client of OpenPAI's REST server, the identity provider
//! (docs/contract.md#2-openpais-rest-server). Every call has a timeout, and one retry when the connection
//! failed. What it answers is bounded, and believed from its own address alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use client::http;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use prometheus::HistogramVec;
use prometheus::core::Collector;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::{Deserialize, Deserializer};
use shared::fit::cluster::{NodeGpus, Resources, VirtualCluster};
use tokio::sync::Semaphore;

use crate::config::IdentityProvider;
use crate::instruments;
use crate::mutex::lock;
use crate::rate_limit::RateLimit;

/// The most bytes of an answer: a user with all groups, virtual clusters and
/// SSH keys takes some kilobytes.
const MAX_ANSWER: usize = 1024 * 1024;

/// The most calls under way at a time. OpenPAI answers 600 a minute to one
/// address; more of them at once would only make it slower.
const MAX_CALLS: usize = 16;

/// When it says "too many requests", it is asked nothing for as long as it wants, within
/// these bounds; for the shorter one where it does not say. OpenPAI always says a minute,
/// however soon its own is over, and until then nobody new could sign in.
const SHORTEST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(10);

/// How often `/readyz`, which anybody may ask, makes us ask OpenPAI: beyond
/// that it repeats what it knows, up to a second old.
const PROBES: RateLimit = RateLimit::new(20, 1);

/// A client of one OpenPAI REST server; cheap to clone.
#[derive(Clone)]
pub struct OpenPai {
    http: reqwest::Client,
    address: Arc<IdentityProvider>,
    /// Whether tokens may be sent there: what is at an assumed address must have
    /// answered as OpenPAI does.
    trusted: Arc<AtomicBool>,
    timeout: Duration,
    calls: HistogramVec,
    turns: Arc<Semaphore>,
    probed: Arc<Mutex<Probed>>,
    /// Until when nothing is asked.
    rest: Arc<Mutex<Option<Instant>>>,
}

/// What was last seen of the REST server.
struct Probed {
    limit: RateLimit,
    state: Option<State>,
}

/// How the REST server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It answers as OpenPAI does.
    Ready,
    /// It does not answer, or is broken.
    OutOfReach,
    /// Something answers, but not as OpenPAI does: nobody could sign in.
    NotOpenPai,
    /// Nothing says where it is: nobody can sign in.
    Unknown,
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
    /// What answers is not OpenPAI, to all appearances.
    #[error("IDP_URL does not lead to OpenPAI's REST server: it {0}")]
    Strange(String),
    /// Nothing says where it is.
    #[error("IDP_URL is not set")]
    Unknown,
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
    /// Where the user may submit.
    #[serde(default, rename = "virtualCluster")]
    pub virtual_clusters: Vec<String>,
}

/// A job, as lists tell it; times are milliseconds since the epoch.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub username: String,
    /// `WAITING`, `RUNNING`, `STOPPING`, `SUCCEEDED`, `FAILED`, `STOPPED` or `UNKNOWN`.
    pub state: String,
    /// Where it runs.
    #[serde(default, deserialize_with = "or_default")]
    pub virtual_cluster: String,
    /// With what it ended.
    #[serde(default)]
    pub app_exit_code: Option<i32>,
    /// When it was taken.
    #[serde(default)]
    pub submission_time: Option<i64>,
    /// When its first task ran.
    #[serde(default)]
    pub launched_time: Option<i64>,
    /// When it ended.
    #[serde(default)]
    pub completed_time: Option<i64>,
    /// All its GPUs; not told of single jobs.
    #[serde(default, deserialize_with = "or_default")]
    pub total_gpu_number: i32,
}

/// Takes null for what is absent: one odd job must not hide all others of a list.
fn or_default<'de, D, T>(value: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(value).map(Option::unwrap_or_default)
}

/// A job, as it is told singly.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobDetails {
    name: String,
    job_status: JobStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobStatus {
    username: String,
    state: String,
    #[serde(default, deserialize_with = "or_default")]
    virtual_cluster: String,
    #[serde(default)]
    app_exit_code: Option<i32>,
    #[serde(default)]
    submission_time: Option<i64>,
    #[serde(default)]
    launched_time: Option<i64>,
    #[serde(default)]
    completed_time: Option<i64>,
}

impl OpenPai {
    /// Makes a client for the REST server at `url`, which has no trailing
    /// slash.
    ///
    /// # Errors
    /// As [`OpenPai::at`].
    pub fn new(url: String, timeout: Duration) -> anyhow::Result<Self> {
        Self::at(IdentityProvider::Set(url), timeout)
    }

    /// Makes a client for the REST server at this address. Where nothing says what
    /// it is, every call fails with [`OpenPaiError::Unknown`].
    ///
    /// # Errors
    /// When it wants HTTPS and the machine knows no authority that signs
    /// certificates.
    pub fn at(address: IdentityProvider, timeout: Duration) -> anyhow::Result<Self> {
        let is_https = matches!(
            &address,
            IdentityProvider::Set(url) if reqwest::Url::parse(url).is_ok_and(|url| url.scheme() == "https")
        );
        // Who may sign in is for IDP_URL to say, not for whoever it leads to.
        let http = http::client(timeout, is_https).build();
        let http = http.with_context(|| http::no_certificates("IDP_URL"))?;
        let calls = instruments::histogram(
            "marketplace_openpai_request_duration_seconds",
            "Time that calls to OpenPAI's REST server took.",
            &["endpoint", "outcome"],
        );
        let probed = Probed {
            limit: PROBES,
            state: None,
        };
        Ok(Self {
            http,
            trusted: Arc::new(AtomicBool::new(matches!(address, IdentityProvider::Set(_)))),
            address: Arc::new(address),
            timeout,
            calls,
            turns: Arc::new(Semaphore::new(MAX_CALLS)),
            probed: Arc::new(Mutex::new(probed)),
            rest: Arc::default(),
        })
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

    /// All virtual clusters, without their SKUs. Whoever asks, the answer is the same, as
    /// that of the calls below.
    pub async fn virtual_clusters(
        &self,
        token: &str,
    ) -> Result<BTreeMap<String, VirtualCluster>, OpenPaiError> {
        let path = "virtual-clusters";
        self.get(path, path, Some(token)).await
    }

    /// The GPUs of all nodes.
    pub async fn nodes(&self, token: &str) -> Result<BTreeMap<String, NodeGpus>, OpenPaiError> {
        let path = "virtual-clusters?nodes";
        self.get(path, path, Some(token)).await
    }

    /// All SKUs: none with the default scheduler.
    pub async fn sku_types(
        &self,
        token: &str,
    ) -> Result<BTreeMap<String, Resources>, OpenPaiError> {
        let path = "cluster/sku-types";
        self.get(path, path, Some(token)).await
    }

    /// The SKUs of a virtual cluster.
    pub async fn sku_types_of(
        &self,
        virtual_cluster: &str,
        token: &str,
    ) -> Result<BTreeMap<String, Resources>, OpenPaiError> {
        let name = utf8_percent_encode(virtual_cluster, NON_ALPHANUMERIC);
        let path = format!("cluster/sku-types?vc={name}");
        self.get("cluster/sku-types?vc", &path, Some(token)).await
    }

    /// The newest jobs of some users, whose names have no comma.
    pub async fn jobs(
        &self,
        users: &[String],
        most: usize,
        token: &str,
    ) -> Result<Vec<Job>, OpenPaiError> {
        let users = users.join(",");
        let users = utf8_percent_encode(&users, NON_ALPHANUMERIC);
        let path =
            format!("jobs?username={users}&order=submissionTime%2CDESC&offset=0&limit={most}");
        self.get("jobs?username", &path, Some(token)).await
    }

    /// The job with this id, `user~name`.
    pub async fn job(&self, id: &str, token: &str) -> Result<Job, OpenPaiError> {
        let path = format!("jobs/{}", utf8_percent_encode(id, NON_ALPHANUMERIC));
        let details: JobDetails = self.get("jobs/:job", &path, Some(token)).await?;
        let status = details.job_status;
        Ok(Job {
            name: details.name,
            username: status.username,
            state: status.state,
            virtual_cluster: status.virtual_cluster,
            app_exit_code: status.app_exit_code,
            submission_time: status.submission_time,
            launched_time: status.launched_time,
            completed_time: status.completed_time,
            total_gpu_number: 0,
        })
    }

    /// The protocol that the job with this id was submitted with, without secrets: YAML or JSON.
    pub async fn job_config(&self, id: &str, token: &str) -> Result<String, OpenPaiError> {
        let path = format!("jobs/{}/config", utf8_percent_encode(id, NON_ALPHANUMERIC));
        let body = self.timed("jobs/:job/config", self.call(&path, Some(token)));
        String::from_utf8(body.await?)
            .map_err(|_| OpenPaiError::Unavailable("a job's protocol is not UTF-8".to_owned()))
    }

    /// Submits a job. It is not sent again, whatever goes wrong: it may have been taken.
    pub async fn submit(&self, protocol: String, token: &str) -> Result<(), OpenPaiError> {
        let sent = async {
            self.check_trust().await?;
            self.note_trust(
                self.exchange(Method::POST, "jobs", Some(token), Some(protocol))
                    .await,
            )
        };
        self.timed("jobs", sent).await.map(drop)
    }

    /// Whether the REST server answers, and as OpenPAI does: a request without a
    /// token is refused with a code and a message. Says so in the log when that
    /// changes to the worse.
    pub async fn state(&self) -> State {
        {
            let mut probed = lock(&self.probed);
            if !probed.limit.take()
                && let Some(state) = probed.state
            {
                return state;
            }
        }
        let (state, cause) = match self.fetch("tokens/check", None).await {
            Err(OpenPaiError::Refused(StatusCode::UNAUTHORIZED)) => (State::Ready, String::new()),
            Err(
                error @ OpenPaiError::Refused(
                    StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS,
                ),
            ) if self.is_assumed() => (State::OutOfReach, error.to_string()),
            Err(OpenPaiError::Refused(status))
                if self.is_assumed() || status == StatusCode::NOT_FOUND =>
            {
                (State::NotOpenPai, format!("answered {status}"))
            }
            Err(OpenPaiError::Refused(_)) => (State::Ready, String::new()),
            Ok(_) => (State::NotOpenPai, "needs no token".to_owned()),
            Err(OpenPaiError::Strange(cause)) => (State::NotOpenPai, cause),
            Err(OpenPaiError::Unavailable(cause)) => (State::OutOfReach, cause),
            Err(OpenPaiError::Unknown) => (State::Unknown, String::new()),
        };
        if self.is_assumed() {
            self.trusted.store(state == State::Ready, Ordering::Release);
        }
        let before = lock(&self.probed).state.replace(state);
        if before != Some(state) {
            self.tell(state, before, &cause);
        }
        state
    }

    /// A state in the words of `/readyz`: what an admin has to look at, and no address.
    pub fn describe(&self, state: State) -> &'static str {
        match state {
            State::Ready => "ok",
            State::OutOfReach if self.is_assumed() => {
                "out of reach on the database's machine, where it is taken to be; IDP_URL is not set"
            }
            State::OutOfReach => "out of reach",
            State::NotOpenPai if self.is_assumed() => {
                "IDP_URL is not set, and what answers in its place is not OpenPAI's REST server"
            }
            State::NotOpenPai => "IDP_URL does not lead to OpenPAI's REST server",
            State::Unknown => "IDP_URL is not set: it is the address of OpenPAI's REST server",
        }
    }

    /// Tells the log what nobody has set, and what is done instead.
    pub fn announce(&self) {
        match &*self.address {
            IdentityProvider::Set(_) => {}
            IdentityProvider::Assumed(address) => tracing::warn!(
                address,
                "IDP_URL is not set: OpenPAI's REST server is taken to be on the database's machine, as in a cluster \
                 of OpenPAI. Tokens are sent there once it answers as OpenPAI does; set IDP_URL to be sure"
            ),
            IdentityProvider::Unknown => tracing::warn!(
                "IDP_URL is not set, so nobody can sign in, and requests are told 503: set it to the address of \
                 OpenPAI's REST server, such as http://10.0.0.1:9186"
            ),
        }
    }

    fn is_assumed(&self) -> bool {
        matches!(*self.address, IdentityProvider::Assumed(_))
    }

    fn tell(&self, state: State, before: Option<State>, cause: &str) {
        match state {
            State::Ready if before.is_some() || self.is_assumed() => {
                tracing::info!("OpenPAI's REST server is there");
            }
            State::Ready | State::Unknown => {}
            State::OutOfReach => tracing::warn!(
                cause,
                "OpenPAI's REST server is out of reach: nobody can sign in until it is there"
            ),
            State::NotOpenPai if self.is_assumed() => tracing::warn!(
                cause,
                "IDP_URL is not set, and what answers in its place is not OpenPAI's REST server, so nobody can sign \
                 in. Set it to that server's address, such as http://10.0.0.1:9186"
            ),
            State::NotOpenPai => tracing::warn!(
                cause,
                "IDP_URL does not lead to OpenPAI's REST server: what is there answers otherwise, so nobody can \
                 sign in. Set it to the server's own address, such as http://10.0.0.1:9186"
            ),
        }
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
        self.timed(endpoint, self.ask(path, token)).await
    }

    async fn timed<T>(
        &self,
        endpoint: &str,
        call: impl Future<Output = Result<T, OpenPaiError>>,
    ) -> Result<T, OpenPaiError> {
        let started = Instant::now();
        let answer = call.await;
        let outcome = match &answer {
            Ok(_) => "ok",
            Err(OpenPaiError::Refused(_)) => "refused",
            Err(
                OpenPaiError::Unavailable(_) | OpenPaiError::Strange(_) | OpenPaiError::Unknown,
            ) => "unavailable",
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
        let body = self.call(path, token).await?;
        serde_json::from_slice(&body).map_err(|error| {
            // The error's own text may repeat what is in the answer.
            let kind = error.classify();
            OpenPaiError::Unavailable(format!(
                "its answer is not the JSON that is wanted: {kind:?} error in line {}, column {}",
                error.line(),
                error.column()
            ))
        })
    }

    /// Hands over the body of a successful answer. No token goes to an address that
    /// has not proved to be OpenPAI's.
    async fn call(&self, path: &str, token: Option<&str>) -> Result<Vec<u8>, OpenPaiError> {
        self.check_trust().await?;
        self.note_trust(self.fetch(path, token).await)
    }

    /// Refuses to send a token to what has not proved to be OpenPAI.
    async fn check_trust(&self) -> Result<(), OpenPaiError> {
        if self.is_assumed() && !self.trusted.load(Ordering::Acquire) {
            match self.state().await {
                State::Ready | State::Unknown => {}
                State::OutOfReach => {
                    let cause = "it is out of reach where it is taken to be".to_owned();
                    return Err(OpenPaiError::Unavailable(cause));
                }
                State::NotOpenPai => {
                    let cause = "IDP_URL is not set, and what answers in its place is not OpenPAI"
                        .to_owned();
                    return Err(OpenPaiError::Unavailable(cause));
                }
            }
        }
        Ok(())
    }

    fn note_trust<T>(&self, answer: Result<T, OpenPaiError>) -> Result<T, OpenPaiError> {
        if self.is_assumed() && !matches!(answer, Ok(_) | Err(OpenPaiError::Refused(_))) {
            self.trusted.store(false, Ordering::Release);
        }
        answer
    }

    async fn fetch(&self, path: &str, token: Option<&str>) -> Result<Vec<u8>, OpenPaiError> {
        self.exchange(Method::GET, path, token, None).await
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        protocol: Option<String>,
    ) -> Result<Vec<u8>, OpenPaiError> {
        let (IdentityProvider::Set(address) | IdentityProvider::Assumed(address)) = &*self.address
        else {
            return Err(OpenPaiError::Unknown);
        };
        let _turn = tokio::time::timeout(self.timeout, self.turns.acquire())
            .await
            .map_err(|_| OpenPaiError::Unavailable("too many calls are under way".to_owned()))?;
        if lock(&self.rest).is_some_and(|until| Instant::now() < until) {
            return Err(OpenPaiError::Refused(StatusCode::TOO_MANY_REQUESTS));
        }
        let is_read = method == Method::GET;
        let mut request = self
            .http
            .request(method, format!("{address}/api/v2/{path}"));
        if let Some(protocol) = protocol {
            request = request.header(CONTENT_TYPE, "text/yaml").body(protocol);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = if is_read {
            send(request).await?
        } else {
            request.send().await.map_err(unavailable)?
        };
        match answer.status() {
            status if status.is_success() => read(answer).await,
            status @ (StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS) => {
                if status == StatusCode::TOO_MANY_REQUESTS {
                    *lock(&self.rest) = Some(Instant::now() + rest_of(&answer));
                }
                Err(OpenPaiError::Refused(status))
            }
            status if status.is_client_error() => {
                let body = read(answer).await?;
                Err(match serde_json::from_slice::<ErrorBody>(&body) {
                    Ok(_) => OpenPaiError::Refused(status),
                    Err(_) => OpenPaiError::Strange(format!("answered {status} in other words")),
                })
            }
            status if status.is_redirection() => Err(OpenPaiError::Strange(format!(
                "answered {status}, and redirects are not followed"
            ))),
            status => Err(OpenPaiError::Unavailable(format!("answered {status}"))),
        }
    }
}

/// How long an answer "too many requests" wants that nothing is asked.
fn rest_of(answer: &Response) -> Duration {
    let said = answer.headers().get(RETRY_AFTER);
    let seconds = said.and_then(|value| value.to_str().ok()?.parse().ok());
    seconds
        .map_or(SHORTEST_REST, Duration::from_secs)
        .clamp(SHORTEST_REST, LONGEST_REST)
}

/// What OpenPAI's refusals hold.
#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "code")]
    _code: String,
    #[serde(rename = "message")]
    _message: String,
}

/// Reads the body, if it is within [`MAX_ANSWER`].
async fn read(mut answer: Response) -> Result<Vec<u8>, OpenPaiError> {
    let body = http::body(&mut answer, MAX_ANSWER).await;
    body.map_err(unavailable)?.ok_or_else(|| {
        let limit = MAX_ANSWER / 1024;
        OpenPaiError::Unavailable(format!("its answer is longer than {limit} KiB"))
    })
}

/// Sends it, and once more when the connection was refused or broke before an
/// answer came: these requests only read. One that took too long is not
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
    OpenPaiError::Unavailable(http::cause(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_may_have_null_for_what_is_absent() {
        let text = r#"[{"name": "odd", "username": "alice", "state": "WAITING", "virtualCluster": null,
            "totalGpuNumber": null, "appExitCode": null, "launchedTime": null}]"#;
        let jobs: Vec<Job> = serde_json::from_str(text).expect("no reason to lose the list");
        assert_eq!(
            (&*jobs[0].virtual_cluster, jobs[0].total_gpu_number),
            ("", 0)
        );
    }
}
