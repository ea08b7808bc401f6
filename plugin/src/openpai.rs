//! OpenPAI's REST server, as the browser calls it: in the user's own name, with the
//! token that the portal gave (docs/contract.md#2-openpais-rest-server).

use std::sync::Arc;

use gloo_net::http::{Method, RequestBuilder};
use serde_json::Value;

use crate::client::{Failure, Flight};
use crate::messages;
use crate::session::Session;

/// So many jobs stand on one page of a list.
pub(crate) const PAGE: usize = 10;

/// OpenPAI with somebody signed in. Dropping the future of a call aborts the request;
/// one without an answer is given up after 15 seconds.
#[derive(Clone)]
pub(crate) struct OpenPai {
    base: Arc<str>,
    authorization: Arc<str>,
    /// The user's name.
    pub user: Arc<str>,
}

/// A job, as far as the plugin tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// Its name; its user's are unlike each other.
    pub name: String,
    /// Whose it is.
    pub user: String,
    /// `WAITING`, `RUNNING`, `STOPPING`, `SUCCEEDED`, `FAILED` or `STOPPED`.
    pub state: String,
    /// Where it runs.
    pub virtual_cluster: String,
    /// When OpenPAI took it, in milliseconds since the epoch.
    pub submitted: i64,
    /// How it ended, if it has.
    pub exit_code: Option<i64>,
    /// What OpenPAI says about that: why, and what to do.
    pub exit_reason: String,
}

impl OpenPai {
    /// That of the portal, unless that does not say where it is.
    pub(crate) fn current() -> Option<Self> {
        let session = Session::current();
        Some(Self {
            base: session.openpai?.trim_end_matches('/').into(),
            authorization: session.client.authorization(),
            user: session.user.into(),
        })
    }

    /// The virtual clusters that the user may submit to.
    pub(crate) async fn virtual_clusters(&self) -> Result<Vec<String>, Failure> {
        let path = format!("/users/{}", encoded(&self.user));
        let user = self.get(&path).await?;
        let names = user["virtualCluster"].as_array();
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        Ok(names.map(str::to_owned).collect())
    }

    /// The SKUs that a virtual cluster has, with what one of each gives: none where
    /// the default scheduler decides.
    pub(crate) async fn skus(&self, virtual_cluster: &str) -> Result<Value, Failure> {
        let all = self.get("/cluster/sku-types").await?;
        // The default scheduler refuses the question for one virtual cluster.
        if all.as_object().is_none_or(serde_json::Map::is_empty) {
            return Ok(all);
        }
        let path = format!("/cluster/sku-types?vc={}", encoded(virtual_cluster));
        self.get(&path).await
    }

    /// Submits a protocol, as YAML.
    pub(crate) async fn submit(&self, protocol: String) -> Result<(), Failure> {
        self.call(Method::POST, "/jobs", Some(protocol)).await?;
        Ok(())
    }

