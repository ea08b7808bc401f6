//! Waiting for a PostgreSQL server that starts after us, or is just being moved.

use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{ConnectOptions as _, Connection, Error};
use tracing::log::LevelFilter;

use crate::database::{Database, PostgresAddress};

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// How long one try may take.
const TRY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a server is waited for, and what of that is over.
pub(super) struct Waiting {
    database: Database,
    left: Duration,
    patience: Duration,
    told: bool,
}

impl Waiting {
    pub(super) fn new(database: &Database, patience: Duration) -> Self {
        Self {
            database: database.clone(),
            left: patience,
            patience,
            told: false,
        }
    }

    /// Returns when the database takes connections; a file always does.
    ///
    /// # Errors
    /// When there is no patience left, or waiting would not help.
    pub(super) async fn until_there(&mut self) -> anyhow::Result<()> {
        let Database::Postgres(address) = self.database.clone() else {
            return Ok(());
        };
        loop {
            let started = Instant::now();
            let Err(error) = connect(&address).await else {
                if self.told {
                    tracing::info!(database = %self.database, "the database is there");
                }
                return Ok(());
            };
            let will_pass = may_pass(&error, address.options().get_socket().is_some());
            let what = explain(error);
            if !will_pass {
                return Err(what.context(format!("cannot open the {}", self.database)));
            }
            self.wait(what, started).await?;
        }
    }

    /// Lets some time pass after what has failed since `started`.
    ///
    /// # Errors
    /// The same, when there is no patience left.
    pub(super) async fn wait(
        &mut self,
        error: anyhow::Error,
        started: Instant,
    ) -> anyhow::Result<()> {
        self.left = self.left.saturating_sub(started.elapsed().min(TRY_TIMEOUT));
        if self.left.is_zero() {
            let seconds = self.patience.as_secs();
            return Err(error.context(format!(
                "cannot open the {}, which was waited for for {seconds} s; the API waits as long as DB_WAIT says",
                self.database
            )));
        }
        if !self.told {
            self.told = true;
            tracing::warn!(
                database = %self.database,
                error = format!("{error:#}"),
                seconds = self.patience.as_secs(),
                "the database is waited for"
            );
        }
        let pause = PAUSE.min(self.left);
        self.left -= pause;
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

async fn connect(address: &PostgresAddress) -> Result<(), Error> {
    let options: PgConnectOptions = address.options().log_statements(LevelFilter::Trace);
    let open = async { PgConnection::connect_with(&options).await?.close().await };
    match tokio::time::timeout(TRY_TIMEOUT, open).await {
        Ok(result) => result,
        Err(_) => Err(Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

/// Whether waiting helps.
///
/// A server that is there and says that the password is wrong will say so in a minute
/// too, and many tries may lock the user out; whatever runs us starts us again. But a
/// database that is not known may just be being made, as PostgreSQL's image does after
/// it has started. A certificate that is not trusted, or files of the settings that
/// cannot be read, stay so.
fn may_pass(error: &Error, by_socket: bool) -> bool {
    use std::io::ErrorKind as K;
    match error {
        Error::Io(error) => match error.kind() {
            K::NotFound => by_socket,
            K::PermissionDenied | K::InvalidData | K::InvalidInput => false,
            _ => true,
        },
        Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            // Connections, resources, and servers that start or shut down; and a
            // database that is not there.
            ["08", "53", "57P", "3D000"]
                .iter()
                .any(|begin| code.starts_with(begin))
        }
        Error::Tls(_) | Error::Configuration(_) | Error::Protocol(_) => false,
        _ => true,
    }
}

/// What went wrong, and what to look at.
fn explain(error: Error) -> anyhow::Error {
    use std::io::ErrorKind as K;
    let advice = match &error {
        Error::Io(error) if error.kind() == K::NotFound => {
            "a file is not there that sslrootcert, sslcert or sslkey names (or PGSSLROOTCERT, PGSSLCERT, PGSSLKEY), or \
             the server's socket"
        }
        Error::Io(error) if error.kind() == K::PermissionDenied => {
            "a file of sslrootcert, sslcert or sslkey (or PGSSLROOTCERT, PGSSLCERT, PGSSLKEY), or the server's socket, \
             is not for this user to read"
        }
        Error::Io(error) if error.kind() == K::InvalidData => {
            "the server's certificate is not trusted: sslrootcert (or PGSSLROOTCERT) names a PEM file with that of the \
             authority that signed it, sslmode=verify-full wants the server's name in it, and it must not be marked as an authority's itself \
             (CA:FALSE)"
        }
        Error::Database(error) if error.code().is_some_and(|code| code.starts_with("28")) => {
            "look at DB_USERNAME and DB_PASSWORD, or DATABASE_URL, and at the server's pg_hba.conf"
        }
        Error::Database(error) if error.code().is_some_and(|code| code == "3D000") => {
            "look at DATABASE, or DATABASE_URL, or make that database"
        }
        Error::Protocol(_) => "what listens there does not seem to be PostgreSQL",
        _ => return error.into(),
    };
    anyhow::Error::from(error).context(advice)
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind as K};

    use super::*;

    #[test]
    fn waiting_helps_where_something_may_change() {
        let io = |kind: K| Error::Io(io::Error::from(kind));
        for (error, by_socket, passes) in [
            (io(K::ConnectionRefused), false, true),
            (io(K::TimedOut), false, true),
            (io(K::HostUnreachable), false, true),
            (
                Error::Io(io::Error::other("failed to lookup address")),
                false,
                true,
            ),
            (io(K::NotFound), true, true),
            (io(K::NotFound), false, false),
            (io(K::PermissionDenied), true, false),
            (io(K::InvalidData), false, false),
            (
                Error::Tls("server does not support TLS".into()),
                false,
                false,
            ),
            (Error::Protocol("unexpected response".into()), false, false),
        ] {
            assert_eq!(may_pass(&error, by_socket), passes, "{error}");
        }
    }
}
