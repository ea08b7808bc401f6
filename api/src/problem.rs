//! Every way to refuse a request.
//!
//! A refusal is made by one of the small constructors here, travels as a
//! [`Refusal`] and becomes a response in one place, [`crate::middleware`]: one
//! line of text for clients that do not ask for JSON, because the portal shows
//! it, and RFC 9457 problem details for those that do (docs/contract.md#3-the-api).

use std::time::Duration;

use poem::error::ResponseError;
use poem::http::StatusCode;
use shared::exposure;
use shared::protocol::Diagnostic;
use shared::wire::AuditKind;

use store::{CallbackError, StoreError};

/// A request that was refused, or that failed.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// What went wrong, where, and what to do; one line, without secrets.
    pub detail: String,
    /// What is wrong with the protocol that was sent, if that is the problem.
    pub diagnostics: Vec<Diagnostic>,
    /// For the log only: what happened inside.
    pub cause: Option<String>,
}

/// Seconds after which a client may try again when something that the server
/// needs is out of reach: long enough for a restart, short for a person.
pub const RETRY_AFTER_SECONDS: u32 = 5;

/// What a storage that is not there is called: old clients compare the text
/// (docs/contract.md#3-the-api).
const NO_STORAGE: &str = "Blob not found";

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Refusal {}

impl ResponseError for Refusal {
    fn status(&self) -> StatusCode {
        self.status
    }
}

fn refusal(status: StatusCode, detail: impl Into<String>) -> Refusal {
    Refusal {
        status,
        detail: detail.into(),
        diagnostics: Vec::new(),
        cause: None,
    }
}

/// Refuses by 403, and says why, unless the caller `may`.
///
/// # Errors
/// 403.
pub fn check(may: bool, why: impl Into<String>) -> Result<(), Refusal> {
    if may { Ok(()) } else { Err(forbidden(why)) }
}

/// 400: the request makes no sense.
pub fn bad_request(detail: impl Into<String>) -> Refusal {
    refusal(StatusCode::BAD_REQUEST, detail)
}

/// 400: the protocol that was sent is invalid.
pub fn invalid_protocol(diagnostics: Vec<Diagnostic>) -> Refusal {
    let errors: Vec<_> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_refusal())
        .collect();
    let more = match errors.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let first = errors.first().map(ToString::to_string).unwrap_or_default();
    Refusal {
        diagnostics,
        ..bad_request(format!("The protocol is invalid: {first}{more}"))
    }
}

/// 400: others would read what looks like secrets in this text of an item.
pub fn shared_secrets(field: &str, diagnostics: Vec<Diagnostic>) -> Refusal {
    let detail = exposure::refusal(field, &diagnostics);
    Refusal {
        // Of other texts nobody could show where.
        diagnostics: if field == "protocol" {
            diagnostics
        } else {
            Vec::new()
        },
        ..bad_request(detail)
    }
}

/// 401: OpenPAI does not know the caller.
pub fn unauthorized(detail: impl Into<String>) -> Refusal {
    refusal(StatusCode::UNAUTHORIZED, detail)
}

/// 403: the caller may not do this.
pub fn forbidden(detail: impl Into<String>) -> Refusal {
    refusal(StatusCode::FORBIDDEN, detail)
}

/// 409: the name or id is taken.
pub fn conflict(detail: impl Into<String>) -> Refusal {
    refusal(StatusCode::CONFLICT, detail)
}

/// 412: somebody else was faster.
pub fn outdated(detail: impl Into<String>) -> Refusal {
    refusal(StatusCode::PRECONDITION_FAILED, detail)
}

/// 409: an item's protocol is invalid, so no job can be made of it.
pub fn unusable_protocol(diagnostics: Vec<Diagnostic>) -> Refusal {
    let refusal = invalid_protocol(diagnostics);
    Refusal {
        status: StatusCode::CONFLICT,
        detail: format!(
            "{}. Ask the item's author to mend it.",
            refusal.detail.trim_end_matches('.')
        ),
        ..refusal
    }
}

