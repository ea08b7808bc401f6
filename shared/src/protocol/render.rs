//! Prints a finding as a compiler would.

use std::fmt;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use super::source::Source;
use super::{Diagnostic, Severity, masked};

/// The widest piece of a source line that is shown, in columns.
const MAX_WIDTH: usize = 100;
/// How much of a long line is shown before the finding, in characters.
const CONTEXT: usize = 30;

impl Diagnostic {
    /// The finding with the line of the text it is about and marks below the
    /// place: several lines, the last one ended. `file` is what the text is
    /// called; `text` must be the text that was checked.
    /// Of a secret that this finding is about no more is shown than may be; of
    /// others on its line only if `text` is what [`masked`] made of it.
    pub fn render(&self, file: &str, text: &str) -> String {
        let text = masked(text, std::slice::from_ref(self));
        render(self, file, &Source::new(&text))
    }
}

/// One line: `line 3, column 5: message`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.start.line, self.start.column, self.message
        )
    }
}

fn render(found: &Diagnostic, file: &str, source: &Source<'_>) -> String {
    let severity = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let number = found.start.line.to_string();
    let margin = " ".repeat(number.len());
    let (line, marks) = excerpt(found, source);
    let mut out = format!("{severity}[{}]: {}\n", found.code, found.message);
    let _ = writeln!(out, "{margin}--> {file}:{number}:{}", found.start.column);
    let _ = writeln!(out, "{margin} |");
    let _ = writeln!(out, "{number} | {line}");
    let _ = writeln!(out, "{margin} | {marks}");
    if !found.path.is_empty() {
        let _ = writeln!(out, "{margin} = at: {}", found.path);
    }
    out
}

/// The line a finding begins on, cut to what fits around it, and the marks to
/// put below: up to the end of the line when the finding goes on.
fn excerpt(found: &Diagnostic, source: &Source<'_>) -> (String, String) {
    let line = source.line(found.start.line);
    let start = found.start.column.saturating_sub(1) as usize;
    let end = if found.end.line > found.start.line {
        usize::MAX
    } else {
        found.end.column.saturating_sub(1) as usize
    };
    let is_long = line.chars().take(MAX_WIDTH + 1).map(width).sum::<usize>() > MAX_WIDTH;
    let first = if is_long {
        start.saturating_sub(CONTEXT)
    } else {
        0
    };

    let mut shown = String::from(if first > 0 { "…" } else { "" });
    let (mut before, mut below) = (shown.chars().count(), 0);
    let mut used = before;
    for (index, letter) in line.chars().enumerate().skip(first) {
        let wide = width(letter);
        if used + wide > MAX_WIDTH {
            shown.push('…');
            break;
        }
        used += wide;
        shown.push(if letter.is_control() { ' ' } else { letter });
        if index < start {
            before += wide;
        } else if index < end {
            below += wide;
        }
    }
    (shown, " ".repeat(before) + &"^".repeat(below.max(1)))
}

/// Control characters, tabs among them, are shown as one blank.
fn width(letter: char) -> usize {
    letter.width().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::super::Position;
    use super::*;

    fn found(start: (u32, u32), end: (u32, u32)) -> Diagnostic {
        let position = |(line, column)| Position { line, column };
        Diagnostic {
            severity: Severity::Error,
            code: "unknown-key".to_owned(),
            message: "no".to_owned(),
            path: "a.b".to_owned(),
            start: position(start),
            end: position(end),
        }
    }

    #[test]
    fn marks_stand_below_the_place() {
        let text = "x: 1\n\tname: 数据 y\n";
        let rendered = found((2, 8), (2, 10)).render("job.yaml", text);
        assert_eq!(
            rendered,
            "error[unknown-key]: no\n --> job.yaml:2:8\n  |\n2 |  name: 数据 y\n  |        ^^^^\n  = at: a.b\n"
        );
        assert_eq!(found((2, 8), (2, 10)).to_string(), "line 2, column 8: no");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = "a".repeat(500) + "b" + &"数".repeat(500);
        let rendered = found((1, 501), (1, 502)).render("f", &text);
        let lines: Vec<_> = rendered.lines().collect();
        assert!(
            lines[3].starts_with("1 | …aaa") && lines[3].ends_with("数…"),
            "{rendered}"
        );
        assert_eq!(
            lines[4].find('^'),
            lines[3].chars().position(|letter| letter == 'b')
        );
    }

    #[test]
    fn places_outside_the_text_do_no_harm() {
        for text in ["", "a", "数\r\n"] {
            let rendered = found((9, 9), (9, 20)).render("f", text);
            assert!(rendered.contains('^'), "{rendered}");
        }
    }
}
