//! Holds a document against the [`schema`].

mod words;

use std::fmt::Write as _;

use super::findings::{Findings, Path, Short};
use super::schema::{self, Kind, MAX_NAME, Others, Shape};
use super::source::Span;
use super::yaml::{Node, Scalar};
use super::{Code, suggest};
use words::{advice, describe, is_identifier, subject, type_of};

/// Reports everything in which the shape of the document is not a protocol's.
pub(super) fn check(root: Node<'_>, findings: &mut Findings<'_>) {
    Checker { findings }.shape(
        Place {
            node: root,
            key: None,
            path: &Path::Root,
        },
        &schema::DOCUMENT,
    );
}

/// Reports that the document is no mapping.
pub(super) fn not_a_mapping(root: Node<'_>, findings: &mut Findings<'_>) {
    let message = format!(
        "a protocol is a mapping of keys and values, not {}",
        type_of(root)
    );
    findings.error(Code::NotAMapping, root.span(), &Path::Root, message);
}

struct Checker<'c, 's> {
    findings: &'c mut Findings<'s>,
}

/// A value, and where it stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    node: Node<'p>,
    /// The key it belongs to, if it is a mapping's.
    key: Option<Span>,
    path: &'p Path<'p>,
}

impl Checker<'_, '_> {
    fn value(&mut self, place: Place<'_>, kind: Kind) {
        let node = place.node;
        match kind {
            Kind::Any => {}
            Kind::Never => {
                let message = format!("OpenPAI refuses {} here; remove it", subject(place, None));
                self.error(Code::BadValue, place, message);
            }
            Kind::Text => {
                self.text(place, kind);
            }
            Kind::TextOrNumber => {
                if !matches!(
                    node.scalar(),
                    Some(Scalar::Text | Scalar::Int(_) | Scalar::Float(_))
                ) {
                    self.wrong_type(place, kind);
                }
            }
            Kind::ProtocolVersion => self.protocol_version(place, kind),
            Kind::Word(words) => self.word(place, kind, words),
            Kind::Name => self.name(place, kind),
            Kind::Integer { least, usual } => self.integer(place, kind, least, usual),
            Kind::IntegerOrNull => {
                if !node.is_null() {
                    self.integer(place, kind, None, None);
                }
            }
            Kind::Texts { at_least_one } => self.list(place, kind, &Kind::Text, at_least_one),
            Kind::List(of) => self.list(place, kind, of, true),
            Kind::Mapping => {
                if !node.is_mapping() {
                    self.no_mapping(place, kind, true);
                }
            }
            Kind::Shape(shape) => self.shape(place, shape),
            Kind::Prerequisite => self.prerequisite(place, kind),
            Kind::Map { of, named } => self.map(place, kind, of, named),
        }
    }

