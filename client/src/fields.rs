//! What a folder and an item both have, field by field, so that they can be compared.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use shared::exposure::{self, Shown};
use shared::wire::{Item, Sharing};

/// Values by the names that fields have on the wire, but for who may see it: that is
/// `visibility`, which is `public`, `private` or a list of groups. A field that is not
/// mentioned stays as it is.
pub type Fields = Map<String, Value>;

/// Digests of fields, by name.
pub(crate) type Digests = BTreeMap<String, String>;

/// All fields, in the order in which they are told and written.
pub(crate) const ALL: [&str; 12] = [
    "name",
    "type",
    "summary",
    "tags",
    "categories",
    "license",
    "dataType",
    "dataUrl",
    "useBlob",
    VISIBILITY,
    "description",
    "protocol",
];

/// Who may see it.
pub(crate) const VISIBILITY: &str = "visibility";

/// All fields of an item.
pub(crate) fn of_item(item: &Item) -> Fields {
    let sharing = Sharing::from(item);
    let visibility = if sharing.is_public {
        json!("public")
    } else if sharing.leaves_author() {
        json!(sharing.group_list)
    } else {
        json!("private")
    };
    let values = [
        json!(item.name),
        json!(item.kind),
        json!(item.summary),
        json!(item.tags),
        json!(item.categories),
        json!(item.license),
        json!(item.data_type),
        json!(item.data_url),
        json!(item.use_blob),
        visibility,
        json!(item.description),
        json!(item.protocol),
    ];
    let names = ALL.map(str::to_owned);
    names.into_iter().zip(values).collect()
}

/// What of `mine` is not so in `theirs`.
pub(crate) fn differing(mine: &Fields, theirs: &Fields) -> Vec<&'static str> {
    let digest = |fields: &Fields, name| digest(name, fields.get(name).unwrap_or(&Value::Null));
    let mut names = ALL.to_vec();
    names.retain(|name| mine.contains_key(*name) && digest(mine, name) != digest(theirs, name));
    names
}

/// The digests of all fields that are mentioned.
pub(crate) fn digests(fields: &Fields) -> Digests {
    let digest = |(name, value): (&String, &Value)| (name.clone(), digest(name, value));
    fields.iter().map(digest).collect()
}

/// `sha256:` and the digest of a value, the same for values that mean the same: tags in
/// another order or case, a missing text and an empty one, blanks around a description,
/// line ends of other systems.
fn digest(name: &str, value: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().replace("\r\n", "\n");
    let plain = match (name, value) {
        (_, Value::Array(names)) => {
            let mut names: Vec<String> = names.iter().map(text).collect();
            if name == "tags" {
                names = names.iter().map(|tag| tag.trim().to_lowercase()).collect();
            }
            names.sort_unstable();
            names.dedup();
            json!(names)
        }
        ("tags" | "categories", Value::Null) => json!([]),
        ("useBlob", value) => json!(value.as_bool().unwrap_or_default()),
        ("description", value) => json!(text(value).trim()),
        (_, value) => json!(text(value)),
    };
    format!("sha256:{:x}", Sha256::digest(plain.to_string()))
}

/// What others read of an item with these fields.
pub(crate) fn shown(fields: &Fields) -> Shown<'_> {
    let visibility = fields.get(VISIBILITY);
    let groups = visibility.and_then(Value::as_array).into_iter().flatten();
    let sharing = Sharing {
        is_public: visibility.is_some_and(|value| value == "public"),
        is_private: visibility.is_some_and(|value| value == "private"),
        group_list: groups
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    };
    let texts = exposure::FIELDS.into_iter().flat_map(|name| {
        let value = fields.get(name);
        let all = value.and_then(Value::as_array).into_iter().flatten();
        let texts = value.into_iter().chain(all).filter_map(Value::as_str);
        texts.map(move |text| (name, text))
    });
    Shown {
        sharing,
        texts: texts.collect(),
    }
}

/// These fields as the body of a request has them.
pub(crate) fn body(fields: &Fields, names: &[&str]) -> Map<String, Value> {
    let mut body = Map::new();
    for name in names {
        let value = fields.get(*name).cloned().unwrap_or_default();
        if *name == VISIBILITY {
            body.insert("isPublic".to_owned(), json!(value == "public"));
            body.insert("isPrivate".to_owned(), json!(value == "private"));
            let groups = if value.is_array() { value } else { json!([]) };
            body.insert("groupList".to_owned(), groups);
        } else {
            body.insert((*name).to_owned(), value);
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use shared::wire::{ItemChanges, ItemType};

    use super::*;

    fn fields(value: Value) -> Fields {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_means_the_same_does_not_differ() {
        let mine = fields(json!({
            "tags": ["b", "A", "a"], "summary": "", "description": "x\n\ny\n", "protocol": "a\n", "useBlob": false,
            "visibility": ["v", "n"], "license": "MIT",
        }));
        let theirs = fields(json!({
            "tags": ["a", "B"], "summary": null, "description": "x\r\n\r\ny", "protocol": "a\r\n", "name": "theirs",
            "visibility": ["n", "v"], "license": "mit",
        }));
        assert_eq!(differing(&mine, &theirs), ["license"]);
        assert_eq!(differing(&theirs, &mine), ["name", "license"]);
        let other = fields(json!({ "protocol": "a", "visibility": "private" }));
        assert_eq!(differing(&other, &theirs), ["visibility", "protocol"]);
        assert_eq!(digests(&other).len(), 2);
    }

    #[test]
    fn bodies_are_what_the_wire_wants() {
        let mine = fields(json!({
            "name": "n", "type": "data", "summary": "s", "tags": ["a"], "categories": [], "license": "MIT",
            "dataType": "github", "dataUrl": "https://h", "useBlob": true, "visibility": ["g"], "description": "d",
            "protocol": "p",
        }));
        let changes = body(&mine, &ALL);
        let changes: ItemChanges = serde_json::from_value(changes.into()).unwrap();
        assert_eq!(changes.kind, Some(ItemType::Data));
        assert_eq!(changes.group_list, Some(vec!["g".to_owned()]));
        assert_eq!(
            (changes.is_public, changes.is_private),
            (Some(false), Some(false))
        );
        assert_eq!(changes.license, Some(Some("MIT".to_owned())));
        let public = body(&fields(json!({ "visibility": "public" })), &[VISIBILITY]);
        let public: ItemChanges = serde_json::from_value(public.into()).unwrap();
        assert_eq!(
            (public.is_public, public.is_private),
            (Some(true), Some(false))
        );
        assert_eq!(public.name, None);
    }
}
