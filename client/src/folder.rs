//! An item as a folder, as a repository keeps it: `protocol.yaml`, and `README.md`, whose
//! front matter says the rest and whose text is the description. So are the official
//! templates in `examples/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use shared::protocol;
use shared::protocol::yaml::{self, to_yaml};
use shared::wire::{DataType, Item, ItemType, MAX_DESCRIPTION, MAX_PROTOCOL};

use crate::fields::{self, Fields, VISIBILITY};
use crate::files;

/// The file with the protocol.
pub(crate) const PROTOCOL: &str = "protocol.yaml";

/// The file with the front matter and the description.
const README: &str = "README.md";

/// The most bytes of a README: a description, and some more for the front matter.
const MAX_README: usize = MAX_DESCRIPTION + 64 * 1024;

/// In a front matter the groups that may see the item.
const GROUPS: &str = "groups";

/// What a folder says of its item.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) fields: Fields,
}

impl Folder {
    /// Reads a folder.
    ///
    /// # Errors
    /// When the protocol is missing, a file is too large or no UTF-8, or the front matter
    /// says what is not known.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let protocol = files::read_bounded(&path.join(PROTOCOL), MAX_PROTOCOL)?;
        let readme = path.join(README);
        let text = if readme.exists() {
            Some(files::read_bounded(&readme, MAX_README)?)
        } else {
            None
        };
        let fields = read(protocol, text.as_deref());
        Ok(Self {
            path: path.to_owned(),
            fields: fields.with_context(|| readme.display().to_string())?,
        })
    }

    /// A field that is text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Writes an item into a folder, which is made if it is missing.
    ///
    /// # Errors
    /// When that cannot be done.
    pub(crate) fn write(path: &Path, item: &Item) -> anyhow::Result<()> {
        fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
        let protocol = item.protocol.as_deref().unwrap_or_default();
        for (name, text) in [(PROTOCOL, protocol), (README, &readme(item))] {
            let file = path.join(name);
            fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(())
    }

    /// Whether there is a file that [`Folder::write`] would write over.
    pub(crate) fn is_one(path: &Path) -> bool {
        [PROTOCOL, README]
            .iter()
            .any(|name| path.join(name).exists())
    }
}

/// The fields of an item whose files have these texts: those of the front matter, its
/// `description`, `protocol`, and `name`, which the protocol may say too.
///
/// # Errors
/// When the front matter says what is not known, or nothing says the name.
pub fn read(protocol: String, readme: Option<&str>) -> anyhow::Result<Fields> {
    let mut fields = Fields::new();
    if let Some(readme) = readme {
        let (front, body) = parts(readme)?;
        fields = of_front(front)?;
        fields.insert("description".to_owned(), without_title(body).into());
    }
    if !fields.contains_key("name") {
        let report = protocol::validate(&protocol);
        let name = report.protocol.and_then(|protocol| protocol.name);
        fields.insert("name".to_owned(), name.unwrap_or_default().into());
    }
    ensure!(
        fields["name"]
            .as_str()
            .is_some_and(|name| !name.trim().is_empty()),
        "there is no `name` in the front matter, and none in the protocol"
    );
    fields.insert("protocol".to_owned(), protocol.into());
    Ok(fields)
}

/// Front matter and text; without front matter all of it is text.
fn parts(readme: &str) -> anyhow::Result<(&str, &str)> {
    let readme = readme.strip_prefix('\u{feff}').unwrap_or(readme);
    let Some(rest) = readme.strip_prefix("---\n") else {
        return Ok(("", readme));
    };
    rest.split_once("\n---\n")
        .or_else(|| Some((rest.strip_suffix("\n---")?, "")))
        .context("the front matter does not end: it stands between two lines `---`")
}

/// The page of an item shows its name already, so the title that a README begins with is
/// left out.
fn without_title(body: &str) -> &str {
    let body = body.trim();
    if !body.starts_with("# ") {
        return body;
    }
    body.split_once('\n').map_or("", |(_, rest)| rest.trim())
}

fn of_front(front: &str) -> anyhow::Result<Fields> {
    if front.trim().is_empty() {
        return Ok(Fields::new());
    }
    let document = yaml::parse(front).map_err(|errors| {
        let said: Vec<_> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the front matter cannot be read: {}", said.join("; "))
    })?;
    let Value::Object(front) = document.root().to_json() else {
        bail!("the front matter is no mapping");
    };
    let mut fields = Fields::new();
    for (key, value) in front {
        let texts = value
            .as_array()
            .map(|items| items.iter().all(Value::is_string));
        let wanted = match &*key {
            "name" | "summary" | "license" | "dataUrl" if !value.is_string() => "text",
            "tags" | "categories" | GROUPS if texts != Some(true) => "a list of texts",
            "useBlob" if !value.is_boolean() => "true or false",
            "type" if word::<ItemType>(&value).is_none() => "template, data or old",
            "dataType" if word::<DataType>(&value).is_none() => "blob or github",
            VISIBILITY if value != "public" && value != "private" => {
                "public or private; or name `groups`"
            }
            "name" | "summary" | "license" | "dataUrl" | "tags" | "categories" | GROUPS
            | "useBlob" | "type" | "dataType" | VISIBILITY => "",
            other => bail!(
                "`{other}` of the front matter is not known: it has name, type, summary, tags, categories, license, \
                 dataType, dataUrl, useBlob, and visibility or groups"
            ),
        };
        ensure!(
            wanted.is_empty(),
            "`{key}` of the front matter has to be {wanted}"
        );
        let name = if key == GROUPS { VISIBILITY } else { &key };
        ensure!(
            fields.insert(name.to_owned(), value).is_none(),
            "the front matter has both `visibility` and `groups`"
        );
    }
    Ok(fields)
}