/// 413: the body is over the limit, in bytes.
pub fn too_large(limit: usize) -> Refusal {
    refusal(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "The request body is larger than {} KiB, the most this server takes.",
            limit / 1024
        ),
    )
}

/// 503: something that the server needs is out of reach.
pub fn unavailable(what: &str, cause: impl Into<String>) -> Refusal {
    Refusal {
        cause: Some(cause.into()),
        ..refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("{what} is out of reach at the moment; please try again in a few seconds."),
        )
    }
}

/// 503: there is too much to do at the moment.
pub fn overloaded(detail: impl Into<String>, cause: impl Into<String>) -> Refusal {
    Refusal {
        cause: Some(cause.into()),
        ..refusal(StatusCode::SERVICE_UNAVAILABLE, detail)
    }
}

/// 503: something is still to be done here, which the log has been told already.
pub fn not_ready(detail: impl Into<String>) -> Refusal {
    refusal(StatusCode::SERVICE_UNAVAILABLE, detail)
}

/// 408: the body did not come in time.
pub fn too_slow(limit: Duration) -> Refusal {
    refusal(
        StatusCode::REQUEST_TIMEOUT,
        format!(
            "The request body did not come within {} seconds; please send it again.",
            limit.as_secs()
        ),
    )
}

/// 500: a mistake of ours, or of the machine's.
pub fn internal(cause: impl Into<String>) -> Refusal {
    Refusal {
        cause: Some(cause.into()),
        ..refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The server failed to answer; its log knows more under this request's id.",
        )
    }
}

/// What goes wrong in the store, as an answer.
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::NotFound {
                kind: AuditKind::Storage,
                ..
            } => refusal(StatusCode::NOT_FOUND, NO_STORAGE),
            StoreError::NotFound { .. } | StoreError::NoSuchVersion(_) => {
                refusal(StatusCode::NOT_FOUND, detail)
            }
            StoreError::NoSuchCategory(_)
            | StoreError::MergedWithItself
            | StoreError::TooManyFollowed
            | StoreError::TooManyAnswers => bad_request(detail),
            StoreError::CategoryExists | StoreError::TagExists => conflict(detail),
            StoreError::KeyReused => conflict(
                "The `Idempotency-Key` was used before, for another body: send a new key with a new item.",
            ),
            StoreError::SearchBusy => overloaded(detail, "too many others wait for a scan"),
            // An admin has to mend it, and reads this.
            StoreError::StorageUnreadable { .. } => Self {
                detail: detail.clone(),
                ..internal(detail)
            },
            StoreError::Outage { error, .. } => overloaded(detail, error.to_string()),
            StoreError::StorageUnsealed { .. }
            | StoreError::Damaged(_)
            | StoreError::Database(_) => internal(detail),
        }
    }
}

impl From<CallbackError<Self>> for Refusal {
    fn from(error: CallbackError<Self>) -> Self {
        match error {
            CallbackError::Store(error) => error.into(),
            CallbackError::Callback(refusal) => refusal,
        }
    }
}

/// The documented refusals of a route, on top of those that every route has
/// (401, 500, 503): a sum of the constants in [`responses`].
#[derive(Debug)]
pub struct Failure<const RESPONSES: u16>(Refusal);

/// What a route may answer besides success; see [`Failure`].
pub mod responses {
    /// 400.
    pub const BAD_REQUEST: u16 = 1;
    /// 403.
    pub const FORBIDDEN: u16 = 2;
    /// 404.
    pub const NOT_FOUND: u16 = 4;
    /// 409.
    pub const CONFLICT: u16 = 8;
    /// The route takes a body: 400 and 413.
    pub const BODY_REFUSED: u16 = 16 | BAD_REQUEST;
    /// The route heeds `If-Match`: 400 and 412.
    pub const PRECONDITION_FAILED: u16 = 32 | BAD_REQUEST;
    /// 409 of a route that heeds `Idempotency-Key`, which is 400 if malformed.
    pub const KEY_REUSED: u16 = 1 << 11 | BAD_REQUEST;
    /// 409 of `POST /items/{id}/use`.
    pub const UNUSABLE: u16 = 1 << 12;
}

