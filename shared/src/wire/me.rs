use serde::{Deserialize, Serialize};

/// The answer of `GET /me`: who the caller is, as OpenPAI says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Me {
    /// The user's name.
    pub username: String,
    /// Whether the user is an admin of the cluster.
    pub admin: bool,
    /// The groups that the user is a member of.
    pub groups: Vec<String>,
    /// Whether what this user shares is refused if it looks as if it held secrets.
    #[serde(rename = "secretsRefused", default)]
    pub secrets_refused: bool,
}
