//! Finds secrets that OpenPAI would store in clear.
//!
//! Before it stores a protocol, which every user of the cluster can read, its
//! REST server cuts the secrets out of the text: from the first line that
//! begins with `secrets:` to the next that begins with a letter, a digit or
//! `_`. It does not look at the YAML.

use super::Code;
use super::findings::{Findings, Path};
use super::source::{Source, Span};
use super::yaml::Node;

pub(super) fn check(root: Node<'_>, source: &Source<'_>, findings: &mut Findings<'_>) {
    let Some((key_span, secrets)) = root
        .spanned_entries()
        .find(|(key, ..)| *key == "secrets")
        .map(|(_, span, value)| (span, value))
    else {
        return;
    };
    let Some(exposed) = outside(secrets, masked(source)) else {
        return;
    };
    let is_key_seen = masked(source).is_some_and(|masked| masked.start == key_span.end + 1);
    let (span, message) = if is_key_seen {
        let message = "OpenPAI does not hide this secret, so every user of the cluster can read it: write it below `secrets:` itself, indented";
        (exposed, message)
    } else {
        let message = "OpenPAI hides only secrets below a line that begins with `secrets:`, so every user of the cluster can read these: write `secrets:` without quotes or blanks at the beginning of a line, and each secret indented on a line of its own";
        (key_span, message)
    };
    let path = Path::Root.key("secrets");
    findings.error(Code::ExposedSecrets, span, &path, message.to_owned());
}

/// The stretch of the text that OpenPAI cuts out.
fn masked(source: &Source<'_>) -> Option<Span> {
    const KEY: &str = "secrets:";
    let mut lines = source.lines();
    let (line, _) = lines.find(|(_, text)| text.starts_with(KEY))?;
    let begins_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let next = lines.find(|(_, text)| text.starts_with(begins_word));
    let start = line as usize + KEY.len();
    Some(source.clamp(start, next.map_or(usize::MAX, |(start, _)| start as usize)))
}

/// The first value that stands outside.
fn outside(node: Node<'_>, masked: Option<Span>) -> Option<Span> {
    if node.scalar().is_some() {
        let span = node.span();
        let is_inside =
            masked.is_some_and(|masked| masked.start <= span.start && span.end <= masked.end);
        return (!is_inside && !node.is_null()).then_some(span);
    }
    node.items()
        .chain(node.entries().map(|(_, value)| value))
        .find_map(|value| outside(value, masked))
}
