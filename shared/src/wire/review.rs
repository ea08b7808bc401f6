use serde::{Deserialize, Serialize};

/// The longest reason, in characters, that a rejection takes: a paragraph.
pub const MAX_REASON: usize = 2_000;

/// The body of `POST /items/{id}/reject`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rejection {
    /// What the author should mend; at least 1 and at most 2,000 characters.
    /// The author reads it as the item's `reviewNote`.
    pub reason: String,
}
