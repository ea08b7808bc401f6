//! Warns of values without quotes that OpenPAI reads as something else than
//! what they look like, or that do not survive as JSON.

use std::collections::BTreeSet;

use super::Code;
use super::findings::{Findings, Path, Short};
use super::source::Span;
use super::yaml::{Node, Scalar};

/// Looks at every value of the document about which nothing is said yet.
pub(super) fn check(root: Node<'_>, findings: &mut Findings<'_>) {
    let mut told = BTreeSet::new();
    for span in findings.spans() {
        told.insert(span);
    }
    Walk { findings, told }.value(root, &Path::Root);
}

struct Walk<'w, 's> {
    findings: &'w mut Findings<'s>,
    told: BTreeSet<Span>,
}

impl Walk<'_, '_> {
    fn value(&mut self, node: Node<'_>, path: &Path<'_>) {
        if let Some(message) = misread(node) {
            // One value may be met again and again through its aliases.
            if self.told.insert(node.span()) {
                self.findings
                    .warn(Code::MisreadValue, node.span(), path, message);
            }
        }
        for (index, item) in node.items().enumerate() {
            self.value(item, &path.index(index));
        }
        for (key, value) in node.entries() {
            self.value(value, &path.key(key));
        }
    }
}

fn misread(node: Node<'_>) -> Option<String> {
    let written = node.written()?;
    let digits = written.trim_start_matches(['-', '+']);
    let (meaning, quoted) = (node.printed()?, Short(written));
    match node.scalar()? {
        Scalar::Date(_) => Some(format!(
            "OpenPAI reads `{quoted}` as a date, of which a command gets `{meaning}`; put it in quotes"
        )),
        Scalar::Float(number) if !number.is_finite() => Some(format!(
            "JSON has no `{quoted}`, so it is handed on as the text `{meaning}`; put it in quotes"
        )),
        Scalar::Int(_) | Scalar::Float(_) if written.contains(':') => Some(format!(
            "OpenPAI reads `{quoted}` as the number {meaning}, to the base 60; put it in quotes"
        )),
        Scalar::Int(_) if is_octal(digits) => Some(format!(
            "OpenPAI reads `{quoted}` as the number {meaning}, for its 0 makes it octal; write {meaning}, or put it in quotes"
        )),
        Scalar::Float(_)
            if digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'_') =>
        {
            Some(format!(
                "`{quoted}` is larger than any whole number that OpenPAI tells from its neighbours, and becomes {meaning}; put it in quotes"
            ))
        }
        _ => None,
    }
}

fn is_octal(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0') && !digits.contains(['x', 'b'])
}
