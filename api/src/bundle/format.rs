//! What is in a bundle, and what its rows may hold.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::wire::MAX_LINE;

use store::bundle::rows::iso;
pub use store::bundle::rows::{
    AuditRow, CategoryRow, ItemRow, StarRow, StorageRow, TagRow, TemplateMark, TemplateRow,
};

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
        let origin = self.copied_from.as_ref();
        Faults::default()
            .id("id", &self.id)
            .line("name", self.name.as_deref())
            .line("author", self.author.as_deref())
            .line("dataUrl", self.data_url.as_deref())
            .line("license", self.license.as_deref())
            .line("summary", self.summary.as_deref())
            .text("description", self.description.as_deref())
            .text("protocol", Some(&self.protocol))
            .text("reviewNote", self.review_note.as_deref())
            .id("copiedFrom.id", origin.map_or("", |origin| &origin.id))
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
                    .any(|tag| store::names::fault(tag).is_some()),
                "a tag has a name that nobody can read",
            )
            .when(
                store::names::fault(&self.name).is_some(),
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
