use std::fmt;

use serde::{Deserialize, Serialize};

/// An Azure Blob storage of the cluster, as admins see it: secrets and all.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Storage {
    /// Free text: mostly UUIDs.
    pub id: String,
    /// `blob`; old databases hold other words too.
    #[serde(rename = "type")]
    pub kind: String,
    /// The account's name.
    pub storage_account: String,
    /// The container's name.
    pub container_name: String,
    /// Connection strings of the account, the preferred one first.
    pub connection_strings: Vec<String>,
    /// Kept for admins' own tools; the marketplace itself uses none.
    pub tokens: Vec<String>,
    /// Who may use it; everybody when it names nobody.
    pub users: Vec<String>,
    /// ISO 8601 with milliseconds and `Z`.
    pub created_at: String,
    /// ISO 8601 with milliseconds and `Z`.
    pub updated_at: String,
}

/// Keeps the secrets out of whatever prints it.
impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage")
            .field("id", &self.id)
            .field("storage_account", &self.storage_account)
            .field("container_name", &self.container_name)
            .finish_non_exhaustive()
    }
}

/// The body of `POST /storages/blobs` and of `PUT /storages/blobs/{id}`: there,
/// what is not mentioned, or null, stays. Fields that a client may not set are
/// ignored.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewStorage {
    /// Defaults to `blob`; only such storages are given to jobs. At most 255
    /// characters.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Required on create; at least 1 and at most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_account: Option<String>,
    /// Required on create; at least 1 and at most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_name: Option<String>,
    /// Required on create; connection strings of the account, the preferred one
    /// first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_strings: Option<Vec<String>>,
    /// Kept for admins' own tools; the marketplace itself uses none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Vec<String>>,
    /// Who may use it, each at most 255 characters; everybody when it names
    /// nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<String>>,
}

/// Keeps the secrets out of whatever prints it.
impl fmt::Debug for NewStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewStorage")
            .field("storage_account", &self.storage_account)
            .field("container_name", &self.container_name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_printed() {
        let new: NewStorage = serde_json::from_str(
            r#"{"storageAccount": "acct", "connectionStrings": ["hush"], "tokens": ["hush"]}"#,
        )
        .unwrap();
        let storage: Storage = serde_json::from_str(
            r#"{"id": "1", "type": "blob", "storageAccount": "acct", "containerName": "c", "users": [],
                "connectionStrings": ["hush"], "tokens": ["hush"], "createdAt": "", "updatedAt": ""}"#,
        )
        .unwrap();
        for shown in [format!("{new:?}"), format!("{storage:?}")] {
            assert!(shown.contains("acct") && !shown.contains("hush"), "{shown}");
        }
    }
}
