//! Who did what when.

use sea_orm::entity::prelude::*;

/// One row. What the columns mean is said at [`shared::wire::AuditEntry`].
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
#[allow(missing_docs, reason = "the fields are those of the wire type")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub at: DateTimeUtc,
    pub user_name: String,
    pub action: String,
    pub kind: String,
    pub target_id: String,
    pub target_name: Option<String>,
    /// A JSON list of texts.
    #[sea_orm(column_type = "Text")]
    pub details: String,
}

joined_by_hand!();
