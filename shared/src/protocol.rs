//! The OpenPAI job protocol: one validator and one reader, which the browser,
//! the server and the command line share so that all three say the same.
//!
//! - [`validate`] finds everything that is wrong with a text, and reads from
//!   it what can be understood.
//! - [`to_json`] hands a protocol on to OpenPAI's submit page.
//! - [`fill`] makes a job of a template, and says what it will run.
//! - [`yaml`] is the spanned YAML tree below all of them.
//!
//! Nothing here panics or recurses deeper than [`yaml::MAX_DEPTH`], and the
//! work grows linearly with the text: see [`yaml`] for the limits.

mod check;
mod code;
pub mod fill;
mod findings;
mod leak;
mod meaning;
mod misread;
mod model;
mod mustache;
mod placeholder;
mod prerequisites;
mod render;
mod schema;
mod secrets;
mod source;
mod suggest;
pub mod yaml;

use serde::{Deserialize, Serialize};

pub use code::Code;
pub use leak::{Exposed, Mended, exposed_in_job, find_below_secrets, find_secrets, masked, mend};
pub use model::{
    Completion, Deployment, DeploymentRole, Prerequisite, Protocol, Reference, TaskRole,
};

pub(crate) use findings::Path;
pub(crate) use model::storages;
pub(crate) use schema::RUNTIME_PLUGINS;

use findings::Findings;
use source::Source;

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
    /// To be mended: nearly always because OpenPAI would refuse the protocol,
    /// see [`Diagnostic::is_refusal`].
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
    /// A stable word for machines, such as `unknown-key`: one of [`Code`]'s.
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

impl Diagnostic {
    /// Whether OpenPAI would refuse the protocol for this, which is what makes
    /// a protocol invalid.
    ///
    /// Severity and validity are two things: `exposed-secrets` is an error, for
    /// nobody may overlook it, but OpenPAI takes such a protocol, and so does
    /// the marketplace. Whoever asks for validity asks here or
    /// [`Report::is_valid`], not for the severity.
    pub fn is_refusal(&self) -> bool {
        self.severity == Severity::Error && self.code != Code::ExposedSecrets.as_str()
    }
}

/// What [`validate`] has to say about a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// What could be understood: there whenever the document is a mapping.
    pub protocol: Option<Protocol>,
}

impl Report {
    /// Whether OpenPAI would take the protocol.
    pub fn is_valid(&self) -> bool {
        self.errors().next().is_none()
    }

    /// The findings for which OpenPAI would refuse the protocol.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|found| found.is_refusal())
    }
}

/// Checks a job protocol and reads from it what can be understood.
///
/// After an error of YAML syntax that one is all that can be said; otherwise
/// everything is reported at once (at most [`MAX_DIAGNOSTICS`] findings).
pub fn validate(text: &str) -> Report {
    let source = Source::new(text);
    let mut findings = Findings::new(&source);
    let document = yaml::read(&source, &mut findings);
    let root = document.as_ref().map(yaml::Document::root);
    let protocol = root.filter(|root| root.is_mapping()).map(|root| {
        check::check(root, &mut findings);
        meaning::check(root, &source, &mut findings);
        secrets::check(root, &source, &mut findings);
        misread::check(root, &mut findings);
        Protocol::read(root)
    });
    if let Some(document) = document.as_ref() {
        leak::check(document, &source, &mut findings);
    }
    if let Some(root) = root.filter(|root| !root.is_mapping()) {
        check::not_a_mapping(root, &mut findings);
    }
    Report {
        diagnostics: findings.into_diagnostics(),
        protocol,
    }
}

/// The protocol as JSON, which is what a submit page takes: aliases and merge
/// keys written out, values as OpenPAI reads them, and text for what JSON
/// lacks (dates, `.inf`, `.nan`). It need not be a valid protocol.
///
/// # Errors
/// When the text is not exactly one YAML mapping: what is wrong with it.
pub fn to_json(text: &str) -> Result<serde_json::Value, Vec<Diagnostic>> {
    let source = Source::new(text);
    let mut findings = Findings::new(&source);
    let document = yaml::read(&source, &mut findings);
    if let Some(document) = document {
        let root = document.root();
        if !root.is_mapping() {
            check::not_a_mapping(root, &mut findings);
        } else if !findings.has_errors() {
            return Ok(root.to_json());
        }
    }
    Err(findings.into_diagnostics())
}

/// At most so many findings are reported of one text; the last one then says
/// how many more there are. Far more than a person reads, and it keeps an
/// answer small when a text is wrong everywhere.
pub const MAX_DIAGNOSTICS: usize = 500;

#[cfg(test)]
mod tests;
