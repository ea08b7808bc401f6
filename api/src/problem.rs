//! Every way to refuse a request.
//!
//! A refusal is made by one of the small constructors here, travels as a
//! [`Refusal`] and becomes a response in one place, [`crate::middleware`]: one
//! line of text for clients that do not ask for JSON, because the portal shows
//! it, and RFC 9457 problem details for those that do (docs/contract.md#3-the-api).

use std::time::Duration;

use poem::error::ResponseError;
use poem::http::StatusCode;
use sea_orm::{DbErr, RuntimeErr};
use shared::protocol::Diagnostic;

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

impl Refusal {
    /// The same for whoever runs the server, who may know what happened inside.
    pub fn into_report(self) -> anyhow::Error {
        match self.cause {
            Some(cause) => anyhow::Error::msg(cause).context(self.detail),
            None => anyhow::Error::msg(self.detail),
        }
    }
}

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

/// 401: OpenPAI does not know the caller.
pub fn unauthorized(detail: impl Into<String>) -> Refusal {
    refusal(StatusCode::UNAUTHORIZED, detail)
}

/// 403: the caller may not do this.
pub fn forbidden(detail: impl Into<String>) -> Refusal {
    refusal(StatusCode::FORBIDDEN, detail)
}

/// 404: there is no such `what`.
pub fn not_found(what: &str, id: &str) -> Refusal {
    refusal(
        StatusCode::NOT_FOUND,
        format!("There is no {what} with the id `{id}`."),
    )
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

/// Whether the same may succeed some seconds later: the database went away, was busy
/// or is read-only, as while another server takes over.
pub(crate) fn may_pass(error: &DbErr) -> bool {
    matches!(
        Outage::behind(error),
        Some(Outage::Unreachable | Outage::Busy | Outage::ReadOnly)
    )
}

impl From<DbErr> for Refusal {
    fn from(error: DbErr) -> Self {
        match Outage::behind(&error) {
            Some(outage) => outage.refusal(error.to_string()),
            None => internal(error.to_string()),
        }
    }
}

/// Why the database does not do at the moment what it would do at another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outage {
    /// There is no working connection, or it is starting up or shutting down.
    Unreachable,
    /// It has given up: others were in the way, or it took too long.
    Busy,
    /// It is read, not written.
    ReadOnly,
    /// Its disk or memory is full.
    Full,
    /// Its disk fails, or refuses.
    Failing,
}

/// The beginnings of `PostgreSQL`'s codes; the first one that fits counts.
const POSTGRES: [(&str, Outage); 11] = [
    // Connection exceptions.
    ("08", Outage::Unreachable),
    // Shut down by an admin or a crash, starting up, dropped, too long idle.
    ("57P", Outage::Unreachable),
    // A statement was cancelled or took longer than `statement_timeout`.
    ("57014", Outage::Busy),
    // A lock was not to be had within `lock_timeout`.
    ("55P03", Outage::Busy),
    // A transaction took too long, or was idle for too long.
    ("25P03", Outage::Busy),
    ("25P04", Outage::Busy),
    // One of several transactions that waited for each other was ended.
    ("40", Outage::Busy),
    ("25006", Outage::ReadOnly),
    // Too many connections.
    ("53300", Outage::Busy),
    // The disk or memory is full, or a limit of the configuration is reached.
    ("53", Outage::Full),
    // Input and output.
    ("58", Outage::Failing),
];

/// `SQLite`'s primary result codes: the lowest byte of the extended ones.
const SQLITE: [(u32, Outage); 9] = [
    // BUSY and LOCKED: somebody else writes for longer than we wait.
    (5, Outage::Busy),
    (6, Outage::Busy),
    // NOMEM.
    (7, Outage::Full),
    (8, Outage::ReadOnly),
    // INTERRUPT.
    (9, Outage::Busy),
    // IOERR.
    (10, Outage::Failing),
    (13, Outage::Full),
    // CANTOPEN.
    (14, Outage::Failing),
    // PROTOCOL: the locks of its write-ahead log were not to be had.
    (15, Outage::Busy),
];

