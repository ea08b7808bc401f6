//! What a bundle holds of a catalogue: a row is a line of one of its files.

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use shared::wire::{
    DataType, Deprecation, ItemSource, ItemStatus, ItemType, OFFICIAL_CATEGORY, Origin,
};

use crate::item_to_create::with_fields_of;
use crate::{ItemToCreate, official};

/// A category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are those of the wire type")]
pub struct CategoryRow {
    pub name: String,
    pub id: String,
    pub description: Option<String>,
    pub extras: Option<String>,
    #[serde(with = "iso")]
    pub created_at: DateTime<Utc>,
    #[serde(with = "iso")]
    pub updated_at: DateTime<Utc>,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "most fields are those of the wire type")]
pub struct TagRow {
    pub name: String,
    pub id: String,
    pub color: Option<String>,
    pub description: Option<String>,
    pub extras: Option<String>,
    /// Somebody made or changed it by itself, so that it stays without any item.
    pub explicit: bool,
    /// Another, older tag differs in case only: that one is meant by other cases.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub variant: bool,
    #[serde(with = "iso")]
    pub created_at: DateTime<Utc>,
    #[serde(with = "iso")]
    pub updated_at: DateTime<Utc>,
}

/// An item. Its number of stars is that of its rows in `stars.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "most fields are those of the wire type")]
pub struct ItemRow {
    pub id: String,
    pub name: Option<String>,
    pub author: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<ItemType>,
    pub source: ItemSource,
    pub is_public: bool,
    pub is_private: bool,
    pub group_list: Vec<String>,
    pub data_type: Option<DataType>,
    pub data_url: Option<String>,
    /// Left out where there is none: versions before it read such a bundle too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    pub use_blob: bool,
    pub categories: Vec<String>,
    pub tags: Vec<String>,
    pub summary: Option<String>,
    pub description: Option<String>,
    pub protocol: String,
    pub use_number: i32,
    pub status: Option<ItemStatus>,
    pub review_note: Option<String>,
    pub protocol_valid: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied_from: Option<OriginRow>,
    /// Left out where it is the first.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub version: i32,
    /// Left out where it is not deprecated; likewise the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<DeprecationRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<String>,
    /// By code; left out where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exit_answers: Vec<ExitAnswerRow>,
    #[serde(with = "iso")]
    pub created_at: DateTime<Utc>,
    #[serde(with = "iso")]
    pub updated_at: DateTime<Utc>,
    /// Which official template it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateMark>,
}

/// What an item's author says about an exit code of its jobs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitAnswerRow {
    /// The exit code.
    pub code: i32,
    /// What they say.
    pub answer: String,
}

/// The item that another one was copied from, which need not be there any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OriginRow {
    /// Its id.
    pub id: String,
    /// Which of its versions it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
}

/// That an item should not be used any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeprecationRow {
    /// Why.
    pub reason: String,
    /// The id of the item to use in its place, which need not be there any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// That a version should not be used any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalRow {
    /// Why.
    pub reason: String,
    /// Since when.
    #[serde(with = "iso")]
    pub at: DateTime<Utc>,
}

/// A version of an item's protocol. What the item has at the moment is one of them, unless
/// it was never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "most fields are those of the wire type")]
pub struct VersionRow {
    /// The item's id.
    pub item: String,
    pub number: i32,
    pub author: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_from: Option<i32>,
    /// Others than the item's author and admins could read it.
    pub shared: bool,
    /// Left out where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<WithdrawalRow>,
    #[serde(with = "iso")]
    pub at: DateTime<Utc>,
    pub protocol: String,
}

fn first() -> i32 {
    1
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_first(number: &i32) -> bool {
    *number == 1
}

/// That an item was made of an official template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateMark {
    /// The template's name: that of its folder in `examples/`.
    pub name: String,
    /// The digest of what was made of it, before anybody changed it.
    pub digest: String,
}

/// That a user has starred an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StarRow {
    /// The item's id.
    pub item: String,
    /// The user's name.
    pub user: String,
    /// When.
    #[serde(with = "iso")]
    pub at: DateTime<Utc>,
}

/// A line of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are those of the wire type")]
pub struct AuditRow {
    #[serde(with = "iso")]
    pub at: DateTime<Utc>,
    pub user: String,
    pub action: String,
    pub kind: String,
    pub target_id: String,
    pub target_name: Option<String>,
    pub details: Vec<String>,
}

/// A storage. It holds secrets, so nothing prints it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "most fields are those of the wire type")]
pub struct StorageRow {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub storage_account: String,
    pub container_name: String,
    /// A JSON list, encrypted as [`crate::secrets`] says.
    pub connection_strings: String,
    /// Likewise.
    pub tokens: String,
    pub users: Vec<String>,
    #[serde(with = "iso")]
    pub created_at: DateTime<Utc>,
    #[serde(with = "iso")]
    pub updated_at: DateTime<Utc>,
}

/// An official template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "most fields are those of the wire type")]
pub struct TemplateRow {
    /// What it is known by, whatever it is called: the name of its folder.
    pub template: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ItemType,
    pub summary: String,
    pub description: String,
    pub tags: Vec<String>,
    pub data_url: Option<String>,
    pub protocol: String,
}

impl ExitAnswerRow {
    /// What the database keeps of it.
    pub(super) fn pair(&self) -> (i32, String) {
        (self.code, self.answer.clone())
    }
}

impl ItemRow {
    /// What makes the same item.
    pub(super) fn into_item_to_create(self) -> ItemToCreate {
        with_fields_of!(
            self,
            ItemToCreate {
                protocol: self.protocol,
                star_number: 0,
                copied_from: self.copied_from.map(|origin| Origin {
                    version: origin.version,
                    ..Origin::of(origin.id)
                }),
                deprecation: self.deprecation.map(|row| Deprecation {
                    reason: row.reason,
                    successor: row.successor.map(Origin::of),
                    since: row.since,
                }),
            }
        )
    }
}

impl TemplateRow {
    /// What makes an item of it.
    pub fn into_item_to_create(self) -> ItemToCreate {
        ItemToCreate {
            name: Some(self.name),
            author: Some(official::AUTHOR.to_owned()),
            kind: Some(self.kind),
            source: ItemSource::Marketplace,
            is_public: true,
            is_private: false,
            group_list: Vec::new(),
            data_type: None,
            data_url: self.data_url,
            license: None,
            use_blob: false,
            categories: vec![OFFICIAL_CATEGORY.to_owned()],
            tags: self.tags,
            summary: Some(self.summary),
            description: Some(self.description),
            protocol: self.protocol,
            use_number: 0,
            star_number: 0,
            status: Some(ItemStatus::Approved),
            review_note: None,
            protocol_valid: true,
            copied_from: None,
            version: 1,
            deprecation: None,
            withdrawn: None,
        }
    }
}

/// Times as the wire has them.
pub mod iso {
    use super::{DateTime, Deserialize, Deserializer, Serializer, SubsecRound, Utc};

    /// Writes one.
    ///
    /// # Errors
    /// When it cannot be written there.
    pub fn serialize<S: Serializer>(
        time: &DateTime<Utc>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::clock::iso(*time))
    }

    /// Reads one.
    ///
    /// # Errors
    /// When it is none.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|time| time.to_utc().trunc_subsecs(3))
            .map_err(serde::de::Error::custom)
    }
}
