//! What of a description is searched: its words.
//!
//! Pictures (`data:` addresses), code blocks, comments, and long runs without a blank
//! (hashes, keys, base64) are nothing that anybody looks for, and would make an index
//! many times as large as its texts.

use std::collections::BTreeSet;

use super::tokenizer::{self, fold};

/// Characters of a description that are searched: some 2,500 words.
pub(super) const MAX_CHARACTERS: usize = 16_000;

/// Different tokens of a description that are searched: those of some 3,000 words.
pub(super) const MAX_TOKENS: usize = 1_500;

/// A longer run without a blank is no word, unless it is an address of the web.
const MAX_RUN: usize = 64;

/// A longer run of letters and digits is no word, wherever it stands.
const MAX_LETTERS: usize = 48;

/// What of a description in Markdown is searched, folded, with one blank after each
/// word.
pub(super) fn of(description: &str) -> String {
    let mut text = String::new();
    let mut left = MAX_CHARACTERS;
    let mut found = BTreeSet::new();
    let mut blocks = Blocks::default();
    for line in description.lines() {
        let prose = blocks.text_of(line);
        let runs: String = prose
            .split_whitespace()
            .flat_map(|run| [words(run), " ".to_owned()])
            .collect();
        for word in runs.split_whitespace() {
            let mut word = fold(word);
            let new = tokenizer::of_text(&word);
            let more = new.difference(&found).count();
            let room = MAX_TOKENS - found.len();
            // A text of ideographs may be a single word; its beginning is searched.
            let most = if more > room { room.min(left) } else { left };
            let is_cut = word.chars().count() > most;
            if is_cut {
                word = word.chars().take(most).collect();
            }
            if !word.is_empty() {
                text.push_str(&word);
                text.push(' ');
            }
            if is_cut {
                return text;
            }
            left = left.saturating_sub(word.chars().count() + 1);
            found.extend(new);
        }
    }
    text
}

/// Where in a text of Markdown a line stands.
#[derive(Default)]
struct Blocks {
    /// The sign of the code block that is open, and how often it stands there.
    fence: Option<(char, usize)>,
    in_comment: bool,
    in_list: bool,
    /// The line before was neither blank nor code: what is indented goes on with it.
    in_paragraph: bool,
}

impl Blocks {
    /// What people read of the next line.
    fn text_of(&mut self, line: &str) -> String {
        if self.in_comment {
            return self.without_comments(line);
        }
        let content = line.trim_start();
        let sign = content
            .chars()
            .next()
            .filter(|sign| matches!(sign, '`' | '~'));
        let fence = sign.map(|sign| (sign, content.chars().take_while(|c| *c == sign).count()));
        if let Some((open, length)) = self.fence {
            let ends = fence.is_some_and(|(sign, count)| {
                sign == open && count >= length && content.trim_end().chars().all(|c| c == sign)
            });
            if ends {
                self.fence = None;
            }
            return String::new();
        }
        if let Some((sign, length)) = fence.filter(|(_, length)| *length >= 3)
            // Code within a line may begin with three signs too, and ends there.
            && !(sign == '`' && content[length..].contains('`'))
        {
            self.fence = Some((sign, length));
            self.in_paragraph = false;
            return String::new();
        }
        if content.is_empty() {
            self.in_paragraph = false;
            return String::new();
        }
        let indent = &line[..line.len() - content.len()];
        let is_indented = indent.contains('\t') || indent.len() >= 4;
        if is_indented && !self.in_list && !self.in_paragraph {
            return String::new();
        }
        if !is_indented && (!self.in_paragraph || is_list(content)) {
            self.in_list = is_list(content) || self.in_list && !indent.is_empty();
        }
        self.in_paragraph = true;
        self.without_comments(line)
    }

    fn without_comments(&mut self, mut line: &str) -> String {
        let mut text = String::new();
        loop {
            let (before, sign) = if self.in_comment {
                ("", "-->")
            } else {
                (line, "<!--")
            };
            let Some((first, rest)) = line.split_once(sign) else {
                text.push_str(before);
                return text;
            };
            if !self.in_comment {
                text.push_str(first);
                text.push(' ');
            }
            self.in_comment = !self.in_comment;
            line = rest;
        }
    }
}

/// Whether a line begins an entry of a list.
fn is_list(content: &str) -> bool {
    let rest = content.trim_start_matches(|c: char| c.is_ascii_digit());
    let mark = if rest.len() < content.len() {
        &['.', ')'][..]
    } else {
        &['-', '*', '+']
    };
    rest.strip_prefix(mark)
        .is_some_and(|rest| rest.starts_with([' ', '\t']))
}

