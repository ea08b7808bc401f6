//! The errors of OpenPAI's REST server: `{code, message}` with a status
//! (docs/contract.md#2-openpais-rest-server). The codes are the real ones; the messages are our own.

use std::time::Duration;

use poem::http::{StatusCode, header};
use poem::web::Json;
use poem::{Error, IntoResponse};
use serde_json::json;

fn error(status: StatusCode, code: &str, message: impl AsRef<str>) -> Error {
    let body = Json(json!({ "code": code, "message": message.as_ref() }));
    Error::from_response(body.with_status(status).into_response())
}

/// No token came with the request.
pub(crate) fn unauthorized() -> Error {
    error(
        StatusCode::UNAUTHORIZED,
        "UnauthorizedUserError",
        "Sign in to do this.",
    )
}

/// The token is forged, expired or revoked.
pub(crate) fn invalid_token() -> Error {
    error(
        StatusCode::UNAUTHORIZED,
        "InvalidTokenError",
        "The token is not valid, or not any more.",
    )
}

/// The caller lacks the right.
pub(crate) fn forbidden(message: &str) -> Error {
    error(StatusCode::FORBIDDEN, "ForbiddenUserError", message)
}

/// There is no such user. 400, not 404, as in the real server.
pub(crate) fn no_user(name: &str) -> Error {
    error(
        StatusCode::BAD_REQUEST,
        "NoUserError",
        format!("There is no user {name}."),
    )
}

/// Name and password do not belong together.
pub(crate) fn incorrect_password() -> Error {
    error(
        StatusCode::BAD_REQUEST,
        "IncorrectPasswordError",
        "The password is not right.",
    )
}

/// The query or the body is not what it should be.
pub(crate) fn invalid_parameters(message: &str) -> Error {
    error(StatusCode::BAD_REQUEST, "InvalidParametersError", message)
}

/// The submitted protocol is not one.
pub(crate) fn invalid_protocol(message: &str) -> Error {
    error(StatusCode::BAD_REQUEST, "InvalidProtocolError", message)
}

/// There is no such virtual cluster.
pub(crate) fn no_virtual_cluster(name: &str) -> Error {
    error(
        StatusCode::NOT_FOUND,
        "NoVirtualClusterError",
        format!("There is no virtual cluster {name}."),
    )
}

/// The user has a job of that name.
pub(crate) fn conflict(name: &str) -> Error {
    error(
        StatusCode::CONFLICT,
        "ConflictJobError",
        format!("There is a job {name} already."),
    )
}

/// There is no such job.
pub(crate) fn no_job(id: &str) -> Error {
    error(
        StatusCode::NOT_FOUND,
        "NoJobError",
        format!("There is no job {id}."),
    )
}

/// The user has no such storage.
pub(crate) fn no_storage(name: &str) -> Error {
    error(
        StatusCode::NOT_FOUND,
        "NoStorageError",
        format!("There is no storage {name} for you."),
    )
}

/// The protocol is too large to be read.
pub(crate) fn too_large() -> Error {
    error(
        StatusCode::PAYLOAD_TOO_LARGE,
        "UnknownError",
        "The request is too large.",
    )
}

/// The caller, or its address, calls too often; so long it has to wait. Unlike all
/// other errors this one is no JSON, as in the real server.
pub(crate) fn too_many(wait: Duration) -> Error {
    let response = "Too many requests. Try again later."
        .with_status(StatusCode::TOO_MANY_REQUESTS)
        .with_header(header::RETRY_AFTER, wait.as_secs().max(1).to_string())
        .into_response();
    Error::from_response(response)
}

/// There is no such job, or it has no protocol.
pub(crate) fn no_job_config(id: &str) -> Error {
    error(
        StatusCode::NOT_FOUND,
        "NoJobConfigError",
        format!("The configuration of job {id} is not there."),
    )
}

/// The path leads nowhere.
pub(crate) fn no_api() -> Error {
    error(
        StatusCode::NOT_FOUND,
        "NoApiError",
        "There is nothing at this path.",
    )
}

/// A test asked for this status.
pub(crate) fn on_request(status: u16) -> Error {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let code = match status {
        StatusCode::UNAUTHORIZED => "UnauthorizedUserError",
        StatusCode::FORBIDDEN => "ForbiddenUserError",
        _ => "UnknownError",
    };
    error(status, code, "A test asked for this.")
}
