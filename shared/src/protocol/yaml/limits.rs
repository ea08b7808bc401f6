use super::super::Code;
use super::super::source::Span;
use super::{MAX_BYTES, MAX_DEPTH, MAX_EXPANDED_BYTES, MAX_NODES};

/// Why the tree cannot be built.
pub(super) struct Stop {
    pub(super) code: Code,
    pub(super) span: Span,
    pub(super) message: String,
}

pub(super) fn too_deep(span: Span) -> Stop {
    let message = format!(
        "lists and mappings are nested more than {MAX_DEPTH} deep here, which no job protocol needs"
    );
    Stop {
        code: Code::TooDeep,
        span,
        message,
    }
}

pub(super) fn too_large(span: Span) -> Stop {
    let message = format!(
        "the document grows beyond {MAX_NODES} values or {} MiB of text here, aliases expanded",
        MAX_EXPANDED_BYTES >> 20
    );
    Stop {
        code: Code::TooLarge,
        span,
        message,
    }
}

/// Refuses a text that is too large for the scanner.
pub(super) fn check_text(text: &str) -> Result<(), Stop> {
    if text.len() > MAX_BYTES {
        let message = format!(
            "the text is longer than {} KiB, which no job protocol needs",
            MAX_BYTES >> 10
        );
        return Err(Stop {
            code: Code::TooLarge,
            span: Span::default(),
            message,
        });
    }
    check_brackets(text)
}

/// The scanner looks at every open bracket for every token, and reads a whole
/// bracketed value before it tells of its beginning, so depth must be bounded
/// before it sees the text. Plain JSON is known to nest little; in all else no
/// bracket nests deeper than there are brackets.
fn check_brackets(text: &str) -> Result<(), Stop> {
    /// Brackets times bytes: what the scanner does in a fraction of a second.
    const MAX_WORK: usize = 200_000_000;

    let opening = text
        .bytes()
        .filter(|byte| matches!(byte, b'[' | b'{'))
        .count();
    let work = opening.saturating_mul(text.len());
    if work <= MAX_WORK || serde_json::from_str::<serde_json::Value>(text).is_ok() {
        return Ok(());
    }
    let message = format!("there are {opening} `[` and `{{` in the text, too many for its size");
    Err(Stop {
        code: Code::TooLarge,
        span: Span::default(),
        message,
    })
}
