//! Says in plain words what the YAML scanner did not like, and where the
//! cause is.

use std::fmt::Write as _;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::super::Position;
use super::super::source::{Source, Span};

/// Where an error of syntax is and what to look for, where the scanner's own
/// words speak of its insides.
pub(super) fn explain(error: &ScanError, source: &Source<'_>) -> (Span, String) {
    let index = error.marker().index();
    let place = source.clamp(index, index + 1);
    let info = error.info();
    if let Some(found) = before(info, place, source) {
        return found;
    }
    let known = EXPLANATIONS.iter().find(|(part, _)| info.contains(part));
    let mut message = match known {
        Some((_, sentence)) => (*sentence).to_owned(),
        None => format!("this is not valid YAML: {info}"),
    };
    let here = source.position(place.start);
    if let Some((bracket, begin)) = open_bracket(source, place.start)
        .map(|(bracket, begin)| (bracket, source.position(begin)))
        .filter(|(_, begin)| {
            IN_BRACKETS.iter().any(|part| info.contains(part)) && begin.line < here.line
        })
    {
        let _ = write!(
            message,
            " (the `{bracket}` on line {}, column {} is open)",
            begin.line, begin.column
        );
    }
    (place, message)
}

/// What to say if the cause is text on a line before: the scanner sees only
/// behind it that it is no entry.
fn before(info: &str, place: Span, source: &Source<'_>) -> Option<(Span, String)> {
    let Position { line, column } = source.position(place.start);
    let in_front: String = source
        .line(line)
        .chars()
        .take(column as usize - 1)
        .collect();
    if info.contains("simple key expect") {
        let is_at_end = place.start == place.end;
        let line = match in_front.trim().is_empty() {
            true => line,
            false if is_at_end => line + 1,
            // A key longer than any may be.
            false => return None,
        };
        let entry = last_text(source, line)?;
        let message = format!(
            "this text is no entry of the mapping it stands in, for no `:` follows before line {line}; begin it with `#` if it is a comment, or give it a key, or indent it as far as the text it belongs to"
        );
        return Some((entry, message));
    }
    if !info.contains("mapping values are not allowed") {
        return None;
    }
    if in_front.contains(": ") {
        return None;
    }
    let text = unfinished_text(source, line)?;
    let begin = source.position(text.start);
    let stands_alone = source
        .line(begin.line)
        .trim_start_matches(' ')
        .chars()
        .count()
        == source.line(begin.line).chars().count() + 1 - begin.column as usize;
    if stands_alone {
        let message = format!(
            "this text goes on to line {line}, where `: ` cannot stand in it; begin it with `#` if it is a comment, or give it a key"
        );
        return Some((text, message));
    }
    let message = format!(
        "`: ` cannot stand here, inside the text that begins on line {}, column {}; check the indentation, or put that text in quotes",
        begin.line, begin.column
    );
    Some((place, message))
}

/// The last line before another that holds more than a comment.
fn last_text(source: &Source<'_>, before: u32) -> Option<Span> {
    let holds_text = |text: &str| !text.is_empty() && !text.starts_with('#');
    let (start, text) = source
        .lines()
        .take(before as usize - 1)
        .filter(|(_, text)| holds_text(text.trim()))
        .last()?;
    let indent = text.len() - text.trim_start_matches(' ').len();
    let start = start as usize + indent;
    Some(source.clamp(start, start + text.trim().chars().count()))
}

/// The text without quotes with which the lines before another one end.
fn unfinished_text(source: &Source<'_>, before: u32) -> Option<Span> {
    let (end, _) = source.lines().nth(before as usize - 1)?;
    let lines = source.slice(source.clamp(0, end as usize));
    let mut last = None;
    for event in Parser::new_from_str(lines) {
        // What is behind an error is not of these lines.
        let Ok((event, span)) = event else { break };
        if let Event::Scalar(text, style, ..) = event {
            let is_text = style == ScalarStyle::Plain && !text.is_empty();
            last = is_text.then(|| source.clamp(span.start.index(), span.end.index()));
        }
    }
    last
}

