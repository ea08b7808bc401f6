use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The answer to `POST /items/{id}/use`: a job protocol as the JSON object
/// that OpenPAI's submit page takes.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobProtocol(pub Map<String, Value>);

/// Keeps the job's secrets out of whatever prints it.
impl fmt::Debug for JobProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobProtocol")
            .field("name", &self.0.get("name"))
            .finish_non_exhaustive()
    }
}