impl Outage {
    fn behind(error: &DbErr) -> Option<Self> {
        match error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Some(Self::Unreachable),
            DbErr::Exec(RuntimeErr::SqlxError(sqlx))
            | DbErr::Query(RuntimeErr::SqlxError(sqlx)) => Self::of(sqlx),
            _ => None,
        }
    }

    fn of(error: &sea_orm::SqlxError) -> Option<Self> {
        use sea_orm::SqlxError as E;
        match error {
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
                Some(Self::Unreachable)
            }
            E::Database(database) => Self::of_code(&database.code()?),
            _ => None,
        }
    }

    /// Codes of `PostgreSQL` have five characters, those of `SQLite` are numbers
    /// of at most four.
    fn of_code(code: &str) -> Option<Self> {
        if code.len() == 5 {
            let found = POSTGRES.iter().find(|(begin, _)| code.starts_with(begin));
            return found.map(|(_, outage)| *outage);
        }
        let primary = code.parse::<u32>().ok()? & 0xff;
        let found = SQLITE.iter().find(|(code, _)| *code == primary);
        found.map(|(_, outage)| *outage)
    }

    fn refusal(self, cause: String) -> Refusal {
        let detail = match self {
            Self::Unreachable => return unavailable("The database", cause),
            Self::Busy => {
                "The database was too busy to do this; please try again in a few seconds."
            }
            Self::ReadOnly => {
                "The database takes no changes at the moment; please try again later, or tell an admin."
            }
            Self::Full => {
                "The database has run out of space or memory; please tell an admin, and try again later."
            }
            Self::Failing => {
                "The database cannot read or write its files; please tell an admin, and try again later."
            }
        };
        Refusal {
            cause: Some(cause),
            ..refusal(StatusCode::SERVICE_UNAVAILABLE, detail)
        }
    }
}

/// The documented refusals of a route, on top of those that every route has
/// (401, 500, 503): a sum of the constants in [`may`].
#[derive(Debug)]
pub struct Failure<const MAY: u16>(Refusal);

/// What a route may answer besides success; see [`Failure`].
pub mod may {
    /// 400.
    pub const BAD_REQUEST: u16 = 1;
    /// 403.
    pub const FORBID: u16 = 2;
    /// 404.
    pub const NOT_FIND: u16 = 4;
    /// 409.
    pub const CONFLICT: u16 = 8;
    /// The route takes a body: 400 and 413.
    pub const READ_BODY: u16 = 16 | BAD_REQUEST;
    /// The route heeds `If-Match`: 400 and 412.
    pub const BE_OUTDATED: u16 = 32 | BAD_REQUEST;
    /// 409 of a route that heeds `Idempotency-Key`, which is 400 if malformed.
    pub const NOT_REPEAT: u16 = 1 << 11 | BAD_REQUEST;
    /// 409 of `POST /items/{id}/use`.
    pub const NOT_USE: u16 = 1 << 12;
}

impl<const MAY: u16> Failure<MAY> {
    /// The statuses that the route may answer, with what they mean.
    pub(crate) fn documented() -> Vec<(u16, &'static str)> {
        let mut statuses = vec![];
        let mut add = |bit: u16, status: u16, meaning| {
            if MAY & bit == bit {
                statuses.push((status, meaning));
            }
        };
        add(
            may::BAD_REQUEST,
            400,
            "The request is malformed; the detail says where.",
        );
        add(0, 401, "The bearer token is missing, invalid or expired.");
        add(may::FORBID, 403, "The caller may not do this.");
        add(may::NOT_FIND, 404, "There is no such thing.");
        add(may::CONFLICT, 409, "The name is taken.");
        add(
            may::BE_OUTDATED,
            412,
            "Somebody else changed it since the version that `If-Match` names.",
        );
        add(
            may::NOT_REPEAT,
            409,
            "The `Idempotency-Key` was used for another body.",
        );
        add(
            may::NOT_USE,
            409,
            "The item cannot be used as it is: its protocol is invalid, or the storage that it needs is not there.",
        );
        add(may::READ_BODY, 408, "The body did not come in time.");
        add(
            may::READ_BODY,
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

impl<const MAY: u16> From<Refusal> for Failure<MAY> {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl<const MAY: u16> From<DbErr> for Failure<MAY> {
    fn from(error: DbErr) -> Self {
        Self(error.into())
    }
}

impl<const MAY: u16> From<Failure<MAY>> for poem::Error {
    fn from(failure: Failure<MAY>) -> Self {
        failure.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_outages() {
        for (outage, codes) in [
            (
                Some(Outage::Unreachable),
                &["08000", "08006", "57P01", "57P03", "57P05"][..],
            ),
            (
                Some(Outage::Busy),
                &[
                    "57014", "55P03", "40001", "40P01", "25P03", "53300", "5", "261", "517", "6",
                    "9", "15",
                ],
            ),
            (
                Some(Outage::ReadOnly),
                &["25006", "8", "264", "776", "1032"],
            ),
            (
                Some(Outage::Full),
                &["53000", "53100", "53200", "53400", "7", "13"],
            ),
            (
                Some(Outage::Failing),
                &["58000", "58030", "10", "266", "778", "3338", "14", "270"],
            ),
            // A mistake of ours, or a damaged file: not so a little later.
            (
                None,
                &[
                    "23505", "42P01", "22P02", "25P02", "XX001", "57000", "1", "11", "19", "26",
                    "275", "787", "2067", "",
                ],
            ),
        ] {
            for code in codes {
                assert_eq!(Outage::of_code(code), outage, "{code}");
            }
        }
    }
}
