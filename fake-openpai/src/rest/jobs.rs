use std::sync::Arc;

use poem::http::{StatusCode, header};
use poem::web::{Data, Json, Path, Query};
use poem::{Body, IntoResponse, Request, Response, Result, handler};
use serde::Deserialize;
use serde_json::{Value, json};

use super::authn::Caller;
use crate::cluster::Cluster;
use crate::error;
use crate::jobs::admission::{self, Refusal};
use crate::jobs::{JobFilter, Order, Submission};
use crate::limits::Call;

/// How many jobs one answer holds unless the caller says so.
const DEFAULT_LIMIT: usize = 5000;
/// How many jobs may be asked for at once.
const MAX_LIMIT: usize = 50_000;

/// The largest protocol that is taken, in bytes.
const MAX_PROTOCOL: usize = 100 * 1024;

/// The longest tag, in characters.
const MAX_TAG: usize = 512;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListQuery {
    username: Option<String>,
    vc: Option<String>,
    state: Option<String>,
    job_priority: Option<String>,
    keyword: Option<String>,
    tags_contain: Option<String>,
    tags_not_contain: Option<String>,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
    order: Option<String>,
    #[serde(default)]
    with_total_count: bool,
}

#[handler]
pub(super) fn list(
    caller: Caller,
    query: Result<Query<ListQuery>>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Json<Value>> {
    cluster
        .counts
        .take(Call::List, caller.name())
        .map_err(error::too_many)?;
    let Query(query) = query.map_err(|e| error::invalid_parameters(&e.to_string()))?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if limit > MAX_LIMIT {
        return Err(error::invalid_parameters("50000 jobs are the limit."));
    }
    let filter = JobFilter {
        users: names(query.username.as_deref()),
        virtual_clusters: names(query.vc.as_deref()),
        states: names(query.state.as_deref()),
        priorities: names(query.job_priority.as_deref()),
        keyword: query.keyword.unwrap_or_default(),
        tags: names(query.tags_contain.as_deref()),
        not_tags: names(query.tags_not_contain.as_deref()),
    };
    let order = query.order.as_deref().map(Order::read).unwrap_or_default();
    let jobs = cluster.jobs.find(&filter, order);
    let total = jobs.len();
    let page: Vec<_> = jobs.into_iter().skip(query.offset).take(limit).collect();
    Ok(Json(if query.with_total_count {
        json!({ "totalCount": total, "data": page })
    } else {
        json!(page)
    }))
}

#[handler]
pub(super) fn show(
    _caller: Caller,
    Path(id): Path<String>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Json<Value>> {
    let details = cluster.jobs.details(&id);
    details.map(Json).ok_or_else(|| error::no_job(&id))
}

#[handler]
pub(super) fn config(
    _caller: Caller,
    Path(id): Path<String>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Response> {
    let protocol = cluster.jobs.protocol(&id);
    let protocol = protocol.ok_or_else(|| error::no_job_config(&id))?;
    Ok(protocol
        .with_content_type("text/yaml; charset=utf-8")
        .into_response())
}

#[derive(Deserialize)]
struct EventQuery {
    r#type: Option<String>,
}

#[handler]
pub(super) fn events(
    _caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<EventQuery>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Json<Value>> {
    let events = cluster.jobs.events(&id, query.r#type.as_deref());
    events.map(Json).ok_or_else(|| error::no_job(&id))
}

#[derive(Deserialize)]
struct Tag {
    value: String,
}

#[handler]
pub(super) fn add_tag(
    caller: Caller,
    Path(id): Path<String>,
    Json(Tag { value }): Json<Tag>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Json<Value>> {
    tag(&caller, &id, &value, true, &cluster)
}

#[handler]
pub(super) fn remove_tag(
    caller: Caller,
    Path(id): Path<String>,
    Json(Tag { value }): Json<Tag>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Json<Value>> {
    tag(&caller, &id, &value, false, &cluster)
}

fn tag(caller: &Caller, id: &str, tag: &str, on: bool, cluster: &Cluster) -> Result<Json<Value>> {
    let owner = id.split('~').next();
    if owner != Some(caller.name()) && !caller.is_admin() {
        return Err(error::forbidden("Only the job's user and admins may."));
    }
    if tag.is_empty() || tag.contains(',') || tag.chars().count() > MAX_TAG {
        return Err(error::invalid_parameters(
            "A tag has 1 to 512 characters and no comma.",
        ));
    }
    let done = cluster.jobs.tag(id, tag, on);
    done.ok_or_else(|| error::no_job(id))?;
    Ok(Json(
        json!({ "status": 200, "message": format!("Job {id} is tagged anew.") }),
    ))
}

/// Takes a protocol, YAML or JSON, and queues it as a job that waits until a test
/// moves it: there is nothing here to run it on.
#[handler]
pub(super) async fn submit(
    caller: Caller,
    request: &Request,
    body: Body,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Response> {
    cluster
        .counts
        .take(Call::Submission, caller.name())
        .map_err(error::too_many)?;
    let is_text = request
        .header(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.starts_with("text/"));
    if !is_text {
        return Err(error::invalid_protocol("Send the protocol as text/yaml."));
    }
    let protocol = body
        .into_bytes_limit(MAX_PROTOCOL)
        .await
        .map_err(|_| error::too_large())?;
    let protocol = String::from_utf8(protocol.to_vec())
        .map_err(|_| error::invalid_protocol("This is not UTF-8."))?;
    let user = caller.user().ok_or_else(|| error::no_user(caller.name()))?;
    let job = Submission::read(&protocol).map_err(|why| error::invalid_protocol(&why))?;
    let id = format!("{}~{}", user.name, job.name);
    if cluster.jobs.has(&id) {
        return Err(error::conflict(&id));
    }
    admission::check(&job, user, &cluster.hardware).map_err(|refusal| match refusal {
        Refusal::Invalid(why) => error::invalid_protocol(&why),
        Refusal::Storage(name) => error::no_storage(&name),
        Refusal::VirtualCluster => error::forbidden(&format!(
            "{} may not use the virtual cluster {}.",
            user.name, job.virtual_cluster
        )),
    })?;
    if !cluster.jobs.submit(user.name, &job, &protocol) {
        return Err(error::conflict(&id));
    }
    let body = Json(json!({ "status": 202, "message": format!("Job {id} is queued.") }));
    Ok(body.with_status(StatusCode::ACCEPTED).into_response())
}

fn names(comma_separated: Option<&str>) -> Vec<String> {
    comma_separated
        .unwrap_or_default()
        .split(',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}
