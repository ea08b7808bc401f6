//! What is in a bundle, and what its rows may hold.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::wire::MAX_LINE;

use store::bundle::rows::iso;
pub use store::bundle::rows::{
    AuditRow, CategoryRow, ItemRow, StarRow, StorageRow, TagRow, TemplateMark, TemplateRow,
    VersionRow,
};

/// What `format` of a manifest says.
pub const FORMAT: &str = "openpai-marketplace-bundle";

/// The version of the format that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// The member that names all others.
pub(super) const MANIFEST: &str = "manifest.json";

/// The member that holds the manifest's signature.
pub(super) const SIGNATURE: &str = "manifest.sig";

/// All other members that there may be.
pub(super) const MEMBERS: [&str; 8] = [
    CategoryRow::MEMBER,
    TagRow::MEMBER,
    ItemRow::MEMBER,
    StarRow::MEMBER,
    VersionRow::MEMBER,
    AuditRow::MEMBER,
    StorageRow::MEMBER,
    TemplateRow::MEMBER,
];

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

/// A line of a member, and what its fields may hold, which are named as in JSON, those of
/// an object after a dot. A text that is in no list has a line at most, and so has each text
/// of a list of texts, which holds a thousand at most. Old catalogues hold names and texts
/// that the API takes no longer: these are taken over, if databases can keep them.
pub trait Row: Serialize + DeserializeOwned {
    /// The member's name.
    const MEMBER: &'static str;

    /// What each row must be greater by than the row before; nothing where rows may come in
    /// any order, and more than once.
    const KEY: &'static [&'static str];

    /// Fields that hold ids.
    const IDS: &'static [&'static str] = &[];

    /// Fields that must not be empty.
    const NAMES: &'static [&'static str] = &[];

    /// Fields that may be as long as a row.
    const TEXTS: &'static [&'static str] = &[];

    /// What else cannot be taken over, in words that follow a colon.
    fn own_fault(&self) -> Option<&'static str> {
        None
    }
}

impl Row for CategoryRow {
    const MEMBER: &'static str = "categories.jsonl";
    const KEY: &'static [&'static str] = &["name"];
    const IDS: &'static [&'static str] = &["id"];
    const NAMES: &'static [&'static str] = &["name"];
    const TEXTS: &'static [&'static str] = &["extras"];
}

impl Row for TagRow {
    const MEMBER: &'static str = "tags.jsonl";
    const KEY: &'static [&'static str] = &["name"];
    const IDS: &'static [&'static str] = &["id"];
    const NAMES: &'static [&'static str] = &["name"];
    const TEXTS: &'static [&'static str] = &["extras"];
}

impl Row for ItemRow {
    const MEMBER: &'static str = "items.jsonl";
    const KEY: &'static [&'static str] = &["id"];
    const IDS: &'static [&'static str] = &["id", "copiedFrom.id", "deprecation.successor"];
    const TEXTS: &'static [&'static str] = &[
        "description",
        "protocol",
        "reviewNote",
        "exitAnswers.answer",
    ];

    fn own_fault(&self) -> Option<&'static str> {
        if self.use_number < 0 {
            Some("`useNumber` is negative")
        } else if self.version < 1 {
            Some("`version` is not positive")
        } else if self.exit_answers.len() as u64 > store::runs::MAX_ANSWERS {
            Some("`exitAnswers` are more than an item may have")
        } else if !self.exit_answers.is_sorted_by(|a, b| a.code < b.code) {
            Some("`exitAnswers` are not in the order of their codes")
        } else if self.is_public && self.is_private {
            Some("`isPublic` and `isPrivate` are both true")
        } else {
            None
        }
    }
}

impl Row for StarRow {
    const MEMBER: &'static str = "stars.jsonl";
    const KEY: &'static [&'static str] = &["item", "user"];
    const IDS: &'static [&'static str] = &["item"];
    const NAMES: &'static [&'static str] = &["user"];
}

impl Row for VersionRow {
    const MEMBER: &'static str = "versions.jsonl";
    const KEY: &'static [&'static str] = &["item", "number"];
    const IDS: &'static [&'static str] = &["item"];
    const TEXTS: &'static [&'static str] = &["protocol"];

    fn own_fault(&self) -> Option<&'static str> {
        (self.number < 1).then_some("`number` is not positive")
    }
}

impl Row for AuditRow {
    const MEMBER: &'static str = "audit.jsonl";
    const KEY: &'static [&'static str] = &[];
    const IDS: &'static [&'static str] = &["targetId"];
}

impl Row for StorageRow {
    const MEMBER: &'static str = "storages.jsonl";
    const KEY: &'static [&'static str] = &["id"];
    const IDS: &'static [&'static str] = &["id"];
    const TEXTS: &'static [&'static str] = &["connectionStrings", "tokens"];
}

impl Row for TemplateRow {
    const MEMBER: &'static str = "templates.jsonl";
    const KEY: &'static [&'static str] = &["template"];
    const NAMES: &'static [&'static str] = &["template", "name"];
    const TEXTS: &'static [&'static str] = &["description", "protocol"];

    fn own_fault(&self) -> Option<&'static str> {
        let is_unreadable = |name: &String| store::names::fault(name).is_some();
        if self.tags.iter().any(is_unreadable) {
            Some("a tag has a name that nobody can read")
        } else if is_unreadable(&self.name) {
            Some("`name` is one that nobody can read")
        } else if !shared::protocol::validate(&self.protocol).is_valid() {
            Some("`protocol` is invalid")
        } else {
            None
        }
    }
}

/// What a row is sorted by.
///
/// # Errors
/// What in it cannot be taken over, in words that follow a colon.
pub fn check<R: Row>(row: &R) -> Result<Vec<String>, String> {
    let fields = serde_json::to_value(row).map_err(|error| error.to_string())?;
    let own = || row.own_fault().map(str::to_owned);
    if let Some(fault) = fault::<R>("", &fields).or_else(own) {
        return Err(fault);
    }
    let key = R::KEY.iter().map(|field| match &fields[*field] {
        Value::String(text) => text.clone(),
        number => format!("{:020}", number.as_u64().unwrap_or_default()),
    });
    Ok(key.collect())
}

fn fault<R: Row>(field: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text_fault::<R>(field, text),
        Value::Array(list) if list.len() > MAX_NAMES => {
            Some(format!("`{field}` has more than {MAX_NAMES} entries"))
        }
        Value::Array(list) => list.iter().find_map(|value| fault::<R>(field, value)),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| match field {
            "" => fault::<R>(name, value),
            field => fault::<R>(&format!("{field}.{name}"), value),
        }),
        _ => None,
    }
}

fn text_fault<R: Row>(field: &str, text: &str) -> Option<String> {
    // PostgreSQL keeps no text with this one character.
    if text.contains('\0') {
        Some(format!("`{field}` holds the character U+0000"))
    } else if R::IDS.contains(&field) {
        (text.len() > MAX_ID).then(|| format!("`{field}` is longer than {MAX_ID} bytes"))
    } else if R::NAMES.contains(&field) && text.is_empty() {
        Some(format!("`{field}` is empty"))
    } else if R::TEXTS.contains(&field) || text.chars().count() <= MAX_LINE {
        None
    } else {
        Some(format!("`{field}` is longer than {MAX_LINE} characters"))
    }
}
