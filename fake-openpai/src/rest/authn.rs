use std::sync::Arc;

use poem::http::header;
use poem::web::{Data, Form, Json};
use poem::{FromRequest, Request, RequestBody, Result, handler};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::error;
use crate::people::User;
use crate::tokens::{Claims, TOKEN_LIFETIME};

/// Who sends a request, proven by a good bearer token. As extractor it refuses
/// everybody else with 401.
pub(crate) struct Caller {
    claims: Claims,
}

impl Caller {
    pub(crate) fn name(&self) -> &str {
        &self.claims.username
    }

    /// The account, unless it was deleted after the token was made.
    pub(crate) fn user(&self) -> Option<&'static User> {
        User::find(self.name())
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.user().is_some_and(|user| user.admin)
    }
}

impl<'a> FromRequest<'a> for Caller {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        let cluster = Data::<&Arc<Cluster>>::from_request_without_body(request).await?;
        let token = request
            .header(header::AUTHORIZATION)
            // As in the real server: what follows the token does not count.
            .and_then(|value| value.strip_prefix("Bearer ")?.split(' ').next())
            .ok_or_else(error::unauthorized)?;
        let claims = cluster
            .tokens
            .check(token)
            .ok_or_else(error::invalid_token)?;
        Ok(Self { claims })
    }
}

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

#[handler]
pub(super) fn login(
    credentials: Result<Form<Credentials>>,
    cluster: Data<&Arc<Cluster>>,
) -> Result<Json<Value>> {
    let Form(credentials) = credentials
        .map_err(|_| error::invalid_parameters("Send a form with username and password."))?;
    let user =
        User::find(&credentials.username).ok_or_else(|| error::no_user(&credentials.username))?;
    if !user.has_password(&credentials.password) {
        return Err(error::incorrect_password());
    }
    Ok(Json(json!({
        "user": user.name,
        "token": cluster.tokens.issue(user.name, TOKEN_LIFETIME),
        "admin": user.admin,
        "hasGitHubPAT": false,
    })))
}

#[handler]
pub(super) fn check(caller: Caller) -> Json<Value> {
    let Claims {
        username,
        iat,
        exp,
        application,
        ..
    } = &caller.claims;
    Json(json!({
        "username": username,
        "iat": iat,
        "exp": exp,
        "application": application,
        "admin": caller.is_admin(),
    }))
}
