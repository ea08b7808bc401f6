//! What is in a bundle, and what its rows may hold.

use std::cmp::Ordering;

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use shared::wire::{DataType, Item, ItemSource, ItemStatus, ItemType, MAX_LINE};

/// What `format` of a manifest says.
pub const FORMAT: &str = "openpai-marketplace-bundle";

/// The version of the format that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// The member that names all others.
pub(super) const MANIFEST: &str = "manifest.json";

/// The member that holds the manifest's signature.
pub(super) const SIGNATURE: &str = "manifest.sig";

/// The longest line, in bytes: several times the largest item that the API takes.
pub const MAX_ROW_BYTES: usize = 16 * 1024 * 1024;

/// The longest id and the longest older one-line text, in bytes.
const MAX_ID: usize = 4 * MAX_LINE;

/// The most names in one list of an item.
const MAX_NAMES: usize = 1_000;

/// What a bundle holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Everything.
    Catalogue,
    /// Official templates, for clusters without internet.
    Templates,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Catalogue => "a whole catalogue",
            Self::Templates => "official templates",
        })
    }
}

/// `manifest.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// What the bundle holds.
    pub kind: Kind,
    /// When it was made.
    #[serde(with = "iso")]
    pub created: DateTime<Utc>,
    /// The version of the marketplace that made it.
    pub made_by: String,
    /// All members but this one and its signature.
    pub members: Vec<Member>,
}

/// A member of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The file's name.
    pub name: String,
    /// Lines.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of all bytes, in small hexadecimal digits.
    pub sha256: String,
}

/// A line of a member.
pub trait Row: Serialize + DeserializeOwned {
    /// The member's name.
    const MEMBER: &'static str;

    /// Compares keys: each row's must be greater than that of the row before.
    fn order(&self, other: &Self) -> Ordering;

    /// What cannot be taken over, in words that follow a colon.
    fn fault(&self) -> Option<String>;
}

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
    #[serde(with = "iso")]
    pub created_at: DateTime<Utc>,
    #[serde(with = "iso")]
    pub updated_at: DateTime<Utc>,
    /// Which official template it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateMark>,
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

impl ItemRow {
    /// The item as the catalogue's code knows it, under the id that it has there.
    pub(crate) fn into_item(self, id: String) -> Item {
        Item {
            id,
            name: self.name,
            author: self.author,
            kind: self.kind,
            source: self.source,
            is_public: self.is_public,
            is_private: self.is_private,
            group_list: self.group_list,
            data_type: self.data_type,
            data_url: self.data_url,
            use_blob: self.use_blob,
            categories: self.categories,
            tags: self.tags,
            summary: self.summary,
            description: self.description,
            protocol: Some(self.protocol),
            use_number: self.use_number,
            star_number: 0,
            status: self.status,
            review_note: self.review_note,
            protocol_valid: self.protocol_valid,
            copied_from: None,
            starred: false,
            resembles_official: false,
            created_at: String::new(),
            updated_at: String::new(),
            item_tags: Vec::new(),
            item_categories: Vec::new(),
        }
    }
}

impl Row for CategoryRow {
    const MEMBER: &'static str = "categories.jsonl";

    fn order(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }

    fn fault(&self) -> Option<String> {
        Faults::default()
            .name("name", &self.name)
            .id("id", &self.id)
            .line("description", self.description.as_deref())
            .text("extras", self.extras.as_deref())
            .found()
    }
}

impl Row for TagRow {
    const MEMBER: &'static str = "tags.jsonl";

    fn order(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }

    fn fault(&self) -> Option<String> {
        Faults::default()
            .name("name", &self.name)
            .id("id", &self.id)
            .line("color", self.color.as_deref())
            .line("description", self.description.as_deref())
            .text("extras", self.extras.as_deref())
            .found()
    }
}

impl Row for ItemRow {
    const MEMBER: &'static str = "items.jsonl";

    fn order(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id)
    }

    fn fault(&self) -> Option<String> {
        let template = self.template.as_ref();
        Faults::default()
            .id("id", &self.id)
            .line("name", self.name.as_deref())
            .line("author", self.author.as_deref())
            .line("dataUrl", self.data_url.as_deref())
            .line("summary", self.summary.as_deref())
            .text("description", self.description.as_deref())
            .text("protocol", Some(&self.protocol))
            .text("reviewNote", self.review_note.as_deref())
            .names("groupList", &self.group_list)
            .names("categories", &self.categories)
            .names("tags", &self.tags)
            .line("template.name", template.map(|t| &*t.name))
            .line("template.digest", template.map(|t| &*t.digest))
            .when(self.use_number < 0, "`useNumber` is negative")
            .when(
                self.is_public && self.is_private,
                "`isPublic` and `isPrivate` are both true",
            )
            .found()
    }
}

