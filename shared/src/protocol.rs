//! The OpenPAI job protocol.

use serde::{Deserialize, Serialize};

/// A place in the text: line and column count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Severity {
    /// OpenPAI would refuse the protocol.
    Error,
    /// OpenPAI takes it, but it is hardly meant so.
    Warning,
}

/// One finding about a protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable word for machines, such as `unknown-key`.
    pub code: String,
    /// What is wrong and what would be right.
    pub message: String,
    /// Where in the document, such as `taskRoles.worker.commands[0]`; empty
    /// for the document as a whole.
    pub path: String,
    /// Where in the text it begins.
    pub start: Position,
    /// Where in the text it ends (exclusive).
    pub end: Position,
}
