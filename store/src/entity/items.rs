//! Templates and data sets.

use sea_orm::entity::prelude::*;

/// One row. What the columns mean is said at [`shared::wire::Item`].
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "items")]
#[allow(missing_docs, reason = "the fields are those of the wire type")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: Option<String>,
    pub author: Option<String>,
    #[sea_orm(column_name = "type")]
    pub kind: Option<String>,
    pub source: String,
    pub is_public: bool,
    pub is_private: bool,
    pub data_type: Option<String>,
    pub data_url: Option<String>,
    pub license: Option<String>,
    pub use_blob: bool,
    pub summary: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub protocol: String,
    pub use_number: i32,
    pub star_number: i32,
    pub status: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub review_note: Option<String>,
    pub protocol_valid: bool,
    /// The id of the item that it was copied from, which may be gone.
    pub copied_from: Option<String>,
    /// Which version of that one it has; null in copies of before there were versions.
    pub copied_version: Option<i32>,
    /// The number of its newest version.
    pub version: i32,
    /// Why it should not be used any more, if so,
    pub deprecated: Option<String>,
    /// the id of the item to use in its place, which may be gone,
    pub successor: Option<String>,
    /// and since when.
    pub deprecated_at: Option<DateTimeUtc>,
    /// Why its newest version is withdrawn, if it is: a copy of what `versions` says.
    pub withdrawn: Option<String>,
    /// A copy, as JSON, of what other tables say of the item's tags,
    /// categories and groups, so that lists need not ask them. The column may be
    /// null only because it is younger than the table.
    #[sea_orm(column_type = "Text", nullable)]
    pub relations: Option<String>,
    /// What the item is sorted by if by name; see [`crate::search`], and
    /// null for the same reason.
    #[sea_orm(column_type = "Text", nullable)]
    pub search_name: Option<String>,
    /// Where keywords are looked for; likewise.
    #[sea_orm(column_type = "Text", nullable)]
    pub search_text: Option<String>,
    /// What its job asks for, and the number that stands for it: see [`crate::demands`].
    #[sea_orm(column_type = "Text", nullable)]
    pub demand: Option<String>,
    /// Null in rows that nobody has looked at yet.
    pub demand_code: Option<i64>,
    /// What its runs come to: see [`crate::runs`]. Kept up by that alone.
    pub counted_runs: i32,
    /// -1 while there are too few.
    pub success_at_least: i32,
    /// When the nightly run of it began last,
    pub canary_started_at: Option<DateTimeUtc>,
    /// and when one succeeded last.
    pub canary_passed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

joined_by_hand!();