impl Row for StarRow {
    const MEMBER: &'static str = "stars.jsonl";

    fn order(&self, other: &Self) -> Ordering {
        (&self.item, &self.user).cmp(&(&other.item, &other.user))
    }

    fn fault(&self) -> Option<String> {
        Faults::default()
            .id("item", &self.item)
            .name("user", &self.user)
            .found()
    }
}

impl Row for AuditRow {
    const MEMBER: &'static str = "audit.jsonl";

    /// Lines that are alike are as many as there were.
    fn order(&self, _: &Self) -> Ordering {
        Ordering::Greater
    }

    fn fault(&self) -> Option<String> {
        Faults::default()
            .line("user", Some(&self.user))
            .line("action", Some(&self.action))
            .line("kind", Some(&self.kind))
            .id("targetId", &self.target_id)
            .line("targetName", self.target_name.as_deref())
            .names("details", &self.details)
            .found()
    }
}

impl Row for StorageRow {
    const MEMBER: &'static str = "storages.jsonl";

    fn order(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id)
    }

    fn fault(&self) -> Option<String> {
        Faults::default()
            .id("id", &self.id)
            .line("type", Some(&self.kind))
            .line("storageAccount", Some(&self.storage_account))
            .line("containerName", Some(&self.container_name))
            .text("connectionStrings", Some(&self.connection_strings))
            .text("tokens", Some(&self.tokens))
            .names("users", &self.users)
            .found()
    }
}

impl Row for TemplateRow {
    const MEMBER: &'static str = "templates.jsonl";

    fn order(&self, other: &Self) -> Ordering {
        self.template.cmp(&other.template)
    }

    fn fault(&self) -> Option<String> {
        let protocol = shared::protocol::validate(&self.protocol);
        Faults::default()
            .name("template", &self.template)
            .name("name", &self.name)
            .line("summary", Some(&self.summary))
            .text("description", Some(&self.description))
            .names("tags", &self.tags)
            .line("dataUrl", self.data_url.as_deref())
            .text("protocol", Some(&self.protocol))
            .when(
                self.tags
                    .iter()
                    .any(|tag| crate::names::fault(tag).is_some()),
                "a tag has a name that nobody can read",
            )
            .when(
                crate::names::fault(&self.name).is_some(),
                "`name` is one that nobody can read",
            )
            .when(!protocol.is_valid(), "`protocol` is invalid")
            .found()
    }
}

/// Collects what is wrong; the first is told. Old catalogues hold names and texts that
/// the API takes no longer: these are taken over, if databases can keep them.
#[derive(Default)]
struct Faults(Option<String>);

impl Faults {
    fn when(mut self, wrong: bool, what: &str) -> Self {
        if wrong && self.0.is_none() {
            self.0 = Some(what.to_owned());
        }
        self
    }

    /// `PostgreSQL` keeps no text with this one character.
    fn text(self, field: &str, text: Option<&str>) -> Self {
        let has_nul = text.is_some_and(|text| text.contains('\0'));
        self.when(has_nul, &format!("`{field}` holds the character U+0000"))
    }

    fn id(self, field: &str, text: &str) -> Self {
        self.when(
            text.len() > MAX_ID,
            &format!("`{field}` is longer than {MAX_ID} bytes"),
        )
        .text(field, Some(text))
    }

    fn line(self, field: &str, text: Option<&str>) -> Self {
        let long = text.is_some_and(|text| text.chars().count() > MAX_LINE);
        self.when(
            long,
            &format!("`{field}` is longer than {MAX_LINE} characters"),
        )
        .text(field, text)
    }

    fn name(self, field: &str, text: &str) -> Self {
        self.when(text.is_empty(), &format!("`{field}` is empty"))
            .line(field, Some(text))
    }

    fn names(self, field: &str, names: &[String]) -> Self {
        let many = names.len() > MAX_NAMES;
        let faults = self.when(
            many,
            &format!("`{field}` has more than {MAX_NAMES} entries"),
        );
        if many {
            return faults;
        }
        names
            .iter()
            .fold(faults, |faults, name| faults.line(field, Some(name)))
    }

    fn found(self) -> Option<String> {
        self.0
    }
}

/// Times as the wire has them.
mod iso {
    use super::{DateTime, Deserialize, Deserializer, SecondsFormat, Serializer, SubsecRound, Utc};

    pub(super) fn serialize<S: Serializer>(
        time: &DateTime<Utc>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|time| time.to_utc().trunc_subsecs(3))
            .map_err(serde::de::Error::custom)
    }
}
