use std::sync::Arc;

use poem::web::{Data, Json, Path, Query};
use poem::{Request, Result, handler};
use serde::Deserialize;
use serde_json::{Value, json};

use super::authn::Caller;
use crate::cluster::Cluster;
use crate::error;

/// All virtual clusters, whoever may use them; with `?nodes` the machines.
#[handler]
pub(super) fn list(
    _caller: Caller,
    request: &Request,
    cluster: Data<&Arc<Cluster>>,
) -> Json<Value> {
    let query = request.uri().query().unwrap_or_default();
    let wants_nodes = query
        .split('&')
        .any(|pair| pair.split('=').next() == Some("nodes"));
    Json(if wants_nodes {
        cluster.hardware.describe_nodes()
    } else {
        cluster.hardware.describe_virtual_clusters()
    })
}

#[handler]
pub(super) fn show(
    _caller: Caller,
    Path(name): Path<String>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Json<Value>> {
    let mut all = cluster.hardware.describe_virtual_clusters();
    match all.get_mut(&name) {
        Some(one) => Ok(Json(one.take())),
        None => Err(error::no_virtual_cluster(&name)),
    }
}

#[derive(Deserialize)]
pub(super) struct SkuQuery {
    vc: Option<String>,
}

#[handler]
pub(super) fn sku_types(
    _caller: Caller,
    Query(query): Query<SkuQuery>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Json<Value>> {
    match query.vc {
        None => Ok(Json(cluster.hardware.describe_skus())),
        Some(vc) => cluster
            .hardware
            .describe_skus_of(&vc)
            .map(Json)
            .ok_or_else(|| error::no_virtual_cluster(&vc)),
    }
}

/// The storages of the caller's groups.
#[handler]
pub(super) fn storages(caller: Caller) -> Json<Value> {
    let names = caller.user().map_or(&[][..], |user| user.storages);
    let storage =
        |name: &&str| json!({ "name": name, "share": true, "volumeName": format!("{name}-pv") });
    Json(json!({ "storages": names.iter().map(storage).collect::<Vec<_>>() }))
}
