//! The cluster's Azure Blob storages: how a job gets at one without ever
//! seeing an account key.
//!
//! - [`setting`] reads AZURE_STORAGE.
//! - [`connection`] reads Azure's connection strings.
//! - [`sas`] signs access to one container for a while.
//! - [`grant`] puts that into a job protocol.
//!
//! `docs/storage.md` tells admins about all of it.

pub mod connection;
pub mod grant;
pub mod sas;
pub mod setting;

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Url;
use shared::wire::Storage;

use connection::{Connection, ConnectionError};
use sas::{Rights, SasError};

/// How long a job may use the storage, handed to the handlers as request data.
#[derive(Clone, Copy)]
pub struct SasLifetime(pub Duration);

/// Why a storage cannot give access. Never tells anything of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// There is nothing to connect with.
    #[error("it has no connection string")]
    NoConnection,
    /// None of its connection strings can be read; this is the first one's.
    #[error("its connection string {0}")]
    Connection(#[from] ConnectionError),
    /// Access cannot be signed.
    #[error(transparent)]
    Sas(#[from] SasError),
}

/// The address of a storage's container with access of its own, which ends
/// `lifetime` after `now`.
///
/// # Errors
/// When no connection string of the storage is good for that.
pub fn access(
    storage: &Storage,
    rights: Rights,
    now: DateTime<Utc>,
    lifetime: Duration,
) -> Result<Url, StorageError> {
    let mut first_error = StorageError::NoConnection;
    let given = storage.connection_strings.iter();
    for text in given.filter(|text| !text.trim().is_empty()) {
        let signed = text
            .parse::<Connection>()
            .map_err(StorageError::from)
            .and_then(|connection| {
                let container = &storage.container_name;
                Ok(sas::container_url(
                    &connection,
                    container,
                    rights,
                    now,
                    lifetime,
                )?)
            });
        match signed {
            Ok(url) => return Ok(url),
            Err(error) if first_error == StorageError::NoConnection => first_error = error,
            Err(_) => {}
        }
    }
    Err(first_error)
}

/// Whether data at `url` lies in the account's container: its host begins with
/// the account, or, as development servers have it, its path does.
pub fn holds(account: &str, container: &str, url: &Url) -> bool {
    let mut path = url.path_segments().into_iter().flatten();
    let by_host = url
        .host_str()
        .and_then(|host| host.split_once('.'))
        .is_some_and(|(first, _)| first == account);
    let in_account = by_host || path.next() == Some(account);
    in_account && path.next() == Some(container)
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::storages::BLOB;

    fn storage(connection_strings: &[&str]) -> Storage {
        Storage {
            id: String::new(),
            kind: BLOB.into(),
            storage_account: "acct".into(),
            container_name: "cont".into(),
            connection_strings: connection_strings.iter().map(ToString::to_string).collect(),
            tokens: Vec::new(),
            users: Vec::new(),
            created_at: String::new(),
            updated_at: String::new(),
        }
    }

    #[test]
    fn the_first_connection_string_that_works_is_taken() {
        let good = "AccountName=acct;AccountKey=a2V5";
        let url = |strings: &[&str]| {
            access(
                &storage(strings),
                Rights::Read,
                DateTime::UNIX_EPOCH,
                Duration::from_mins(1),
            )
        };
        assert!(url(&["cs1", "", good]).is_ok());
        assert_eq!(url(&[]), Err(StorageError::NoConnection));
        assert_eq!(url(&[" "]), Err(StorageError::NoConnection));
        let error = url(&["cs1", "AccountName=acct"]).unwrap_err().to_string();
        assert_eq!(
            error,
            "its connection string is not a list of NAME=VALUE with semicolons between"
        );
    }

    #[test]
    fn data_lies_in_a_container() {
        for (url, held) in [
            ("https://acct.blob.core.windows.net/cont/a/b.zip", true),
            ("http://127.0.0.1:10000/acct/cont/a", true),
            ("https://acct.blob.core.windows.net/other/cont", false),
            ("https://account.blob.core.windows.net/cont/a", false),
            ("https://github.com/acct/data", false),
        ] {
            assert_eq!(holds("acct", "cont", &url.parse().unwrap()), held, "{url}");
        }
    }
}