    fn text<'p>(&mut self, place: Place<'p>, kind: Kind) -> Option<&'p str> {
        let text = place.node.as_str();
        if text.is_none() {
            self.wrong_type(place, kind);
        }
        text
    }

    fn protocol_version(&mut self, place: Place<'_>, kind: Kind) {
        let node = place.node;
        if node.as_int() == Some(2) || node.as_str() == Some("2") {
            return;
        }
        match node.written() {
            Some(other) => {
                let message = format!("{} must be 2, not {}", subject(place, None), Short(other));
                self.error(Code::BadValue, place, message);
            }
            None => self.wrong_type(place, kind),
        }
    }

    fn word(&mut self, place: Place<'_>, kind: Kind, words: &'static [&'static str]) {
        let Some(text) = self.text(place, kind) else {
            return;
        };
        if words.contains(&text) {
            return;
        }
        let mut message = format!(
            "{} must be {}, not `{}`",
            subject(place, None),
            kind.wanted(),
            Short(text)
        );
        if let (Some(meant), true) = (
            suggest::closest(text, words.iter().copied()),
            words.len() > 1,
        ) {
            let _ = write!(message, "; did you mean `{meant}`?");
        }
        self.error(Code::BadValue, place, message);
    }

    fn name(&mut self, place: Place<'_>, kind: Kind) {
        let Some(name) = self.text(place, kind) else {
            return;
        };
        let allowed = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        let subject = subject(place, None);
        if name.is_empty() {
            self.error(
                Code::BadValue,
                place,
                format!("{subject} must not be empty"),
            );
        } else if let Some(letter) = name.chars().find(|letter| !allowed(letter)) {
            let message = format!(
                "{subject} may hold only the letters a to z and A to Z, digits, `_` and `-`, but `{}` holds {}",
                Short(name),
                describe(letter)
            );
            self.error(Code::BadValue, place, message);
        }
        let length = name.chars().count();
        if length > MAX_NAME {
            self.error(
                Code::BadValue,
                place,
                format!("{subject} has {length} characters; at most {MAX_NAME} are allowed"),
            );
        }
    }

    fn integer(&mut self, place: Place<'_>, kind: Kind, least: Option<i64>, usual: Option<i64>) {
        let Some(number) = place.node.as_int() else {
            let Some(Scalar::Float(number)) = place.node.scalar() else {
                return self.wrong_type(place, kind);
            };
            let written = Short(place.node.written().unwrap_or_default());
            let wanted = match number.fract() {
                0.0 => "at most 2^53, beyond which OpenPAI does not count".to_owned(),
                _ => kind.wanted(),
            };
            let message = format!("{} must be {wanted}, not {written}", subject(place, None));
            return self.error(Code::WrongType, place, message);
        };
        if let Some(least) = least.filter(|least| number < *least) {
            let subject = subject(place, None);
            let message = format!("{subject} must be at least {least}, not {number}");
            self.error(Code::BadValue, place, message);
        } else if let Some(usual) = usual.filter(|usual| number < *usual) {
            let message = format!(
                "{} is {number}; OpenPAI takes that, but no task can run with less than {usual}",
                subject(place, None)
            );
            self.findings
                .warn(Code::BadValue, place.node.span(), place.path, message);
        }
    }

    fn list(&mut self, place: Place<'_>, kind: Kind, of: &Kind, at_least_one: bool) {
        if !place.node.is_list() {
            return self.wrong_type(place, kind);
        }
        if at_least_one && place.node.items().len() == 0 {
            self.error(
                Code::EmptyList,
                place,
                format!("{} must have at least one item", subject(place, None)),
            );
        }
        for (index, node) in place.node.items().enumerate() {
            self.value(
                Place {
                    node,
                    key: None,
                    path: &place.path.index(index),
                },
                *of,
            );
        }
    }

    fn map(&mut self, place: Place<'_>, kind: Kind, of: &Kind, named: &str) {
        if !place.node.is_mapping() {
            return self.wrong_type(place, kind);
        }
        if place.node.entries().len() == 0 {
            self.error(
                Code::EmptyMapping,
                place,
                format!("{} must have at least one key", subject(place, None)),
            );
        }
        for (key, span, node) in place.node.spanned_entries() {
            let path = place.path.key(key);
            if !is_identifier(key) {
                let message = format!(
                    "`{}` cannot name {named}: it must begin with one of the letters a to z and A to Z or `_`, and hold only these and digits",
                    Short(key)
                );
                self.findings.error(Code::BadValue, span, &path, message);
            }
            self.value(
                Place {
                    node,
                    key: Some(span),
                    path: &path,
                },
                *of,
            );
        }
    }

    /// OpenPAI's schema counts a date as a mapping without keys.
    fn no_mapping(&mut self, place: Place<'_>, kind: Kind, may_be_empty: bool) {
        if may_be_empty && matches!(place.node.scalar(), Some(Scalar::Date(_))) {
            let message = format!(
                "{} should be a mapping; OpenPAI takes this date for one without keys",
                subject(place, None)
            );
            self.findings
                .warn(Code::WrongType, place.node.span(), place.path, message);
        } else {
            self.wrong_type(place, kind);
        }
    }

    fn prerequisite(&mut self, place: Place<'_>, kind: Kind) {
        if !place.node.is_mapping() {
            return self.wrong_type(place, kind);
        }
        let named = place
            .node
            .get("type")
            .and_then(Node::as_str)
            .and_then(schema::prerequisite);
        self.shape(place, named.unwrap_or(&schema::UNKNOWN_PREREQUISITE));
    }

    fn shape(&mut self, place: Place<'_>, shape: &'static Shape) {
        if !place.node.is_mapping() {
            return self.no_mapping(place, Kind::Shape(shape), shape.required.is_empty());
        }
        let mut meant_by_slips = Vec::new();
        for (key, span, node) in place.node.spanned_entries() {
            let path = place.path.key(key);
            if let Some((_, kind)) = shape.known().find(|(name, _)| *name == key) {
                self.value(
                    Place {
                        node,
                        key: Some(span),
                        path: &path,
                    },
                    kind,
                );
                continue;
            }
            let absent = shape
                .known()
                .map(|(name, _)| name)
                .filter(|name| place.node.get(name).is_none());
            let meant = suggest::closest(key, absent);
            meant_by_slips.extend(meant);
            self.unknown_key(place, shape, (key, span), meant);
        }
        for (name, kind) in shape.required {
            if place.node.get(name).is_none() && !meant_by_slips.contains(name) {
                let message = format!(
                    "{} needs `{name}`, which must be {}",
                    subject(place, Some(shape)),
                    kind.wanted()
                );
                let first_key = place.node.spanned_entries().next().map(|(_, span, _)| span);
                let span = place.key.or(first_key).unwrap_or(place.node.span());
                self.findings
                    .error(Code::MissingKey, span, place.path, message);
            }
        }
    }

    fn unknown_key(
        &mut self,
        place: Place<'_>,
        shape: &Shape,
        (key, span): (&str, Span),
        meant: Option<&str>,
    ) {
        let path = place.path.key(key);
        let place_name = subject(place, Some(shape));
        let key_name = Short(key);
        let is_required = |meant| shape.required.iter().any(|(name, _)| *name == meant);
        let message = match (shape.others, meant, shape.home_of(key)) {
            // The required key is not there, whatever may stand beside it.
            (Others::Pass, Some(meant), _) if is_required(meant) => {
                format!(
                    "`{key_name}` has no meaning in {place_name}, which needs `{meant}`; is that meant?"
                )
            }
            (Others::Pass, Some(meant), _) => {
                let message =
                    format!("`{key_name}` has no meaning in {place_name}; did you mean `{meant}`?");
                return self.findings.warn(Code::UnknownKey, span, &path, message);
            }
            (Others::Pass, None, _) => return,
            (Others::Refused, Some(meant), _) => {
                format!("`{key_name}` is not known in {place_name}; did you mean `{meant}`?")
            }
            (Others::Refused, None, Some(home)) => {
                format!("`{key_name}` is not known in {place_name}; it belongs under `{home}`")
            }
            (Others::Refused, None, None) => {
                let known = suggest::list(shape.known().map(|(name, _)| name));
                format!("`{key_name}` is not known in {place_name}; known are {known}")
            }
        };
        self.findings.error(Code::UnknownKey, span, &path, message);
    }

    fn wrong_type(&mut self, place: Place<'_>, kind: Kind) {
        let subject = subject(place, None);
        let wanted = kind.wanted();
        let message = if place.node.is_null() {
            format!("{subject} has no value; it must be {wanted}")
        } else {
            format!(
                "{subject} must be {wanted}, not {}{}",
                type_of(place.node),
                advice(place.node, kind)
            )
        };
        self.error(Code::WrongType, place, message);
    }

    fn error(&mut self, code: Code, place: Place<'_>, message: String) {
        self.findings
            .error(code, place.node.span(), place.path, message);
    }
}
