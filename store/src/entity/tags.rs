//! Tags.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tags")]
#[allow(missing_docs, reason = "the fields are those of the wire type")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    #[sea_orm(unique)]
    pub name: String,
    /// The name with its case folded, which no other tag has. Of tags of older versions
    /// that differ in case only, one has it; a sign that no name has and the id end it
    /// for the others.
    #[sea_orm(unique)]
    pub search_name: String,
    /// Somebody made or changed it by itself, so that it stays without any item.
    pub is_explicit: bool,
    pub color: Option<String>,
    pub description: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub extras: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

joined_by_hand!();
