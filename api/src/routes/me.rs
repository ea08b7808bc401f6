//! `/me`: who the caller is. The plugin asks it which buttons to show; a
//! cookie would prove nothing (docs/contract.md#1-the-portal-and-pluginjs).

use poem_openapi::OpenApi;
use shared::wire::Me;

use super::Heading;
use crate::auth::SignedIn;
use crate::openapi::Json;
use crate::problem::Failure;

/// The route.
pub struct Callers;

#[allow(clippy::unused_async, reason = "handlers are asynchronous")]
#[OpenApi(tag = "Heading::Callers")]
impl Callers {
    /// Who the caller is
    #[oai(path = "/me", method = "get")]
    async fn me(&self, SignedIn(caller): SignedIn) -> Result<Json<Me>, Failure<0>> {
        Ok(Json(Me {
            username: caller.name.clone(),
            admin: caller.admin,
            groups: caller.groups.clone(),
        }))
    }
}
