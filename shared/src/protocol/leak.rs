//! Finds secrets that stand where everybody reads them: anywhere but below
//! `secrets`, whose values OpenPAI hides. Everything else of a protocol is shown
//! with its item, and with each of its jobs.

mod below;
mod kept;
mod mend;
mod place;

use std::fmt::Write as _;

use crate::lint::{self, Leak, Sort};
use crate::order;

use super::Code;
use super::findings::{Findings, Path};
use super::source::{Source, Span};
use super::yaml::{self, Document, Node};
use super::{Diagnostic, Position};

pub use below::find_below_secrets;
pub use kept::{Exposed, exposed_in_job};
pub use mend::{Mended, mend};
use place::Place;

/// Warns of each secret, and takes what others have found out about it from their
/// messages.
pub(super) fn check(document: &Document, source: &Source<'_>, findings: &mut Findings<'_>) {
    let root = document.root();
    let mut check = Check {
        source,
        findings,
        root: Some(root),
        seen: vec![false; document.node_count()],
        scalars: Vec::new(),
        secrets: Vec::new(),
    };
    // Those below `secrets` are where they should be, unless others name them too.
    let entries = root.entries().filter(|(key, _)| *key != "secrets");
    for (key, value) in entries {
        check.tree(value, key, &Path::Root.key(key));
    }
    if let Some(hidden) = root.get("secrets") {
        check.pass_over(hidden);
    }
    check.comments();
    let secrets = check.secrets;
    if !secrets.is_empty() {
        findings.edit_messages(|message| {
            for secret in &secrets {
                redact(message, secret);
            }
        });
    }
}

/// The secrets in a text that is no protocol: a description, a script.
pub fn find_secrets(text: &str) -> Vec<Diagnostic> {
    let source = Source::new(text);
    let mut findings = Findings::new(&source);
    let mut check = Check {
        source: &source,
        findings: &mut findings,
        root: None,
        seen: Vec::new(),
        scalars: Vec::new(),
        secrets: Vec::new(),
    };
    check.comments();
    findings.into_diagnostics()
}

/// The secrets in the text as it is written, with where they stand.
fn spans(source: &Source<'_>) -> Vec<(Leak, Span)> {
    let text = source.text();
    let (mut byte, mut character) = (0, 0);
    let mut count = |to: usize| {
        character += text[byte..to].chars().count();
        byte = to;
        character
    };
    lint::scan(text)
        .into_iter()
        .map(|leak| {
            let start = count(leak.start);
            let span = source.clamp(start, count(leak.end));
            (leak, span)
        })
        .collect()
}

struct Check<'c, 's> {
    source: &'c Source<'c>,
    findings: &'c mut Findings<'s>,
    /// Of what is a protocol.
    root: Option<Node<'c>>,
    /// Which nodes were looked at: an alias is looked at once.
    seen: Vec<bool>,
    /// Where values stand in the text.
    scalars: Vec<Span>,
    secrets: Vec<String>,
}

impl Check<'_, '_> {
    fn tree(&mut self, node: Node<'_>, key: &str, path: &Path<'_>) {
        if std::mem::replace(&mut self.seen[node.id()], true) {
            return;
        }
        if node.scalar().is_some() {
            self.scalars.push(node.span());
        }
        if let Some(text) = node.written() {
            self.text(node, text, key, path);
        }
        for (index, item) in node.items().enumerate() {
            self.tree(item, key, &path.index(index));
        }
        for (key, value) in node.entries() {
            self.tree(value, key, &path.key(key));
        }
    }

    fn pass_over(&mut self, node: Node<'_>) {
        if !std::mem::replace(&mut self.seen[node.id()], true) {
            if node.scalar().is_some() {
                self.scalars.push(node.span());
            }
            let below = node.items().chain(node.entries().map(|(_, value)| value));
            below.for_each(|value| self.pass_over(value));
        }
    }

    /// What is no value: comments, and keys.
    fn comments(&mut self) {
        order::by(&mut self.scalars, Ord::cmp);
        let source = self.source;
        for (leak, span) in spans(source) {
            let next = self
                .scalars
                .partition_point(|scalar| scalar.end <= span.start);
            let is_value = self
                .scalars
                .get(next)
                .is_some_and(|scalar| scalar.start < span.end);
            if !is_value {
                let secret = &source.text()[leak.start..leak.end];
                self.report(&leak, leak.name, secret, span, &Path::Root);
            }
        }
    }