/// What of a run without a blank are words, with blanks for the rest.
fn words(run: &str) -> String {
    let run: Vec<char> = without_data(run).chars().collect();
    let address: Vec<char> = "://".chars().collect();
    let mut words = String::new();
    // Ideographs need no blanks between words.
    for part in run.chunk_by(|a, b| tokenizer::is_ideograph(*a) == tokenizer::is_ideograph(*b)) {
        let is_address = || part.windows(address.len()).any(|signs| signs == address);
        if tokenizer::is_ideograph(part[0]) {
            words.extend(part);
        } else if part.len() > MAX_RUN && !is_address() {
            words.push(' ');
        } else {
            for letters in part.chunk_by(|a, b| a.is_alphanumeric() == b.is_alphanumeric()) {
                if letters[0].is_alphanumeric() && letters.len() > MAX_LETTERS {
                    words.push(' ');
                } else {
                    words.extend(letters);
                }
            }
        }
    }
    words
}

/// The run without `data:` addresses (RFC 2397).
fn without_data(run: &str) -> String {
    const SCHEME: &str = "data:";
    let mut kept = String::new();
    let mut rest = run;
    // Lower case of ASCII has the same length.
    while let Some(start) = rest.to_ascii_lowercase().find(SCHEME) {
        let (before, after) = rest.split_at(start);
        kept.push_str(before);
        let media = after[SCHEME.len()..]
            .split_once(',')
            .map(|(media, _)| media);
        let is_data = media.is_some_and(|media| {
            media.contains('/') && !media.contains(ENDS) || media.starts_with(';')
        });
        if is_data {
            kept.push(' ');
            rest = after.find(ENDS).map_or("", |end| &after[end..]);
        } else {
            kept.push_str(&after[..SCHEME.len()]);
            rest = &after[SCHEME.len()..];
        }
    }
    kept.push_str(rest);
    kept
}

/// What ends an address in Markdown and HTML.
const ENDS: [char; 6] = [')', '"', '\'', '>', ']', '`'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_and_what_is_none_is_left_out() {
        let base64 = "iVBORw0KGgoAAAANSUhEUgAA+".repeat(8_000);
        let hash = "0123456789abcdef".repeat(4);
        for (description, words) in [
            (
                "# PyTorch\n\nTrains *a* model.".to_owned(),
                "# pytorch trains *a* model. ",
            ),
            (
                format!("before ![chart](data:image/png;base64,{base64}) after"),
                "before ![chart]( ) after ",
            ),
            (
                format!("<img src=\"DATA:image/png;base64,{base64}\" alt=\"chart\">"),
                "<img src=\" \" alt=\"chart\"> ",
            ),
            (
                "training data: images, data:x,y".to_owned(),
                "training data: images, data:x,y ",
            ),
            (
                "one <!-- two --> three <!-- four\n\nfive\nsix --> seven".to_owned(),
                "one three seven ",
            ),
            (
                "one\n```sh\ntwo <!--\n~~~\n```\nthree ```four``` five".to_owned(),
                "one three ```four``` five ",
            ),
            (
                "one\n\n~~~~ sh\ntwo\n~~~\n~~~~~\nthree".to_owned(),
                "one three ",
            ),
            ("one\n\n```\nnever closed".to_owned(), "one "),
            (
                "one\n\n    code\n\n\tcode\n\ntwo\n    goes on".to_owned(),
                "one two goes on ",
            ),
            (
                "- one\n\n    two\n\n1. three\n\n      four\n\nfive\n\n    code".to_owned(),
                "- one two 1. three four five ",
            ),
            (
                format!("{hash} sha256:{hash} key:{}", "k".repeat(49)),
                "key: ",
            ),
            (
                format!("see https://example.org/a/{}/b-c", "long/".repeat(20)),
                &format!("see https://example.org/a/{}/b-c ", "long/".repeat(20)),
            ),
            (
                format!("https://example.org/{hash}/x"),
                "https://example.org/ /x ",
            ),
            (
                "机器学习".repeat(100),
                &format!("{} ", "机器学习".repeat(100)),
            ),
        ] {
            assert_eq!(of(&description), words, "{description:.200}");
        }
    }

    #[test]
    fn there_is_an_end_to_what_is_searched() {
        let many: Vec<String> = (0..100_000).map(|n| format!("w{n}")).collect();
        let text = of(&many.join(" "));
        assert_eq!(tokenizer::of_text(&text).len(), MAX_TOKENS);
        assert!(text.ends_with("w1499 "));

        let long = "word ".repeat(100_000);
        assert_eq!(of(&long).len(), MAX_CHARACTERS);

        let ideographs: String = (0x4E00..0x9000).filter_map(char::from_u32).collect();
        let text = of(&ideographs);
        assert!(text.starts_with("一丁"));
        assert!((MAX_TOKENS - 5..=MAX_TOKENS).contains(&tokenizer::of_text(&text).len()));
    }
}
