//! Protocols as values that know how they are spelled, and their YAML.

use std::fmt::Write as _;

use saphyr::{LoadableYamlNode, Scalar as Loaded, Yaml};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// What is written, and what OpenPAI reads.
    Scalar(String, Meaning),
    List(Vec<Value>),
    /// A key may be here twice.
    Mapping(Vec<(String, Value)>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    Null,
    Bool,
    /// A whole number that JavaScript tells from its neighbours.
    Whole(i64),
    /// Any other number.
    Number,
    Date,
    Text(String),
}

impl Value {
    pub(crate) fn text(text: &str) -> Self {
        let quoted = serde_json::to_string(text).expect("text is JSON");
        Self::Scalar(quoted, Meaning::Text(text.to_owned()))
    }

    /// A protocol that holds only what every YAML reader takes to be the same.
    pub(crate) fn read(text: &str) -> Self {
        let documents = Yaml::load_from_str(text).expect("YAML");
        Self::of(&documents[0])
    }

    fn of(node: &Yaml<'_>) -> Self {
        match node {
            Yaml::Sequence(items) => Self::List(items.iter().map(Self::of).collect()),
            Yaml::Mapping(entries) => Self::Mapping(
                entries
                    .iter()
                    .map(|(key, value)| (key.as_str().expect("a text").to_owned(), Self::of(value)))
                    .collect(),
            ),
            Yaml::Value(Loaded::Null) => Self::Scalar("~".to_owned(), Meaning::Null),
            Yaml::Value(Loaded::Boolean(truth)) => Self::Scalar(truth.to_string(), Meaning::Bool),
            Yaml::Value(Loaded::Integer(number)) => {
                Self::Scalar(number.to_string(), Meaning::Whole(*number))
            }
            Yaml::Value(Loaded::FloatingPoint(number)) => {
                #[expect(clippy::cast_possible_truncation, reason = "whole, as just checked")]
                let meaning = match number.fract() {
                    0.0 => Meaning::Whole(number.into_inner() as i64),
                    _ => Meaning::Number,
                };
                Self::Scalar(format!("{:?}", number.into_inner()), meaning)
            }
            Yaml::Value(Loaded::String(text)) => Self::text(text),
            other => panic!("{other:?} is no part of a protocol"),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Mapping(entries) = self else {
            return None;
        };
        entries
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Scalar(_, Meaning::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The value below this one at a path of indices.
    pub(crate) fn at(&mut self, path: &[usize]) -> &mut Self {
        path.iter().fold(self, |value, index| match value {
            Self::List(items) => &mut items[*index],
            Self::Mapping(entries) => &mut entries[*index].1,
            Self::Scalar(..) => panic!("nothing is below a scalar"),
        })
    }

    /// The paths of this value and of all below it.
    pub(crate) fn paths(&self) -> Vec<Vec<usize>> {
        let below: Vec<&Self> = match self {
            Self::Scalar(..) => Vec::new(),
            Self::List(items) => items.iter().collect(),
            Self::Mapping(entries) => entries.iter().map(|(_, value)| value).collect(),
        };
        let mut paths = vec![Vec::new()];
        for (index, value) in below.into_iter().enumerate() {
            for path in value.paths() {
                paths.push([vec![index], path].concat());
            }
        }
        paths
    }

    /// As YAML: in brackets on one line, or indented.
    pub(crate) fn write(&self, style: Style) -> String {
        let mut out = String::new();
        match (style, self) {
            (Style::Indented, Self::List(items)) if !items.is_empty() => self.indented(0, &mut out),
            (Style::Indented, Self::Mapping(entries)) if !entries.is_empty() => {
                self.indented(0, &mut out);
            }
            (Style::Merged, _) => self.flow(true, &mut out),
            _ => self.flow(false, &mut out),
        }
        out
    }

    fn indented(&self, level: usize, out: &mut String) {
        let indent = "  ".repeat(level);
        let mut value = |begin: &str, value: &Self| {
            let _ = write!(out, "{indent}{begin}");
            let is_nested = !value.items().is_empty() || !value.entries().is_empty();
            if is_nested {
                out.push('\n');
                value.indented(level + 1, out);
            } else {
                out.push(' ');
                value.flow(false, out);
                out.push('\n');
            }
        };
        for item in self.items() {
            value("-", item);
        }
        for (name, item) in self.entries() {
            value(&format!("{}:", key(name)), item);
        }
    }

    /// If `merged`, the latter half of each mapping is merged into it.
    fn flow(&self, merged: bool, out: &mut String) {
        match self {
            Self::Scalar(written, _) => out.push_str(written),
            Self::List(items) => {
                out.push('[');
                for item in items {
                    item.flow(merged, out);
                    out.push_str(", ");
                }
                out.push(']');
            }
            Self::Mapping(entries) => {
                out.push('{');
                let half = if merged {
                    entries.len() / 2
                } else {
                    entries.len()
                };
                for (name, value) in &entries[..half] {
                    let _ = write!(out, "{}: ", key(name));
                    value.flow(merged, out);
                    out.push_str(", ");
                }
                if merged {
                    out.push_str("<<: {");
                    for (name, value) in &entries[half..] {
                        let _ = write!(out, "{}: ", key(name));
                        value.flow(merged, out);
                        out.push_str(", ");
                    }
                    out.push_str("}, ");
                }
                out.push('}');
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Style {
    Indented,
    Flow,
    /// In brackets, with merge keys.
    Merged,
}

fn key(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    let is_number = name
        .parse::<u32>()
        .is_ok_and(|number| number.to_string() == name);
    if is_number || (!name.is_empty() && name.chars().all(is_plain)) {
        name.to_owned()
    } else {
        serde_json::to_string(name).expect("text is JSON")
    }
}
