//! The texts of the plugin, as `plugin/messages/LANGUAGE/ROOM.json` has them. The
//! build script makes functions of them (`plugin/build.rs`), and the bundle the
//! tables of all languages but English (`xtask/src/bundle.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The language that is part of the app.
pub(crate) const ENGLISH: &str = "en";

/// The room of the texts that `loader.js` shows, with the app or without it.
pub(crate) const LOADER: &str = "loader";

/// The rooms of the texts that the app itself shows; those of all other rooms come with the
/// first of its chunks.
pub(crate) const FIRST: [&str; 11] = [
    "app", "banner", "client", "common", "item", "jobs", "leave", "list", "news", "openpai",
    "toast",
];

/// All texts of one language, by room and key.
pub(crate) type Catalogue = BTreeMap<String, BTreeMap<String, Message>>;

/// What one key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    /// A text, perhaps with placeholders: `“{name}” is saved.`
    Text(String),
    /// A text for each form of the placeholder `count`, as `Intl.PluralRules` names them.
    Plural(BTreeMap<String, String>),
}

impl Message {
    /// The names in braces, in order of appearance.
    pub(crate) fn placeholders(&self) -> Vec<String> {
        let mut names = Vec::new();
        for text in self.texts() {
            for part in text.split('{').skip(1) {
                let name = part.split('}').next().unwrap_or_default().to_owned();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// Every wording.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => vec![text],
            Self::Plural(forms) => forms.values().map(String::as_str).collect(),
        }
    }
}

/// The rooms of the app and those of its chunks; one after the other in the order in which
/// messages are counted.
pub(crate) fn parts(catalogue: &Catalogue) -> [Vec<(&String, &BTreeMap<String, Message>)>; 2] {
    let rooms = catalogue.iter().filter(|(room, _)| *room != LOADER);
    let (first, later) = rooms.partition(|(room, _)| FIRST.contains(&room.as_str()));
    [first, later]
}

/// Reads the languages of a folder.
///
/// # Errors
/// A sentence about what is wrong with them: no JSON, a key that another language lacks,
/// placeholders that differ.
pub(crate) fn read(folder: &Path) -> Result<BTreeMap<String, Catalogue>, String> {
    let mut languages = BTreeMap::new();
    for language in entries(folder)? {
        if language.is_dir() {
            let mut rooms = Catalogue::new();
            for file in entries(&language)? {
                let text = fs::read_to_string(&file)
                    .map_err(|error| format!("{}: {error}", file.display()))?;
                rooms.insert(
                    stem(&file),
                    room(&text).map_err(|error| format!("{}: {error}", file.display()))?,
                );
            }
            languages.insert(stem(&language), rooms);
        }
    }
    let english = languages.get(ENGLISH).ok_or("there is no English")?;
    for (language, rooms) in &languages {
        agree(english, rooms).map_err(|error| format!("{language}: {error}"))?;
    }
    Ok(languages)
}

fn room(text: &str) -> Result<BTreeMap<String, Message>, String> {
    let value: BTreeMap<String, Value> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let message = |(key, value): (String, Value)| {
        let is_name = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && text
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        let message = match value {
            Value::String(text) => Message::Text(text),
            value => Message::Plural(
                serde_json::from_value(value).map_err(|error| format!("{key}: {error}"))?,
            ),
        };
        let placeholders = message.placeholders();
        if !is_name(&key) || !placeholders.iter().all(|name| is_name(name)) {
            return Err(format!("{key}: keys and placeholders are snake_case"));
        }
        if let Message::Plural(forms) = &message
            && (!forms.contains_key("other") || !placeholders.contains(&"count".to_owned()))
        {
            return Err(format!(
                "{key}: forms want `other` and a placeholder `count`"
            ));
        }
        Ok((key, message))
    };
    value.into_iter().map(message).collect()
}

fn agree(english: &Catalogue, other: &Catalogue) -> Result<(), String> {
    let keys = |catalogue: &Catalogue| -> BTreeSet<String> {
        let keys = |(room, messages): (&String, &BTreeMap<String, Message>)| -> Vec<String> {
            messages.keys().map(|key| format!("{room}.{key}")).collect()
        };
        catalogue.iter().flat_map(keys).collect()
    };
    if let Some(key) = keys(english).symmetric_difference(&keys(other)).next() {
        return Err(format!("`{key}` is in one of the languages only"));
    }
    for (room, messages) in english {
        for (key, message) in messages {
            let theirs = &other[room][key];
            let set =
                |message: &Message| message.placeholders().into_iter().collect::<BTreeSet<_>>();
            let is_plural = |message: &Message| matches!(message, Message::Plural(_));
            if set(message) != set(theirs) || is_plural(message) != is_plural(theirs) {
                return Err(format!(
                    "`{room}.{key}` has other placeholders than in English"
                ));
            }
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        paths.push(entry.map_err(wrong)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages(english: &str, chinese: &str) -> Result<BTreeMap<String, Catalogue>, String> {
        let folder = tempfile::tempdir().unwrap();
        for (language, text) in [(ENGLISH, english), ("zh-CN", chinese)] {
            fs::create_dir(folder.path().join(language)).unwrap();
            fs::write(folder.path().join(language).join("list.json"), text).unwrap();
        }
        read(folder.path())
    }

    #[test]
    fn languages_that_agree_are_read() {
        let english = r#"{"b": "B of {name}", "a": {"one": "{count} a", "other": "{count} as"}}"#;
        let chinese = r#"{"a": {"other": "{count} 个"}, "b": "{name} 的 B"}"#;
        let chinese = &languages(english, chinese).unwrap()["zh-CN"]["list"];
        assert_eq!(chinese["b"], Message::Text("{name} 的 B".to_owned()));
        assert_eq!(chinese["b"].placeholders(), ["name"]);
        assert_eq!(chinese["a"].texts(), ["{count} 个"]);
    }

    #[test]
    fn languages_that_differ_are_refused() {
        let wrong = |english: &str, chinese: &str| languages(english, chinese).unwrap_err();
        assert!(wrong(r#"{"a": "A"}"#, "{}").contains("`list.a`"));
        assert!(wrong("{}", r#"{"a": "A"}"#).contains("`list.a`"));
        assert!(wrong(r#"{"a": "{x}"}"#, r#"{"a": "{y}"}"#).contains("placeholders"));
        assert!(
            wrong(r#"{"a": "{count}"}"#, r#"{"a": {"other": "{count}"}}"#).contains("placeholders")
        );
        assert!(wrong(r#"{"a": {"one": "{count}"}}"#, "{}").contains("`other`"));
        assert!(wrong(r#"{"A": "x"}"#, "{}").contains("snake_case"));
        assert!(wrong("{", "{}").contains("list.json"));
    }
}