/// The last bracket before a place that is not closed there, and where it is.
/// Brackets in the middle of text do not count.
fn open_bracket(source: &Source<'_>, end: u32) -> Option<(char, u32)> {
    let mut open = Vec::new();
    // The last character that was no blank, and the quote that is open.
    let (mut last, mut quote) = ('\n', None);
    let mut letters = (0..end).zip(source.text().chars()).peekable();
    let mut was_blank = true;
    while let Some((index, letter)) = letters.next() {
        let begins = matches!(last, '\n' | ':' | '-' | '?' | ',' | '[' | '{');
        match (letter, quote) {
            ('\\', Some('"')) => drop(letters.next()),
            (_, Some(open)) if letter == open => quote = None,
            ('"' | '\'', None) if begins => quote = Some(letter),
            ('[' | '{', None) if begins => open.push((letter, index)),
            (']' | '}', None) => drop(open.pop()),
            ('#', None) if was_blank => {
                while letters.next_if(|(_, letter)| *letter != '\n').is_some() {}
            }
            _ => {}
        }
        was_blank = letter.is_whitespace();
        let is_new_entry = letter == '\n' && open.is_empty();
        if is_new_entry || !was_blank {
            last = letter;
        }
    }
    open.pop()
}

/// Parts of the scanner's messages about what stands in brackets.
const IN_BRACKETS: [&str; 3] = [
    "expected ',' or ']'",
    "expected ',' or '}'",
    "illegal placement of ':'",
];

/// Parts of the scanner's messages, and what to say instead.
const EXPLANATIONS: &[(&str, &str)] = &[
    ("tabs disallowed", "a tab cannot indent YAML; use spaces"),
    (
        "tab cannot be used as indentation",
        "a tab cannot indent YAML; use spaces",
    ),
    (
        "content cannot start with a tab",
        "a tab cannot indent YAML; use spaces",
    ),
    (
        "mapping values are not allowed",
        "`: ` cannot stand here; put text that holds it in quotes, or check the indentation",
    ),
    (
        "simple key expect",
        "a key with `:` is expected here; is the `:` missing, or the indentation wrong?",
    ),
    (
        "did not find expected key",
        "a key with `:` is expected here; is the indentation wrong, or does a quoted text end too early?",
    ),
    (
        "unexpected end of stream",
        "this quoted text never ends; the closing quote is missing",
    ),
    (
        "unexpected document indicator",
        "this quoted text never ends; the closing quote is missing",
    ),
    (
        "trailing content after double-quoted",
        "nothing may follow the closing quote; write a quote inside the text as \\\"",
    ),
    (
        "expected ',' or ']'",
        "`,` or `]` is expected here; is the list closed?",
    ),
    (
        "expected ',' or '}'",
        "`,` or `}` is expected here; is the mapping closed?",
    ),
    (
        "illegal placement of ':'",
        "`:` cannot stand here inside brackets; are they closed?",
    ),
    (
        "misplaced bracket",
        "this bracket closes nothing that is open",
    ),
    (
        "unknown escape character",
        "this is no escape of a double-quoted text; write \\\\ for a backslash, or use single quotes",
    ),
    (
        "invalid Unicode character escape",
        "this escape names no character",
    ),
    (
        "expected hexadecimal number",
        "hexadecimal digits are expected in this escape",
    ),
    (
        "found unknown anchor",
        "this alias names an anchor (`&name`) that is not there before it",
    ),
    (
        "did not find expected alphabetic or numeric",
        "a name is expected after `&` or `*`; put text that begins with one of them in quotes",
    ),
    (
        "unexpected character",
        "text cannot begin with this character; put it in quotes",
    ),
    (
        "unprintable character",
        "this character cannot stand in YAML",
    ),
    (
        "byte order mark",
        "a byte order mark cannot stand inside a document",
    ),
    (
        "invalid indentation in quoted scalar",
        "this quoted text runs on into a line that is not indented; is the closing quote missing?",
    ),
    (
        "invalid indentation in multiline quoted",
        "this quoted text runs on into a line that is not indented; is the closing quote missing?",
    ),
    (
        "invalid indentation",
        "this line is not indented as far as what it belongs to",
    ),
    (
        "wrongly indented line",
        "this line is not indented as far as what it belongs to",
    ),
    (
        "block sequence entries are not allowed",
        "a list item (`- `) cannot stand here; begin it on its own line",
    ),
    (
        "only valid inside a block",
        "a list item (`- `) cannot stand inside brackets; separate items with `,`",
    ),
    (
        "expected '-' indicator",
        "a list item (`- `) is expected here; is the indentation wrong, or the `- ` missing?",
    ),
    (
        "comment intercepting",
        "a comment cannot interrupt text that runs over several lines",
    ),
    (
        "did not find expected node content",
        "a value is expected here; put text that begins with a special character in quotes",
    ),
    (
        "the handle wasn't declared",
        "this tag's handle is not declared",
    ),
];
