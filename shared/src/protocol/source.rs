//! Where things stand in a text.

use super::Position;

/// A stretch of the text, counted in characters from 0; the end is exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A text with an index that finds lines and bytes of characters quickly, so
/// that a text of one long line with many findings costs no more than others.
pub(super) struct Source<'t> {
    text: &'t str,
    /// For each line, the character and the byte it begins at.
    lines: Vec<(u32, usize)>,
    /// The byte at which every [`STRIDE`]th character begins.
    marks: Vec<usize>,
    chars: u32,
}

const STRIDE: u32 = 64;

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut lines = vec![(0, 0)];
        let mut marks = Vec::new();
        let mut chars = 0;
        let mut rest = text.char_indices().peekable();
        while let Some((byte, letter)) = rest.next() {
            if chars % STRIDE == 0 {
                marks.push(byte);
            }
            chars += 1;
            let ends_line = match letter {
                '\n' => true,
                '\r' => rest.peek().is_none_or(|(_, next)| *next != '\n'),
                _ => false,
            };
            if ends_line {
                lines.push((chars, byte + 1));
            }
        }
        Self {
            text,
            lines,
            marks,
            chars,
        }
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// The span with its ends put into the text and in order.
    pub(super) fn clamp(&self, start: usize, end: usize) -> Span {
        let limit = |index| u32::try_from(index).unwrap_or(u32::MAX).min(self.chars);
        let start = limit(start);
        Span {
            start,
            end: limit(end).max(start),
        }
    }

    pub(super) fn position(&self, character: u32) -> Position {
        let line = self.lines.partition_point(|(start, _)| *start <= character);
        let start = self.lines[line - 1].0;
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: character - start + 1,
        }
    }

    pub(super) fn slice(&self, span: Span) -> &'t str {
        &self.text[self.byte(span.start)..self.byte(span.end)]
    }

    /// Each line: the character at which it begins, and its text.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u32, &'t str)> {
        let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
        let line =
            move |(index, (start, _)): (usize, &(u32, usize))| (*start, self.line(number(index)));
        self.lines.iter().enumerate().map(line)
    }

    /// A line's text without its line break; lines count from 1.
    pub(super) fn line(&self, number: u32) -> &'t str {
        let index = (number as usize).clamp(1, self.lines.len()) - 1;
        let start = self.lines[index].1;
        let end = self
            .lines
            .get(index + 1)
            .map_or(self.text.len(), |(_, next)| *next);
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }

    pub(super) fn byte(&self, character: u32) -> usize {
        let Some(&mark) = self.marks.get((character / STRIDE) as usize) else {
            return self.text.len();
        };
        let ahead = (character % STRIDE) as usize;
        self.text[mark..]
            .char_indices()
            .nth(ahead)
            .map_or(self.text.len(), |(byte, _)| mark + byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_yaml_says() {
        let source = Source::new("a\r\nbé\rc\n");
        let at = |character| {
            let Position { line, column } = source.position(character);
            (line, column)
        };
        assert_eq!(
            [at(0), at(3), at(4), at(6), at(8)],
            [(1, 1), (2, 1), (2, 2), (3, 1), (4, 1)]
        );
        assert_eq!(
            [
                source.line(1),
                source.line(2),
                source.line(3),
                source.line(4)
            ],
            ["a", "bé", "c", ""]
        );
    }

    #[test]
    fn slices_count_characters() {
        let text = "é".repeat(200) + "x";
        let source = Source::new(&text);
        assert_eq!(
            source.slice(Span {
                start: 199,
                end: 201
            }),
            "éx"
        );
        assert_eq!(source.slice(source.clamp(500, 400)), "");
    }
}
