//! AZURE_STORAGE: the storage that a cluster is configured with
//! (docs/contract.md#5-deployment), in every spelling that running deployments send.

use shared::protocol::yaml::{self, Node};
use shared::wire::NewStorage;

use super::connection::{Connection, ConnectionError, Credential};
use store::storages::BLOB;

/// What AZURE_STORAGE says.
#[derive(Clone, PartialEq, Eq)]
pub struct StorageSetting {
    /// Mostly `blob`.
    pub kind: String,
    /// The account's name.
    pub storage_account: String,
    /// At least one.
    pub connection_strings: Vec<String>,
}

/// Why AZURE_STORAGE cannot be used. Never tells anything of what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It is something else.
    #[error(
        "it is not a JSON object; mind how your shell treats the quotes. Write \
         AZURE_STORAGE='{{\"type\": \"blob\", \"storage_account\": \"ACCOUNT\", \"connection_strings\": [\"STRING\"]}}'"
    )]
    Syntax,
    /// There is something else where the connection strings are wanted.
    #[error("`connection_strings` must be a text or a list of texts")]
    Strings,
    /// There is something else where the account is wanted, or nothing.
    #[error("`storage_account` is missing")]
    Account,
}

impl StorageSetting {
    /// What is wrong with connection strings that cannot work, by their place from 1.
    pub fn useless(&self) -> impl Iterator<Item = (usize, ConnectionError)> {
        let strings = self.connection_strings.iter().zip(1..);
        strings.filter_map(|(text, place)| Some((place, text.parse::<Connection>().err()?)))
    }
}

/// Reads AZURE_STORAGE; `None` when it names no storage, as in a cluster
/// without one. A placeholder in angle brackets, which a template or guide leaves
/// for an admin to replace, names nothing.
///
/// JSON is read as YAML, which covers lists that templates print with single
/// quotes or none. Backslashes before quotes, left over by `.env` files and
/// shells, are forgiven.
///
/// # Errors
/// When it names a storage in a way that cannot be understood.
pub fn parse(text: &str) -> Result<Option<StorageSetting>, SettingError> {
    match read(text) {
        Err(_) if text.contains("\\\"") => {
            let unescaped = text.replace("\\\"", "\"");
            read(unescaped.trim().trim_matches('"')).or_else(|_| read(&unescaped))
        }
        result => result,
    }
}

fn read(text: &str) -> Result<Option<StorageSetting>, SettingError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let document = yaml::parse(text).map_err(|_| SettingError::Syntax)?;
    let root = document.root();
    let is_nothing = |text: &str| text.trim().is_empty() || is_placeholder(text);
    if root.is_null() || root.as_str().is_some_and(is_nothing) {
        return Ok(None);
    }
    if !root.is_mapping() {
        return Err(SettingError::Syntax);
    }
    let text = |key: &str| {
        root.get(key)
            .and_then(Node::written)
            .map(str::trim)
            .filter(|text| !is_nothing(text))
    };
    let mut connection_strings = Vec::new();
    for key in ["connection_strings", "connection_string"] {
        connection_strings.extend(strings(root.get(key))?);
    }
    if connection_strings.is_empty() {
        return Ok(None);
    }
    let storage_account = text("storage_account")
        .map(str::to_owned)
        .or_else(|| connection_strings.iter().find_map(|text| account(text)))
        .ok_or(SettingError::Account)?;
    Ok(Some(StorageSetting {
        kind: text("type").unwrap_or(BLOB).to_owned(),
        storage_account,
        connection_strings,
    }))
}

/// Its container is for whoever keeps it to say.
impl From<StorageSetting> for NewStorage {
    fn from(setting: StorageSetting) -> Self {
        Self {
            kind: Some(setting.kind),
            storage_account: Some(setting.storage_account),
            connection_strings: Some(setting.connection_strings),
            ..Self::default()
        }
    }
}

/// Keeps the secrets out of whatever prints it.
impl std::fmt::Debug for StorageSetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StorageSetting")
            .field("storage_account", &self.storage_account)
            .finish_non_exhaustive()
    }
}

fn strings(node: Option<Node<'_>>) -> Result<Vec<String>, SettingError> {
    let Some(node) = node.filter(|node| !node.is_null()) else {
        return Ok(Vec::new());
    };
    let texts = if node.is_list() {
        node.items()
            .map(Node::as_str)
            .collect::<Option<Vec<_>>>()
            .ok_or(SettingError::Strings)?
    } else {
        vec![node.as_str().ok_or(SettingError::Strings)?]
    };
    Ok(texts
        .into_iter()
        .map(str::trim)
        .filter(|text| !text.is_empty() && !is_placeholder(text))
        .map(str::to_owned)
        .collect())
}

/// `<storage account>`, also as a part: `BlobEndpoint=<blob end point>`. No account or
/// connection string has angle brackets.
fn is_placeholder(text: &str) -> bool {
    text.split_once('<')
        .is_some_and(|(_, rest)| rest.contains('>'))
}

