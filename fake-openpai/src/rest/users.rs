use poem::web::{Json, Path};
use poem::{Result, handler};
use serde_json::Value;

use super::authn::Caller;
use super::error;
use crate::people::{self, Group, User};

#[handler]
pub(super) fn show(caller: Caller, Path(name): Path<String>) -> Result<Json<Value>> {
    // Who may not look does not learn who exists either.
    if caller.name() != name && !caller.is_admin() {
        return Err(error::forbidden("Only admins may look at other users."));
    }
    let user = User::find(&name).ok_or_else(|| error::no_user(&name))?;
    Ok(Json(user.to_json()))
}

#[handler]
pub(super) fn groups(_caller: Caller) -> Json<Vec<Group>> {
    Json(people::groups())
}
