//! Gathers findings and turns them into diagnostics.

use std::fmt;

use super::source::{Source, Span};
use super::{Code, Diagnostic, MAX_DIAGNOSTICS, Position, Severity};
use crate::order;

/// The findings about one text.
pub(super) struct Findings<'s> {
    source: &'s Source<'s>,
    list: Vec<(Span, Finding)>,
}

struct Finding {
    severity: Severity,
    code: Code,
    message: String,
    path: String,
}

impl<'s> Findings<'s> {
    pub(super) fn new(source: &'s Source<'s>) -> Self {
        Self {
            source,
            list: Vec::new(),
        }
    }

    pub(super) fn error(&mut self, code: Code, span: Span, path: &Path<'_>, message: String) {
        self.add(Severity::Error, code, span, path, message);
    }

    pub(super) fn warn(&mut self, code: Code, span: Span, path: &Path<'_>, message: String) {
        self.add(Severity::Warning, code, span, path, message);
    }

    pub(super) fn add(
        &mut self,
        severity: Severity,
        code: Code,
        span: Span,
        path: &Path<'_>,
        message: String,
    ) {
        self.list.push((
            span,
            Finding {
                severity,
                code,
                message,
                path: path.to_string(),
            },
        ));
    }

    pub(super) fn has_errors(&self) -> bool {
        self.list
            .iter()
            .any(|(_, found)| found.severity == Severity::Error)
    }

    /// Lets somebody change what is said.
    pub(super) fn edit_messages(&mut self, mut edit: impl FnMut(&mut String)) {
        for (_, found) in &mut self.list {
            edit(&mut found.message);
        }
    }

    /// Where there is something to report.
    pub(super) fn spans(&self) -> impl Iterator<Item = Span> {
        self.list.iter().map(|(span, _)| *span)
    }

    pub(super) fn position(&self, span: Span) -> Position {
        self.source.position(span.start)
    }

    /// In the order of the text; what begins at one place keeps the order in
    /// which it was found.
    pub(super) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        let in_text =
            |one: &(Span, Finding), other: &(Span, Finding)| one.0.start.cmp(&other.0.start);
        order::by(&mut self.list, in_text);
        let more = self.list.len().saturating_sub(MAX_DIAGNOSTICS);
        if more > 0 {
            // The worst must not fall behind what is only doubtful.
            let is_doubtful = |found: &(Span, Finding)| found.1.severity == Severity::Warning;
            order::by(&mut self.list, |one, other| {
                is_doubtful(one).cmp(&is_doubtful(other))
            });
            let (first_left_out, _) = self.list[MAX_DIAGNOSTICS];
            self.list.truncate(MAX_DIAGNOSTICS);
            order::by(&mut self.list, in_text);
            let message = format!("there are {more} more findings; correct these first");
            self.warn(Code::TooManyFindings, first_left_out, &Path::Root, message);
        }
        let position = |character| self.source.position(character);
        let diagnostic = |(span, found): (Span, Finding)| Diagnostic {
            severity: found.severity,
            code: found.code.to_string(),
            message: found.message,
            path: found.path,
            start: position(span.start),
            end: position(span.end),
        };
        self.list.into_iter().map(diagnostic).collect()
    }
}

/// Where in the document: a chain back to its root, put into words only when
/// there is something to report.
#[derive(Clone, Copy)]
pub(crate) enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    pub(crate) fn key(&'p self, key: &'p str) -> Self {
        Self::Key(self, key)
    }

    pub(crate) fn index(&'p self, index: usize) -> Self {
        Self::Index(self, index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
            Self::Key(parent, key) => {
                let plain =
                    |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
                let (key, dot) = (
                    Short(key),
                    if matches!(parent, Self::Root) {
                        ""
                    } else {
                        "."
                    },
                );
                if !key.0.is_empty() && key.0.chars().all(plain) {
                    write!(f, "{parent}{dot}{key}")
                } else {
                    write!(f, "{parent}[\"{key}\"]")
                }
            }
        }
    }
}

/// Text from the document as it is quoted in a message: on one line, and cut
/// when it is long.
pub(super) struct Short<'t>(pub(super) &'t str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 60;
        for (count, letter) in self.0.chars().enumerate() {
            if count == LONGEST {
                return f.write_str("…");
            }
            if letter.is_control() {
                write!(f, "{}", letter.escape_debug())?;
            } else {
                write!(f, "{letter}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_like_code() {
        let roles = Path::Root.key("taskRoles");
        let (worker, odd) = (roles.key("worker"), roles.key("a.b"));
        let commands = worker.key("commands");
        assert_eq!(
            commands.index(0).to_string(),
            "taskRoles.worker.commands[0]"
        );
        assert_eq!(odd.to_string(), "taskRoles[\"a.b\"]");
        assert_eq!(Path::Root.to_string(), "");
    }

    #[test]
    fn quoted_text_stays_on_one_line() {
        assert_eq!(Short("a\nb").to_string(), "a\\nb");
        assert_eq!(Short(&"é".repeat(100)).to_string().chars().count(), 61);
    }
}
