//! What `marketplace export` reads and `marketplace import` writes: whole rows, with
//! their times and counters, which no request may set.

mod read;
pub mod rows;
mod templates;
mod write;

pub use read::Snapshot;
pub use templates::TemplateOutcome;
pub use templates::import_template;
pub use write::Importer;
pub use write::{ConflictRule, Conflicts, Count};

/// Whom the audit names: the command line knows no user.
pub const OPERATOR: &str = "marketplace import";
