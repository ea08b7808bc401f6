use std::sync::Arc;

use poem::web::{Data, Json, Path};
use poem::{Result, handler};
use serde_json::Value;

use super::authn::Caller;
use crate::cluster::Cluster;
use crate::error;
use crate::people::{self, Group, User};

/// Anybody, for anybody who is signed in (docs/contract.md#2-openpais-rest-server).
#[handler]
pub(super) fn show(
    _caller: Caller,
    Path(name): Path<String>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Json<Value>> {
    let user = User::find(&name).ok_or_else(|| error::no_user(&name))?;
    Ok(Json(user.to_json(&cluster.hardware)))
}

#[handler]
pub(super) fn groups(_caller: Caller) -> Json<Vec<Group>> {
    Json(people::groups())
}