    /// A job of the user's; nothing if there is none of that name.
    pub(crate) async fn job(&self, name: &str) -> Result<Option<Job>, Failure> {
        match self.get(&job_path(&self.user, name)).await {
            Ok(details) => Ok(Some(Job::of(&details, &details["jobStatus"]))),
            Err(failure) if failure.status == Some(404) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// What the cluster warns of about a job of the user's, the latest last.
    pub(crate) async fn warnings(&self, name: &str) -> Result<Vec<String>, Failure> {
        let path = format!("{}/events?type=Warning", job_path(&self.user, name));
        let events = self.get(&path).await?;
        let events = events["data"].as_array().into_iter().flatten();
        let text = |event: &Value| {
            let message = event["message"].as_str()?;
            Some(match event["reason"].as_str() {
                Some(reason) => format!("{reason}: {message}"),
                None => message.to_owned(),
            })
        };
        Ok(events.filter_map(text).collect())
    }

    /// A page of the jobs that have ended, counted from 0, as OpenPAI answers it:
    /// [`Job::page`] reads it.
    /// `order` is a field and a direction, as OpenPAI has them.
    pub(crate) async fn ended_jobs(
        &self,
        everybody: bool,
        keyword: &str,
        order: &str,
        page: usize,
    ) -> Result<Value, Failure> {
        let mut path = format!(
            "/jobs?state=SUCCEEDED,FAILED,STOPPED&withTotalCount=true&limit={PAGE}&offset={}&order={order}",
            page * PAGE
        );
        for (key, value) in [
            ("username", if everybody { "" } else { &*self.user }),
            ("keyword", keyword.trim()),
        ] {
            if !value.is_empty() {
                path = format!("{path}&{key}={}", encoded(value));
            }
        }
        self.get(&path).await
    }

    /// How many jobs the user has, whatever became of them, and so many of them from a
    /// place on, newest first.
    pub(crate) async fn newest_jobs(
        &self,
        offset: usize,
        limit: usize,
    ) -> Result<(usize, Vec<Job>), Failure> {
        let path = format!(
            "/jobs?username={}&withTotalCount=true&limit={limit}&offset={offset}&order=submissionTime,DESC",
            encoded(&self.user)
        );
        Ok(Job::page(&self.get(&path).await?))
    }

    /// The protocol that a job was submitted with, without its secrets.
    pub(crate) async fn config(&self, job: &Job) -> Result<String, Failure> {
        let path = format!("{}/config", job_path(&job.user, &job.name));
        self.call(Method::GET, &path, None).await
    }

    /// What OpenPAI answers to a path below `/api/v2`.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        let text = self.call(Method::GET, path, None).await?;
        serde_json::from_str(&text).map_err(|_| Failure::local(messages::openpai::unreadable()))
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<String, Failure> {
        let flight = Flight::start();
        let request = RequestBuilder::new(&format!("{}/api/v2{path}", self.base))
            .method(method)
            .header("Authorization", &self.authorization)
            .abort_signal(Some(&flight.controller.signal()));
        let request = match body {
            Some(body) => request.header("Content-Type", "text/yaml").body(body),
            None => request.build(),
        };
        // Whatever the browser says of it, the user learns that there was no answer.
        let away = |_| Failure {
            unknown: true,
            ..Failure::local(messages::openpai::away())
        };
        let answer = request.map_err(away)?.send().await.map_err(away)?;
        let text = answer.text().await.map_err(away)?;
        if answer.ok() {
            return Ok(text);
        }
        Err(Failure {
            status: Some(answer.status()),
            unknown: matches!(answer.status(), 502 | 504),
            ..Failure::local(said(answer.status(), &text))
        })
    }
}

/// What an error says: OpenPAI's own words, but for those that say too little.
fn said(status: u16, text: &str) -> String {
    if status == 429 {
        return messages::openpai::too_many().to_owned();
    }
    let error: Value = serde_json::from_str(text).unwrap_or_default();
    match error["message"].as_str() {
        Some(message) if !message.trim().is_empty() => message.to_owned(),
        _ => messages::openpai::answered(&status.to_string()),
    }
}

impl Job {
    /// `row` has the name, `status` all else: in lists they are one.
    fn of(row: &Value, status: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let spec = &status["appExitSpec"];
        let mut reason = text(&spec["reason"]);
        for solution in spec["solution"].as_array().into_iter().flatten() {
            reason = format!("{reason} {}", text(solution));
        }
        Self {
            name: text(&row["name"]),
            user: text(&status["username"]),
            state: text(&status["state"]),
            virtual_cluster: text(&status["virtualCluster"]),
            submitted: status["submissionTime"].as_i64().unwrap_or_default(),
            exit_code: status["appExitCode"].as_i64(),
            exit_reason: reason,
        }
    }

    /// How many jobs a list has, and those of a page of it.
    pub(crate) fn page(answer: &Value) -> (usize, Vec<Self>) {
        let rows = answer["data"].as_array().into_iter().flatten();
        let total = answer["totalCount"].as_u64().unwrap_or_default();
        (
            usize::try_from(total).unwrap_or(usize::MAX),
            rows.map(|row| Self::of(row, row)).collect(),
        )
    }

    /// Whether nothing more becomes of it.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state.as_str(), "SUCCEEDED" | "FAILED" | "STOPPED")
    }
}

/// The portal's own page of a job.
pub(crate) fn job_page(user: &str, name: &str) -> String {
    format!(
        "/job-detail.html?username={}&jobName={}",
        encoded(user),
        encoded(name)
    )
}

fn job_path(user: &str, name: &str) -> String {
    format!("/jobs/{}~{}", encoded(user), encoded(name))
}

/// A text as a part of an address.
pub(crate) fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