impl<const RESPONSES: u16> Failure<RESPONSES> {
    /// The statuses that the route may answer, with what they mean.
    pub(crate) fn documented() -> Vec<(u16, &'static str)> {
        let mut statuses = vec![];
        let mut add = |bit: u16, status: u16, meaning| {
            if RESPONSES & bit == bit {
                statuses.push((status, meaning));
            }
        };
        add(
            responses::BAD_REQUEST,
            400,
            "The request is malformed; the detail says where.",
        );
        add(0, 401, "The bearer token is missing, invalid or expired.");
        add(responses::FORBIDDEN, 403, "The caller may not do this.");
        add(responses::NOT_FOUND, 404, "There is no such thing.");
        add(responses::CONFLICT, 409, "The name is taken.");
        add(
            responses::PRECONDITION_FAILED,
            412,
            "Somebody else changed it since the version that `If-Match` names.",
        );
        add(
            responses::KEY_REUSED,
            409,
            "The `Idempotency-Key` was used for another body.",
        );
        add(
            responses::UNUSABLE,
            409,
            "The item cannot be used as it is: its protocol is invalid, the storage that it needs is not there, or it is in \
             quarantine.",
        );
        add(
            responses::BODY_REFUSED,
            408,
            "The body did not come in time.",
        );
        add(
            responses::BODY_REFUSED,
            413,
            "The body is larger than the server takes.",
        );
        add(0, 500, "The server failed.");
        add(
            0,
            503,
            "OpenPAI's REST server or the database is out of reach, or the database is busy, read-only or full.",
        );
        statuses
    }
}

impl<const RESPONSES: u16> From<Refusal> for Failure<RESPONSES> {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl<const RESPONSES: u16> From<StoreError> for Failure<RESPONSES> {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}

impl<const RESPONSES: u16> From<CallbackError<Refusal>> for Failure<RESPONSES> {
    fn from(error: CallbackError<Refusal>) -> Self {
        Self(error.into())
    }
}

impl<const RESPONSES: u16> From<Failure<RESPONSES>> for poem::Error {
    fn from(failure: Failure<RESPONSES>) -> Self {
        failure.0.into()
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::DbErr;

    use super::*;
    use store::Outage;

    #[test]
    fn what_the_store_says_is_answered() {
        let not_found = |kind| StoreError::NotFound {
            kind,
            id: "x".to_owned(),
        };
        let outage = StoreError::Outage {
            outage: Outage::Unreachable,
            error: DbErr::Custom("secret".to_owned()),
        };
        for (error, status, detail) in [
            (
                not_found(AuditKind::Item),
                404,
                "There is no item with the id `x`.",
            ),
            (not_found(AuditKind::Storage), 404, "Blob not found"),
            (
                StoreError::NoSuchCategory("sea".to_owned()),
                400,
                "There is no category `sea`; an admin can make it.",
            ),
            (
                StoreError::CategoryExists,
                409,
                "A category of this name exists already.",
            ),
            (
                StoreError::TagExists,
                409,
                "A tag of this name exists already, maybe in another case.",
            ),
            (
                StoreError::KeyReused,
                409,
                "The `Idempotency-Key` was used before, for another body: send a new key with a new item.",
            ),
            (
                StoreError::SearchBusy,
                503,
                "Many others use the search at the moment; please try again in a few seconds.",
            ),
            (
                outage,
                503,
                "The database is out of reach at the moment; please try again in a few seconds.",
            ),
            (
                StoreError::Database(DbErr::Custom("secret".to_owned())),
                500,
                "The server failed to answer; its log knows more under this request's id.",
            ),
        ] {
            let refusal = Refusal::from(error);
            assert_eq!(
                (refusal.status.as_u16(), &*refusal.detail),
                (status, detail)
            );
        }
    }
}
