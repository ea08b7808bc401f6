//! What can go wrong with the catalogue. Nothing here knows how it is answered:
//! whoever serves requests says which status each of these is.

use sea_orm::{DbErr, RuntimeErr};
use shared::wire::AuditKind;

use crate::secrets::SecretError;

/// Items that one user follows at most: more than anybody keeps an eye on, and few enough
/// that what is new is found in some milliseconds.
pub(crate) const MAX_FOLLOWED: u64 = 500;

/// Exit codes of one item that have an answer.
pub const MAX_ANSWERS: u64 = 50;

/// Why the store has not done what it was asked for. Its text is one line for people,
/// without secrets; what happened inside is its source.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing has this id.
    #[error("There is no {kind} with the id `{id}`.")]
    NotFound {
        /// What was looked for.
        kind: AuditKind,
        /// Its id.
        id: String,
    },
    /// An item has no such version, or none that the caller may read.
    #[error("The item has no version {0}, or it is not kept any more.")]
    NoSuchVersion(i32),
    /// The user follows as many items as one may.
    #[error("You follow {MAX_FOLLOWED} items already, as many as one may: unfollow some first.")]
    TooManyFollowed,
    /// An item has as many answers to exit codes as one may.
    #[error(
        "The item has answers to {MAX_ANSWERS} exit codes already, as many as there may be: remove some first."
    )]
    TooManyAnswers,
    /// An item names a category that does not exist: admins alone make them.
    #[error("There is no category `{0}`; an admin can make it.")]
    NoSuchCategory(String),
    /// Another category has the name.
    #[error("A category of this name exists already.")]
    CategoryExists,
    /// Another tag has the name, or one that differs in case only.
    #[error("A tag of this name exists already, maybe in another case.")]
    TagExists,
    /// A label cannot take its own place.
    #[error("Nothing is merged with itself: name another one in `into`.")]
    MergedWithItself,
    /// The key that makes a request safe to repeat belongs to another request.
    #[error("The key was used before, for another request.")]
    KeyReused,
    /// Too many others search in texts, so that no turn at it came in time.
    #[error("Many others use the search at the moment; please try again in a few seconds.")]
    SearchBusy,
    /// A secret of a storage cannot be decrypted.
    #[error("The storage `{id}` cannot be read: {error}.")]
    StorageUnreadable {
        /// The storage's id.
        id: String,
        /// What an admin must look at.
        error: SecretError,
    },
    /// A secret of a storage cannot be encrypted.
    #[error("storage {id}: {error}")]
    StorageUnsealed {
        /// The storage's id.
        id: String,
        /// Why not.
        error: SecretError,
    },
    /// A row holds what this program does not write.
    #[error("{0}")]
    Damaged(String),
    /// The database does not do at the moment what it would do at another time.
    #[error("{outage}")]
    Outage {
        /// What keeps it.
        outage: Outage,
        /// What it said.
        #[source]
        error: DbErr,
    },
    /// The database, or a statement that it was sent, is at fault.
    #[error(transparent)]
    Database(DbErr),
}

impl StoreError {
    pub(super) fn not_found(kind: AuditKind, id: &str) -> Self {
        Self::NotFound {
            kind,
            id: id.to_owned(),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match Outage::behind(&error) {
            Some(outage) => Self::Outage { outage, error },
            None => Self::Database(error),
        }
    }
}

/// Why something was not done in which the caller has a say.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError<E> {
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the caller passed in failed with this.
    #[error("{0}")]
    Callback(E),
}

impl<E> From<DbErr> for CallbackError<E> {
    fn from(error: DbErr) -> Self {
        Self::Store(error.into())
    }
}

/// Why the database does not do at the moment what it would do at another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Outage {
    /// There is no working connection, or it is starting up or shutting down.
    #[error("The database is out of reach at the moment; please try again in a few seconds.")]
    Unreachable,
    /// It has given up: others were in the way, or it took too long.
    #[error("The database was too busy to do this; please try again in a few seconds.")]
    Busy,
    /// It is read, not written.
    #[error(
        "The database takes no changes at the moment; please try again later, or tell an admin."
    )]
    ReadOnly,
    /// Its disk or memory is full.
    #[error(
        "The database has run out of space or memory; please tell an admin, and try again later."
    )]
    Full,
    /// Its disk fails, or refuses.
    #[error(
        "The database cannot read or write its files; please tell an admin, and try again later."
    )]
    Failing,
}

/// Whether the same may succeed some seconds later: the database went away, was busy
/// or is read-only, as while another server takes over.
pub(super) fn may_pass(error: &DbErr) -> bool {
    matches!(
        Outage::behind(error),
        Some(Outage::Unreachable | Outage::Busy | Outage::ReadOnly)
    )
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
