//! Which database holds the catalogue.

mod postgres;

use std::path::PathBuf;

use anyhow::bail;

pub use postgres::{Parts, PostgresAddress};

/// Which database to open.
#[derive(Clone)]
pub enum Database {
    /// A file, made when it is not there.
    Sqlite(PathBuf),
    /// A server, and the password for it.
    Postgres(PostgresAddress),
}

/// Shows the database without its password.
impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "SQLite file {}", file.display()),
            Self::Postgres(address) => write!(f, "PostgreSQL at {address}"),
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Database {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is neither `SQLite`'s nor `PostgreSQL`'s, or cannot be understood. The
    /// address itself is not in the message: it may hold a password.
    pub fn from_url(url: &str) -> anyhow::Result<Self> {
        if let Some(file) = url.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            let file = file.split('?').next().unwrap_or_default();
            if file.is_empty() || file == ":memory:" {
                bail!(
                    "DATABASE_URL names no file; write sqlite://FILE, such as sqlite://data/marketplace.db"
                );
            }
            Ok(Self::Sqlite(file.into()))
        } else if let Some(rest) = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"))
        {
            PostgresAddress::from_url(rest).map(Self::Postgres)
        } else {
            bail!("DATABASE_URL must begin with postgres:// or sqlite://")
        }
    }
}