    fn text(&mut self, node: Node<'_>, text: &str, key: &str, path: &Path<'_>) {
        let mut leaks = lint::scan_value(key, text);
        // It need not look like one.
        let is_password = matches!(path, Path::Key(Path::Key(_, "auth"), "password"));
        if is_password && leaks.is_empty() && !text.is_empty() && !lint::is_stand_in(text) {
            leaks.push(Leak {
                sort: Sort::Password,
                what: "a password in clear",
                name: "docker_password",
                start: 0,
                end: text.len(),
            });
        }
        let written = self.source.slice(node.span());
        let mut from = 0;
        for leak in leaks {
            let secret = &text[leak.start..leak.end];
            let span = match place_of(secret, &written[from..]) {
                Some((start, end)) => {
                    let count = |text: &str| node.span().start as usize + text.chars().count();
                    let (start, end) = (from + start, from + end);
                    from = end;
                    self.source
                        .clamp(count(&written[..start]), count(&written[..end]))
                }
                None => node.span(),
            };
            let is_whole = leak.end - leak.start == text.len();
            let name = match leak.name {
                // The key says more.
                "token" | "password" if is_whole && !lint::flat_name(key).is_empty() => {
                    lint::flat_name(key)
                }
                name => name.to_owned(),
            };
            self.report(&leak, &name, secret, span, path);
        }
    }

    fn report(&mut self, leak: &Leak, name: &str, secret: &str, span: Span, path: &Path<'_>) {
        let place = self.root.map_or(Place::Plain, |root| Place::of(root, path));
        let what = leak.what;
        let looks = match (place, &*lint::shown(secret)) {
            (Place::Auth, _) => what.to_owned(),
            (_, "…") => format!("this looks like {what}"),
            (_, shown) => format!("this looks like {what} (`{shown}`)"),
        };
        let mend = match place {
            Place::Plain => "take it out".to_owned(),
            Place::Copied if place.changes(secret) => format!(
                "keep it under `secrets` as `{name}` and have the command read it from {SECRETS_FILE}: a placeholder here would reach it with `&` and quotes as HTML writes them"
            ),
            _ => {
                let mut mend = format!(
                    "keep it under `secrets` as `{name}` and write `{}` here",
                    placeholder(name)
                );
                if place.changes(secret) {
                    let _ = write!(
                        mend,
                        " (in a command read it from {SECRETS_FILE} instead: there OpenPAI fills in `&` and quotes as HTML writes them)"
                    );
                }
                mend
            }
        };
        let where_it_is = match place {
            Place::Plain => "this text",
            _ => "the protocol or a job of it",
        };
        let message = format!(
            "{looks}, which everybody reads who sees {where_it_is}: {mend}, and if it was shared, have a new one made"
        );
        let code = match leak.sort {
            Sort::Token => Code::SecretToken,
            Sort::CloudKey => Code::SecretCloudKey,
            Sort::PrivateKey => Code::SecretPrivateKey,
            Sort::Password => Code::SecretPassword,
        };
        self.findings.warn(code, span, path, message);
        self.secrets.push(secret.to_owned());
    }
}

/// Where commands find all secrets as they are.
const SECRETS_FILE: &str = "/usr/local/pai/secrets/secrets.yaml";

/// How each placeholder of a secret begins.
const PLACEHOLDER: &str = "<% $secrets.";

/// What OpenPAI puts the secret of this name in the place of.
fn placeholder(name: &str) -> String {
    format!("{PLACEHOLDER}{name} %>")
}

impl Diagnostic {
    /// Whether this is a secret that [`mend()`] may move to `secrets`: a placeholder in its
    /// place would be filled in.
    pub fn offers_move(&self) -> bool {
        self.code.starts_with("secret-") && self.message.contains(PLACEHOLDER)
    }
}

/// Where a secret stands in what is written of it; of one with several lines,
/// which may be indented there, from its first to its last.
fn place_of(secret: &str, written: &str) -> Option<(usize, usize)> {
    if let Some(start) = written.find(secret) {
        return Some((start, start + secret.len()));
    }
    let mut lines = secret.lines();
    let (first, last) = (lines.next()?, lines.next_back()?);
    let start = written.find(first)?;
    let behind = start + first.len();
    let end = written[behind..].find(last)?;
    Some((start, behind + end + last.len()))
}

