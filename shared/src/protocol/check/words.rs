//! The words of which the check makes its messages.

use super::super::findings::{Path, Short};
use super::super::schema::{Kind, Shape};
use super::super::yaml::{Node, Scalar};
use super::Place;

/// What to write instead of a value of the wrong type, where that is plain.
pub(super) fn advice(node: Node<'_>, kind: Kind) -> String {
    let written = || Short(node.written().unwrap_or_default());
    match (kind, node.scalar()) {
        (Kind::Integer { .. } | Kind::IntegerOrNull, Some(Scalar::Text)) => {
            let text = node.as_str().unwrap_or_default();
            match (Scalar::of_plain(text), number_meant(text)) {
                (Scalar::Int(_), _) => format!("; write {} without quotes", written()),
                (_, Some(number)) => format!("; write {number}"),
                _ => String::new(),
            }
        }
        (Kind::Text | Kind::Name | Kind::Word(_) | Kind::TextOrNumber, Some(scalar))
            if scalar != Scalar::Null && scalar != Scalar::Text =>
        {
            let quoted = format!("; put it in quotes: \"{}\"", written());
            match (scalar, node.printed()) {
                (Scalar::Int(_) | Scalar::Float(_), Some(meaning))
                    if Some(&*meaning) != node.written() =>
                {
                    format!(", for OpenPAI reads it as {meaning}{quoted}")
                }
                _ => quoted,
            }
        }
        (Kind::Text, None) if node.is_mapping() => {
            "; put text that holds `: ` in quotes".to_owned()
        }
        (Kind::Texts { .. }, Some(Scalar::Text)) => {
            "; begin it with `- ` on a line of its own".to_owned()
        }
        _ => String::new(),
    }
}

/// The number that text was probably meant to be: OpenPAI knows neither
/// `0o17` nor `09`.
fn number_meant(text: &str) -> Option<i64> {
    match text.strip_prefix("0o") {
        Some(digits) => i64::from_str_radix(digits, 8).ok(),
        None => text.parse().ok(),
    }
}

/// What a message calls the place: by its key or number, and with its noun
/// when the shape has one.
pub(super) fn subject(place: Place<'_>, shape: Option<&Shape>) -> String {
    let noun = shape.and_then(|shape| shape.noun);
    match (*place.path, noun) {
        (Path::Root, _) => "a protocol".to_owned(),
        (Path::Key(_, key), None) => format!("`{}`", Short(key)),
        (Path::Key(_, key), Some(noun)) => format!("{noun} `{}`", Short(key)),
        (Path::Index(_, index), Some(noun)) => {
            match place.node.get("name").and_then(Node::as_str) {
                Some(name) => format!("{noun} `{}`", Short(name)),
                None => format!("{noun} {}", index + 1),
            }
        }
        (Path::Index(Path::Key(_, list), index), None) => {
            format!("item {} of `{}`", index + 1, Short(list))
        }
        (Path::Index(_, index), None) => format!("item {}", index + 1),
    }
}

pub(super) fn type_of(node: Node<'_>) -> &'static str {
    match node.scalar() {
        Some(Scalar::Null) => "null",
        Some(Scalar::Bool(_)) => "a truth value",
        Some(Scalar::Int(_) | Scalar::Float(_)) => "a number",
        Some(Scalar::Date(_)) => "a date",
        Some(Scalar::Text) => "text",
        None if node.is_list() => "a list",
        None => "a mapping",
    }
}

pub(super) fn is_identifier(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && key
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

pub(super) fn describe(letter: char) -> String {
    match letter {
        ' ' => "a space".to_owned(),
        _ => format!("`{}`", Short(letter.encode_utf8(&mut [0; 4]))),
    }
}
