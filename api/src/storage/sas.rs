//! Service shared access signatures (SAS) for one container, after Azure's
//! public specification of them ("Create a service SAS").

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use hmac::{Hmac, Mac};
use reqwest::Url;
use sha2::Sha256;

use super::connection::{Connection, Credential};

/// The version of the storage service that the signatures are made for.
const VERSION: &str = "2022-11-02";

/// How long before the present a signature begins: clocks differ, and this is
/// what Azure recommends.
const CLOCK_SKEW: Duration = Duration::from_mins(15);

/// How a signature says that it is for a container.
const CONTAINER: &str = "c";

/// What a job may do in the container. Nobody may delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// List and read.
    Read,
    /// And write: new blobs, over old ones, and at the end of append blobs.
    ReadWrite,
}

impl Rights {
    /// Azure's letters, in the order that Azure wants.
    fn letters(self) -> &'static str {
        match self {
            Self::Read => "rl",
            Self::ReadWrite => "racwl",
        }
    }
}

/// Why there is no access to be had. Never tells anything of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SasError {
    /// Azure has no such container.
    #[error("its container's name is none that Azure takes")]
    BadContainer,
    /// The lifetime is beyond the calendar.
    #[error("the lifetime of access is too long")]
    BadLifetime,
    /// The signature that an admin gave opens more than one container.
    #[error(
        "its SharedAccessSignature is not for a single container (sr=c); give one that is, or an AccountKey"
    )]
    TooWide,
    /// The signature that an admin gave lets a job delete, or more.
    #[error(
        "its SharedAccessSignature permits more than reading, listing and writing (sp=racwl); give one that does not, \
         or an AccountKey"
    )]
    TooMuch,
    /// The signature that an admin gave does not permit what a job needs.
    #[error("its SharedAccessSignature does not permit what the job needs: sp={0}")]
    TooLittle(&'static str),
    /// The signature that an admin gave has run out, or does not say when.
    #[error("its SharedAccessSignature has run out, or does not say when it does")]
    Expired,
}

/// The address of a container with access of its own, from a little before
/// `now` until `lifetime` after.
///
/// A signature that an admin gave is passed on, with the lifetime that the
/// admin chose, but only if it opens no more than one of ours can.
///
/// # Errors
/// When the container cannot exist, or the admin's signature will not do.
pub fn container_url(
    connection: &Connection,
    container: &str,
    rights: Rights,
    now: DateTime<Utc>,
    lifetime: Duration,
) -> Result<Url, SasError> {
    if !is_container_name(container) {
        return Err(SasError::BadContainer);
    }
    let mut url = connection.endpoint.clone();
    url.path_segments_mut()
        .map_err(|()| SasError::BadContainer)?
        .pop_if_empty()
        .push(container);
    match &connection.credential {
        Credential::Signature(given) => {
            url.set_query(Some(given));
            check_given(&url, rights, now)?;
        }
        Credential::Key { account, key } => {
            let expiry = chrono::Duration::from_std(lifetime)
                .ok()
                .and_then(|lifetime| now.checked_add_signed(lifetime))
                .ok_or(SasError::BadLifetime)?;
            let grant = Grant {
                permissions: rights.letters(),
                start: second(now - CLOCK_SKEW),
                expiry: second(expiry),
                resource: format!("/blob/{account}/{container}"),
                // Development servers have no certificate.
                protocols: match url.scheme() {
                    "https" => "https",
                    _ => "https,http",
                },
            };
            grant.write(&mut url, key);
        }
    }
    Ok(url)
}

/// What is signed.
struct Grant {
    permissions: &'static str,
    start: String,
    expiry: String,
    resource: String,
    protocols: &'static str,
}

impl Grant {
    fn write(&self, url: &mut Url, key: &[u8]) {
        let signature = sign(key, &self.string_to_sign());
        url.query_pairs_mut()
            .append_pair("sv", VERSION)
            .append_pair("st", &self.start)
            .append_pair("se", &self.expiry)
            .append_pair("sr", CONTAINER)
            .append_pair("sp", self.permissions)
            .append_pair("spr", self.protocols)
            .append_pair("sig", &signature);
    }

    /// One field a line, those that we leave empty included.
    fn string_to_sign(&self) -> String {
        let (policy, addresses, snapshot, encryption_scope) = ("", "", "", "");
        let [cache_control, disposition, encoding, language, kind] = [""; 5];
        [
            self.permissions,
            &self.start,
            &self.expiry,
            &self.resource,
            policy,
            addresses,
            self.protocols,
            VERSION,
            CONTAINER,
            snapshot,
            encryption_scope,
            cache_control,
            disposition,
            encoding,
            language,
            kind,
        ]
        .join("\n")
    }
}

fn sign(key: &[u8], text: &str) -> String {
    // HMAC takes keys of any length.
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(text.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

fn second(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn check_given(url: &Url, rights: Rights, now: DateTime<Utc>) -> Result<(), SasError> {
    let value = |name: &str| {
        url.query_pairs()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
    };
    if value("sr").as_deref() != Some(CONTAINER) {
        return Err(SasError::TooWide);
    }
    let permitted = value("sp").unwrap_or_default();
    if permitted
        .chars()
        .any(|letter| !Rights::ReadWrite.letters().contains(letter))
    {
        return Err(SasError::TooMuch);
    }
    let needed = rights.letters();
    if needed.chars().any(|letter| !permitted.contains(letter)) {
        return Err(SasError::TooLittle(needed));
    }
    let expiry = value("se").and_then(|time| DateTime::parse_from_rfc3339(&time).ok());
    if expiry.is_none_or(|expiry| expiry <= now) {
        return Err(SasError::Expired);
    }
    Ok(())
}

/// Azure's rule: 3 to 63 lower-case letters, digits and single hyphens.
fn is_container_name(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

#[cfg(test)]
mod tests;