/// Shows no more of a secret than [`lint::shown`] does, where a message quotes it,
/// cut or whole.
fn redact(message: &mut String, secret: &str) {
    /// So many characters are no coincidence.
    const SURE: usize = 8;
    let Some((last, letter)) = secret.char_indices().nth(SURE - 1) else {
        return;
    };
    let head = &secret[..last + letter.len_utf8()];
    while let Some(start) = message.find(head) {
        let same = message[start..].chars().zip(secret.chars());
        let length: usize = same
            .take_while(|(shown, secret)| shown == secret)
            .map(|(letter, _)| letter.len_utf8())
            .sum();
        message.replace_range(start..start + length, &lint::shown(secret));
    }
}

/// The text with every secret made unreadable that is among its findings, stands below
/// `secrets` or looks like one, but for the characters that may be shown; places stay
/// what they are. For whoever prints lines of a protocol.
pub fn masked(text: &str, diagnostics: &[Diagnostic]) -> String {
    let source = Source::new(text);
    // Those below `secrets` are no findings, and not all others need be among them.
    let mut written: Vec<_> = spans(&source).into_iter().map(|(_, span)| span).collect();
    if let Ok(document) = yaml::parse_leniently(text)
        && let Some(secrets) = document.root().get("secrets")
    {
        add_values(secrets, &mut written);
    }
    let written = written
        .iter()
        .map(|span| (source.position(span.start), source.position(span.end)));
    let found = diagnostics
        .iter()
        .filter(|found| found.code.starts_with("secret-"))
        .map(|found| (found.start, found.end));
    let mut spans: Vec<(Position, Position)> = found.chain(written).collect();
    if spans.is_empty() {
        return text.to_owned();
    }
    order::by(&mut spans, Ord::cmp);
    // What overlaps is one, so that of none more is shown than of the first.
    spans.dedup_by(|next, last| {
        let is_one = next.0 < last.1;
        if is_one {
            last.1 = last.1.max(next.1);
        }
        is_one
    });
    let mut masked = String::with_capacity(text.len());
    let (mut at, mut inside) = (Position { line: 1, column: 1 }, 0);
    let mut letters = text.chars().peekable();
    let mut spans = spans.into_iter().peekable();
    while let Some(letter) = letters.next() {
        while spans.next_if(|(_, end)| *end <= at).is_some() {
            inside = 0;
        }
        let span = spans.peek().filter(|(start, _)| *start <= at);
        let is_long = |(start, end): &(Position, Position)| {
            start.line != end.line || end.column - start.column >= 16
        };
        let is_hidden = span.is_some_and(|span| inside >= lint::SHOWN || !is_long(span));
        inside += usize::from(span.is_some());
        masked.push(if is_hidden && !matches!(letter, '\n' | '\r') {
            '*'
        } else {
            letter
        });
        let ends_line = letter == '\n' || (letter == '\r' && letters.peek() != Some(&'\n'));
        at = if ends_line {
            Position {
                line: at.line + 1,
                column: 1,
            }
        } else {
            Position {
                column: at.column + 1,
                ..at
            }
        };
    }
    masked
}

/// Where the values below a node stand.
fn add_values(node: Node<'_>, spans: &mut Vec<Span>) {
    if node.scalar().is_some() {
        spans.push(node.span());
    }
    let values = node.entries().map(|(_, value)| value);
    for inner in node.items().chain(values) {
        add_values(inner, spans);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_below_secrets_is_shown_whatever_it_looks_like() {
        for text in [
            "secrets: {user: hunter2, list: [s3same]}\nname: shown\n",
            "secrets:\n  user: hunter2\n  list:\n    - s3same\nname: shown\n",
            "\"secrets\":\n  user: 'hunter2'\n  list: [\"s3same\"]\nname: shown\n",
        ] {
            let masked = masked(text, &[]);
            assert!(
                !masked.contains("hunter2") && !masked.contains("s3same"),
                "{masked}"
            );
            assert!(
                masked.contains("user: ") && masked.contains("name: shown"),
                "{masked}"
            );
        }
    }

    #[test]
    fn messages_lose_what_they_quote_of_a_secret() {
        let secret = "q7ZtR2mX9vLp4KsD8wNf";
        let mut message = format!("`{secret}` and `{}…` are odd", &secret[..12]);
        redact(&mut message, secret);
        assert_eq!(message, "`q7Zt…` and `q7Zt……` are odd");
    }
}