fn account(connection_string: &str) -> Option<String> {
    match connection_string.parse::<Connection>().ok()?.credential {
        Credential::Key { account, .. } => Some(account),
        Credential::Signature(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AccountName=acct;AccountKey=a2V5==";

    #[test]
    fn every_spelling_is_read() {
        for text in [
            format!(
                r#"{{"type": "blob", "storage_account": "acct", "connection_strings": ["{KEY}"]}}"#
            ),
            format!(
                r#"{{"type": "blob", "storage_account": "acct", "connection_strings": "{KEY}"}}"#
            ),
            format!(
                r#"{{"storage_account": "acct", "connection_string": ["{KEY}"], "type": "blob"}}"#
            ),
            format!(r#"{{"storage_account": "acct", "connection_string": "{KEY}"}}"#),
            format!(
                r#"{{"storage_account": "acct", "connection_strings": [], "connection_string": "{KEY}"}}"#
            ),
            // As templates print lists that are no JSON.
            format!(
                "{{'type': 'blob', 'storage_account': 'acct', 'connection_strings': ['{KEY}']}}"
            ),
            // As the deployment guide's `.env` file arrives in part of the readers.
            format!(
                r#"{{\"storage_account\": \"acct\", \"connection_string\": ["{KEY}\"], \"type\": \"blob\"}}"#
            ),
            format!(
                r#""{{\"storage_account\": \"acct\", \"connection_string\": ["{KEY}\"], \"type\": \"blob\"}}""#
            ),
            format!("type: blob\nstorage_account: acct\nconnection_strings:\n- '{KEY}'\n"),
        ] {
            let setting = parse(&text).unwrap().expect(&text);
            assert_eq!(setting.kind, "blob", "{text}");
            assert_eq!(setting.storage_account, "acct", "{text}");
            assert_eq!(setting.connection_strings, [KEY], "{text}");
        }
        let setting = parse(r#"{"connection_strings": ["AccountName=acct;AccountKey=a2V5"]}"#);
        assert_eq!(setting.unwrap().unwrap().storage_account, "acct");
    }

    #[test]
    fn a_cluster_without_storage_has_none() {
        for text in [
            "",
            " ",
            "null",
            "\"\"",
            "{}",
            r#"{"type": "blob", "storage_account": "", "connection_strings": []}"#,
            r#"{"storage_account": "acct", "connection_strings": null}"#,
            r#"{"storage_account": "acct", "connection_string": ""}"#,
            r#"{"storage_account": "acct", "connection_strings": [""]}"#,
            // As templates and guides leave it for an admin to replace.
            r#"{"type": "blob", "storage_account": "<storage_account>", "connection_strings": ["<connection_string>"]}"#,
            r#"{"type": "blob", "storage_account": "acct", "connection_strings": ["<connection_string>"]}"#,
            r#"{\"storage_account\": \"<storage account>\", \"connection_string\": ["BlobEndpoint=<blob end point>\"], \"type\": \"blob\"}"#,
            r#"{"storage_account": "acct", "connection_string": "BlobEndpoint=https://<account>.blob.core.windows.net"}"#,
            "<connection_string>",
        ] {
            assert_eq!(parse(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn a_placeholder_hides_nothing_that_is_real() {
        let text = format!(
            r#"{{"storage_account": "<storage_account>", "connection_strings": ["<connection_string>", "{KEY}"]}}"#
        );
        let setting = parse(&text.replace("==", "")).unwrap().unwrap();
        assert_eq!(setting.storage_account, "acct");
        assert_eq!(setting.connection_strings.len(), 1);
    }

    #[test]
    fn connection_strings_that_cannot_work_are_told() {
        let text = r#"{"storage_account": "acct", "connection_strings":
            ["BlobEndpoint=https://acct.blob.core.windows.net", "AccountName=acct;AccountKey=a2V5", "secret"]}"#;
        let setting = parse(text).unwrap().unwrap();
        let useless: Vec<_> = setting.useless().collect();
        assert_eq!(
            useless,
            [
                (1, ConnectionError::NoCredential),
                (3, ConnectionError::Syntax)
            ]
        );
    }

    #[test]
    fn what_cannot_be_understood_is_said_without_being_shown() {
        use SettingError as E;
        for (text, wanted) in [
            // As the deployment guide's `docker run` arrives.
            (
                r#"{"storage_account": "secret", "connection_string": [BlobEndpoint=secret"],"#,
                E::Syntax,
            ),
            ("secret", E::Syntax),
            ("[secret]", E::Syntax),
            ("{secret", E::Syntax),
            (r#"{"connection_strings": ["secret"]}"#, E::Account),
            (
                r#"{"storage_account": "secret", "connection_strings": {"secret": 1}}"#,
                E::Strings,
            ),
            (
                r#"{"storage_account": "secret", "connection_strings": [1]}"#,
                E::Strings,
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error, wanted, "{text}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}
