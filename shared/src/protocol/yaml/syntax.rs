//! Says in plain words what the YAML scanner did not like.

use saphyr_parser::ScanError;

/// A sentence for an error of syntax: what to look for, where the scanner's
/// own words speak of its insides.
pub(super) fn explain(error: &ScanError) -> String {
    let info = error.info();
    let known = EXPLANATIONS.iter().find(|(part, _)| info.contains(part));
    match known {
        Some((_, sentence)) => (*sentence).to_owned(),
        None => format!("this is not valid YAML: {info}"),
    }
}

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
