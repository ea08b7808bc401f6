//! `/me`: who the caller is. The plugin asks it which buttons to show; a
//! cookie would prove nothing (docs/contract.md#1-the-portal-and-pluginjs).

use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;
use shared::wire::Me;

use super::Heading;
use crate::auth::SignedIn;
use crate::config::SharedSecrets;
use crate::openapi::Json;
use crate::problem::Failure;
use crate::run_watch::RunWatch;

/// The route.
pub struct Callers(pub(super) RunWatch);

#[allow(clippy::unused_async, reason = "handlers are asynchronous")]
#[OpenApi(tag = "Heading::Callers")]
impl Callers {
    /// Who the caller is
    ///
    /// Also the occasion to look what has become of jobs that were made of items, at most once a
    /// minute for each caller: the answer does not wait for that.
    #[oai(path = "/me", method = "get")]
    async fn me(
        &self,
        request: &Request,
        SignedIn(caller): SignedIn,
        Data(secrets): Data<&SharedSecrets>,
    ) -> Result<Json<Me>, Failure<0>> {
        self.0.look(request, &caller);
        Ok(Json(Me {
            username: caller.name.clone(),
            admin: caller.admin,
            groups: caller.groups.clone(),
            secrets_refused: secrets.asks(&caller),
        }))
    }
}
