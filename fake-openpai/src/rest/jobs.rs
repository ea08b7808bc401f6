use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::{Data, Json, Path, Query};
use poem::{IntoResponse, Response, Result, handler};
use saphyr::{LoadableYamlNode, Yaml};
use serde::Deserialize;
use serde_json::{Value, json};

use super::authn::Caller;
use super::{clusters, error};
use crate::cluster::Cluster;
use crate::jobs::{JobFilter, Order};

/// How many jobs one answer holds at most.
const MAX_LIMIT: usize = 50_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListQuery {
    username: Option<String>,
    vc: Option<String>,
    state: Option<String>,
    keyword: Option<String>,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
    order: Option<String>,
    #[serde(default)]
    with_total_count: bool,
}

#[handler]
pub(super) fn list(
    _caller: Caller,
    query: Result<Query<ListQuery>>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Json<Value>> {
    let Query(query) = query.map_err(|e| error::invalid_parameters(&e.to_string()))?;
    let order = query
        .order
        .as_deref()
        .map_or(Ok(Order::default()), |text| {
            text.parse()
                .map_err(|message: String| error::invalid_parameters(&message))
        })?;
    let filter = JobFilter {
        users: names(query.username.as_deref()),
        virtual_clusters: names(query.vc.as_deref()),
        states: names(query.state.as_deref()),
        keyword: query.keyword.unwrap_or_default(),
    };
    let jobs = cluster.jobs.find(&filter, order);
    let total = jobs.len();
    let page: Vec<_> = jobs
        .into_iter()
        .skip(query.offset)
        .take(query.limit.unwrap_or(MAX_LIMIT).min(MAX_LIMIT))
        .collect();
    Ok(Json(if query.with_total_count {
        json!({ "totalCount": total, "data": page })
    } else {
        json!(page)
    }))
}

#[handler]
pub(super) fn config(
    _caller: Caller,
    Path(id): Path<String>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Response> {
    let protocol = id
        .split_once('~')
        .and_then(|(user, job)| cluster.jobs.protocol(user, job))
        .ok_or_else(|| error::no_job_config(&id))?;
    Ok(protocol
        .with_content_type("text/yaml; charset=utf-8")
        .into_response())
}

/// Takes a protocol, YAML or JSON, and queues it as a job that stays WAITING:
/// there is nothing here to run it on.
#[handler]
pub(super) fn submit(
    caller: Caller,
    protocol: String,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Response> {
    let user = caller.user().ok_or_else(|| error::no_user(caller.name()))?;
    let documents = Yaml::load_from_str(&protocol)
        .map_err(|e| error::invalid_protocol(&format!("This is not YAML: {e}.")))?;
    let [document] = documents.as_slice() else {
        return Err(error::invalid_protocol("Send exactly one document."));
    };
    let name = text_at(document, "name")
        .filter(|name| is_name(name))
        .ok_or_else(|| error::invalid_protocol("`name` must be of letters, digits, _ and -."))?;
    let mut roles = document
        .as_mapping_get("taskRoles")
        .and_then(Yaml::as_mapping)
        .into_iter()
        .flatten();
    if roles.next().is_none() {
        return Err(error::invalid_protocol("`taskRoles` is missing."));
    }
    let virtual_cluster = document
        .as_mapping_get("defaults")
        .and_then(|defaults| text_at(defaults, "virtualCluster"))
        .unwrap_or("default");
    if !clusters::exists(virtual_cluster) {
        return Err(error::no_virtual_cluster(virtual_cluster));
    }
    if !user.may_use(virtual_cluster) {
        return Err(error::forbidden("You may not use this virtual cluster."));
    }
    let id = format!("{}~{name}", user.name);
    if !cluster
        .jobs
        .submit(user.name, name, virtual_cluster, &protocol)
    {
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

fn text_at<'a>(mapping: &'a Yaml<'_>, key: &str) -> Option<&'a str> {
    mapping.as_mapping_get(key).and_then(|value| value.as_str())
}

fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}
