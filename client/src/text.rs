//! What stands on a terminal, and what programs read.

use std::io::Write;

use serde::Serialize;

/// A text of somebody else's in one line, without characters that would move the cursor,
/// change colours, or turn the line around.
pub(crate) fn line(text: &str) -> String {
    text.chars()
        .map(|letter| if is_unruly(letter) { ' ' } else { letter })
        .collect()
}

/// The same for a text of several lines, which stay.
pub(crate) fn lines(text: &str) -> String {
    let is_plain = |letter: char| matches!(letter, '\n' | '\t') || !is_unruly(letter);
    text.chars().filter(|letter| is_plain(*letter)).collect()
}

/// Controls, and the marks by which Unicode turns the direction of a text.
fn is_unruly(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes a value as JSON, and ends the line.
pub(crate) fn json(out: &mut dyn Write, value: &impl Serialize) -> Result<(), crate::Error> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        let text = "a\u{1b}[2Jb\r\nc\td\u{202e}e";
        assert_eq!(line(text), "a [2Jb  c d e");
        assert_eq!(lines(text), "a[2Jb\nc\tde");
    }
}