fn word<T: std::str::FromStr>(value: &Value) -> Option<T> {
    value.as_str()?.parse().ok()
}

/// The README of an item: what it has, and the description below its name.
fn readme(item: &Item) -> String {
    let fields = fields::of_item(item);
    let mut front = String::new();
    for name in fields::ALL {
        let value = &fields[name];
        let is_empty = match value {
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            value => value.is_null() || value == false,
        };
        let key = match name {
            "description" | "protocol" => continue,
            VISIBILITY if value.is_array() => GROUPS,
            _ if is_empty => continue,
            other => other,
        };
        front.push_str(&to_yaml(&json!({ key: value })));
    }
    let name = item.name.as_deref().unwrap_or("Untitled");
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let description = item.description.as_deref().unwrap_or_default();
    let description = description.replace("\r\n", "\n");
    let text = format!("---\n{front}---\n# {name}\n\n{}", description.trim());
    text.trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const README_TEXT: &str = "---\nname: Trains\ntype: template\nsummary: It trains.\ntags: [a, B]\n\
        visibility: public\n---\n# Trains\n\nHow.\n";

    fn item(changes: Value) -> Item {
        let mut item = json!({
            "id": "i", "name": "Trains", "author": "alice", "type": "template", "source": "marketplace",
            "isPublic": true, "isPrivate": false, "groupList": [], "tags": ["b", "a"], "summary": "It trains.",
            "description": "How.", "protocol": "name: in-protocol\n", "dataType": null, "dataUrl": null,
            "useNumber": 0, "starNumber": 0, "status": null,
            "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
        });
        for (key, value) in changes.as_object().unwrap() {
            item[key] = value.clone();
        }
        serde_json::from_value(item).unwrap()
    }

    #[test]
    fn the_front_matter_says_what_the_item_is() {
        let fields = read("name: in-protocol\n".to_owned(), Some(README_TEXT)).unwrap();
        assert_eq!(
            fields::differing(&fields, &fields::of_item(&item(json!({})))),
            [""; 0]
        );
        let bare = read("name: in-protocol\n".to_owned(), None).unwrap();
        assert_eq!(bare["name"], "in-protocol");
        assert_eq!(bare.get("description"), None, "what is not said stays");
        let text = read("name: x\n".to_owned(), Some("No title.\n\nMore.")).unwrap();
        assert_eq!(text["description"], "No title.\n\nMore.");
        assert!(read("a: b\n".to_owned(), None).is_err());
    }

    #[test]
    fn slips_are_told() {
        for (front, said) in [
            ("title: x", "`title`"),
            ("visibility: everybody", "public or private"),
            ("tags: a", "list"),
            ("tags: [1]", "list"),
            ("visibility: public\ngroups: [a]", "both"),
            ("type: job", "template"),
            ("useBlob: maybe", "true"),
            ("a: [", "line 1"),
            ("- a", "mapping"),
        ] {
            let readme = format!("---\n{front}\n---\n");
            let error = read("name: x\n".to_owned(), Some(&readme)).unwrap_err();
            assert!(format!("{error:#}").contains(said), "{front}: {error:#}");
        }
        assert!(read("name: x\n".to_owned(), Some("---\nname: x\n")).is_err());
    }

    #[test]
    fn what_is_written_reads_the_same() {
        for changes in [
            json!({}),
            json!({ "description": "# A title of its own\n\ntext\n", "summary": null, "tags": [] }),
            json!({ "name": "a: \"b\"\n c", "description": "", "license": "MIT", "useBlob": true }),
            json!({ "isPublic": false, "groupList": ["vision", "null"], "dataType": "github", "dataUrl": "https://h" }),
            json!({ "isPublic": false, "isPrivate": true, "description": "a\r\n---\r\nb", "summary": "---" }),
        ] {
            let item = item(changes);
            let protocol = item.protocol.clone().unwrap();
            let read = read(protocol, Some(&readme(&item))).unwrap();
            assert_eq!(
                fields::differing(&read, &fields::of_item(&item)),
                [""; 0],
                "{item:?}"
            );
        }
        let text = readme(&item(json!({ "isPublic": false, "groupList": ["vision"] })));
        assert_eq!(
            text,
            "---\nname: Trains\ntype: template\nsummary: It trains.\ntags:\n  - b\n  - a\ngroups:\n  - vision\n---\n\
             # Trains\n\nHow.\n"
        );
    }

    #[test]
    fn official_templates_are_folders() {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
        let mut count = 0;
        for folder in fs::read_dir(examples).unwrap() {
            let folder = Folder::read(&folder.unwrap().path()).unwrap();
            assert!(folder.text("description").len() > 500, "{folder:?}");
            assert!(!folder.text("description").starts_with("# "));
            count += 1;
        }
        assert!(count >= 12, "{count}");
    }
}
