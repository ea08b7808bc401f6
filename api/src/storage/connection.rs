//! Azure Storage connection strings: `NAME=VALUE` pairs with semicolons
//! between, as Azure's portal shows them.

use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Url;

/// What a connection string says about the blob service.
pub struct Connection {
    /// The blob service, without a slash at the end of its path.
    pub endpoint: Url,
    /// What opens it.
    pub credential: Credential,
}

/// What opens a blob service.
pub enum Credential {
    /// The key to everything in the account; jobs must never see it.
    Key {
        /// Whose key it is.
        account: String,
        /// The key itself.
        key: Vec<u8>,
    },
    /// A shared access signature that an admin made, without a leading `?`.
    Signature(String),
}

/// What is wrong with a connection string. Never tells anything of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionError {
    /// It is something else.
    #[error("is not a list of NAME=VALUE with semicolons between")]
    Syntax,
    /// There is neither an endpoint nor an account to build one from.
    #[error("names neither AccountName nor BlobEndpoint")]
    NoAccount,
    /// Azure's names of accounts are lower-case letters and digits.
    #[error("has an AccountName that no storage account can have")]
    BadAccount,
    /// The blob service has no address.
    #[error("leads to a blob service whose address is not an http address without a query")]
    BadEndpoint,
    /// Nothing in it opens anything.
    #[error("holds neither AccountKey, with AccountName, nor SharedAccessSignature")]
    NoCredential,
    /// Azure's account keys are Base64.
    #[error("has an AccountKey that is not Base64")]
    BadKey,
}

impl FromStr for Connection {
    type Err = ConnectionError;

    fn from_str(text: &str) -> Result<Self, ConnectionError> {
        let mut pairs = Vec::new();
        for part in text
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            pairs.push(part.split_once('=').ok_or(ConnectionError::Syntax)?);
        }
        let value = |name: &str| {
            pairs
                .iter()
                .find(|(found, _)| found.trim().eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim())
                .filter(|value| !value.is_empty())
        };
        let account = value("AccountName");
        if account.is_some_and(|name| !is_account_name(name)) {
            return Err(ConnectionError::BadAccount);
        }
        let endpoint = match (value("BlobEndpoint"), account) {
            (Some(endpoint), _) => endpoint.to_owned(),
            (None, Some(account)) => format!(
                "{}://{account}.blob.{}",
                value("DefaultEndpointsProtocol").unwrap_or("https"),
                value("EndpointSuffix").unwrap_or("core.windows.net"),
            ),
            (None, None) => return Err(ConnectionError::NoAccount),
        };
        let credential = match (account, value("AccountKey"), value("SharedAccessSignature")) {
            (Some(account), Some(key), _) => Credential::Key {
                account: account.to_owned(),
                key: BASE64_STANDARD
                    .decode(key)
                    .map_err(|_| ConnectionError::BadKey)?,
            },
            (_, _, Some(signature)) => {
                Credential::Signature(signature.trim_start_matches('?').to_owned())
            }
            _ => return Err(ConnectionError::NoCredential),
        };
        Ok(Self {
            endpoint: read_endpoint(&endpoint)?,
            credential,
        })
    }
}

/// The address ends up in quotes in a job's commands, so it must hold none.
fn read_endpoint(text: &str) -> Result<Url, ConnectionError> {
    Url::parse(text.trim_end_matches('/'))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .filter(|url| url.query().is_none() && url.fragment().is_none())
        .filter(|url| url.username().is_empty() && url.password().is_none())
        .filter(|url| !url.as_str().contains('\''))
        .ok_or(ConnectionError::BadEndpoint)
}

fn is_account_name(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azures_forms_are_read() {
        for (text, endpoint, with_key) in [
            (
                "DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=a2V5;EndpointSuffix=core.chinacloudapi.cn",
                "https://acct.blob.core.chinacloudapi.cn/",
                true,
            ),
            ("AccountName=acct;AccountKey=a2V5==", "", false),
            (
                "accountname=acct; accountkey=a2V5 ;",
                "https://acct.blob.core.windows.net/",
                true,
            ),
            (
                "DefaultEndpointsProtocol=http;AccountName=acct;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:10000/acct/;",
                "http://127.0.0.1:10000/acct",
                true,
            ),
            (
                "BlobEndpoint=https://acct.blob.core.windows.net/;SharedAccessSignature=?sv=1&sig=a%3D",
                "https://acct.blob.core.windows.net/",
                false,
            ),
        ] {
            match text.parse::<Connection>() {
                Ok(connection) => {
                    assert_eq!(connection.endpoint.as_str(), endpoint);
                    match connection.credential {
                        Credential::Key { account, key } => {
                            assert!(with_key && account == "acct" && key == b"key");
                        }
                        Credential::Signature(text) => {
                            assert!(!with_key && text == "sv=1&sig=a%3D");
                        }
                    }
                }
                Err(error) => assert_eq!((error, endpoint), (ConnectionError::BadKey, "")),
            }
        }
    }

    #[test]
    fn nonsense_is_told_apart_without_being_shown() {
        use ConnectionError as E;
        for (text, wanted) in [
            ("cs1", E::Syntax),
            ("secret", E::Syntax),
            ("Secret=x", E::NoAccount),
            ("AccountName=Se/cret;AccountKey=a2V5", E::BadAccount),
            (
                "DefaultEndpointsProtocol=https;AccountName=secret",
                E::NoCredential,
            ),
            ("AccountName=secret;AccountKey=secret!", E::BadKey),
            ("BlobEndpoint=https://secret.example", E::NoCredential),
            (
                "BlobEndpoint=secret;SharedAccessSignature=x",
                E::BadEndpoint,
            ),
            (
                "BlobEndpoint=https://h/'secret;SharedAccessSignature=x",
                E::BadEndpoint,
            ),
            (
                "BlobEndpoint=https://u:secret@h;SharedAccessSignature=x",
                E::BadEndpoint,
            ),
        ] {
            let Err(error) = text.parse::<Connection>() else {
                panic!("{text} was read")
            };
            assert_eq!(error, wanted, "{text}");
            assert!(!error.to_string().to_lowercase().contains("secret!"));
        }
    }
}
