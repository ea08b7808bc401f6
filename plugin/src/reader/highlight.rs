//! Colours for code: what is a comment, a text, a number or a word of the
//! language. It guesses, as any highlighter that is small, and gets over every text
//! once.

use super::html::push_text;

/// Longer code, in bytes, stays plain.
const MAX_CODE: usize = 64 * 1024;

/// How comments begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comments {
    Hash,
    Slashes,
    Dashes,
}

/// Words that most languages share.
const WORDS: &[&str] = &[
    "and", "as", "async", "await", "break", "case", "class", "const", "continue", "def", "do",
    "done", "elif", "else", "esac", "except", "export", "false", "False", "fi", "finally", "fn",
    "for", "from", "func", "function", "if", "impl", "import", "in", "is", "lambda", "let",
    "match", "mod", "mut", "new", "None", "not", "null", "or", "pass", "pub", "raise", "return",
    "select", "self", "static", "struct", "switch", "then", "true", "True", "try", "type", "use",
    "var", "while", "with", "yield",
];

/// Code of a language, by its name after the fence, as HTML.
pub(super) fn code(text: &str, language: &str) -> String {
    let mut html = String::with_capacity(text.len() * 2);
    let language = language.split([' ', ',', '{']).next().unwrap_or_default();
    let comments = match language.to_ascii_lowercase().as_str() {
        "sh" | "bash" | "shell" | "zsh" | "console" | "python" | "py" | "r" | "ruby"
        | "dockerfile" | "docker" | "toml" | "make" | "makefile" | "perl" => Comments::Hash,
        "yaml" | "yml" if text.len() <= MAX_CODE => {
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    html.push('\n');
                }
                yaml_line(&mut html, line);
            }
            return html;
        }
        "c" | "cpp" | "c++" | "cuda" | "java" | "js" | "javascript" | "ts" | "typescript"
        | "rust" | "rs" | "go" | "json" | "jsonc" | "css" | "scala" | "kotlin" | "swift" => {
            Comments::Slashes
        }
        "sql" | "lua" | "haskell" => Comments::Dashes,
        _ => {
            push_text(&mut html, text);
            return html;
        }
    };
    if text.len() > MAX_CODE {
        push_text(&mut html, text);
    } else {
        generic(&mut html, text, comments);
    }
    html
}

/// Puts a piece into a colour of its own.
pub(super) fn colour(html: &mut String, class: &str, text: &str) {
    html.push_str("<span class=\"t-");
    html.push_str(class);
    html.push_str("\">");
    push_text(html, text);
    html.push_str("</span>");
}

fn generic(html: &mut String, text: &str, comments: Comments) {
    let mut rest = text;
    let mut before = '\n';
    while let Some(first) = rest.chars().next() {
        let in_word = before.is_alphanumeric() || before == '_';
        let (length, class) = if let Some(length) = comment(rest, comments, before) {
            (length, "comment")
        } else if first == '"' || first == '\'' && !in_word || first == '`' {
            (quoted(rest, first), "text")
        } else if first.is_ascii_digit() && !in_word {
            (
                run(rest, |c| c.is_ascii_alphanumeric() || c == '.'),
                "number",
            )
        } else if first.is_alphabetic() || first == '_' {
            let length = run(rest, |c| c.is_alphanumeric() || c == '_');
            let class = if WORDS.contains(&&rest[..length]) {
                "word"
            } else {
                ""
            };
            (length, class)
        } else {
            (first.len_utf8(), "")
        };
        let piece = &rest[..length];
        if class.is_empty() {
            push_text(html, piece);
        } else {
            colour(html, class, piece);
        }
        before = piece.chars().next_back().unwrap_or(before);
        rest = &rest[length..];
    }
}

fn run(text: &str, holds: impl Fn(char) -> bool) -> usize {
    text.find(|c| !holds(c)).unwrap_or(text.len())
}

fn comment(text: &str, comments: Comments, before: char) -> Option<usize> {
    let line = |text: &str| text.find('\n').unwrap_or(text.len());
    match comments {
        Comments::Hash if text.starts_with('#') && before.is_whitespace() => Some(line(text)),
        Comments::Slashes if text.starts_with("//") && before != ':' => Some(line(text)),
        Comments::Slashes if text.starts_with("/*") => {
            Some(text.find("*/").map_or(text.len(), |end| end + 2))
        }
        Comments::Dashes if text.starts_with("--") => Some(line(text)),
        _ => None,
    }
}

/// How long a text in quotes is; one that does not end is its line.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            '\n' if quote != '`' => return index,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return index + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// The parts of a line of YAML.
pub(super) struct YamlLine<'l> {
    /// Blanks, and the marks of list items.
    pub(super) before: &'l str,
    /// With its colon; empty if there is none.
    pub(super) key: &'l str,
    /// What follows, blanks included.
    pub(super) value: &'l str,
    /// With what blanks are before it.
    pub(super) comment: &'l str,
}

impl<'l> YamlLine<'l> {
    /// Takes a line apart that is not within a block of text.
    pub(super) fn read(line: &'l str) -> Self {
        let mut start = line.len() - line.trim_start_matches([' ', '\t']).len();
        while let Some(rest) = line[start..].strip_prefix("- ") {
            start += 2 + rest.len() - rest.trim_start_matches(' ').len();
        }
        let (before, rest) = line.split_at(start);
        let (rest, comment) = rest.split_at(comment_start(rest));
        let key = key_length(rest);
        let (key, value) = rest.split_at(key);
        Self {
            before,
            key,
            value,
            comment,
        }
    }

    /// Whether a block of text follows.
    pub(super) fn opens_block(&self) -> bool {
        let value = self.value.trim();
        let value = value.strip_prefix("!!str ").unwrap_or(value);
        let mut chars = value.chars();
        matches!(chars.next(), Some('|' | '>')) && chars.all(|c| "+-0123456789".contains(c))
    }
}

fn comment_start(text: &str) -> usize {
    let mut quote = None;
    let mut before = ' ';
    for (index, c) in text.char_indices() {
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '#' && before.is_whitespace() => {
                return text[..index].trim_end().len();
            }
            None if (c == '"' || c == '\'') && " [{,:".contains(before) => quote = Some(c),
            _ => {}
        }
        before = c;
    }
    text.len()
}

fn key_length(text: &str) -> usize {
    let after = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => quoted(text, quote),
        Some('{' | '[' | '|' | '>' | '&' | '*' | '!') | None => return 0,
        Some(_) => 0,
    };
    for (index, _) in text[after..].match_indices(':') {
        let end = after + index + 1;
        if text[end..].is_empty() || text[end..].starts_with(' ') {
            return end;
        }
        if after > 0 {
            return 0;
        }
    }
    0
}

/// A line of YAML as HTML.
fn yaml_line(html: &mut String, line: &str) {
    let line = YamlLine::read(line);
    push_text(html, line.before);
    if !line.key.is_empty() {
        colour(html, "word", line.key);
    }
    yaml_value(html, line.value);
    if !line.comment.is_empty() {
        colour(html, "comment", line.comment);
    }
}

/// What stands behind a key, or in a list.
pub(super) fn yaml_value(html: &mut String, value: &str) {
    let trimmed = value.trim();
    let class = if trimmed.starts_with(['"', '\'']) {
        "text"
    } else if shared::javascript::number(trimmed).is_some()
        || matches!(trimmed, "true" | "false" | "null" | "~")
    {
        "number"
    } else {
        return push_text(html, value);
    };
    let start = value.len() - value.trim_start().len();
    push_text(html, &value[..start]);
    colour(html, class, trimmed);
    push_text(html, &value[start + trimmed.len()..]);
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn nothing_of_the_code_is_lost_and_none_of_it_is_html() {
        let plain = |html: &str| {
            let mut text = String::new();
            let mut rest = html;
            while let Some(start) = rest.find('<') {
                text.push_str(&rest[..start]);
                rest = &rest[start + rest[start..].find('>').unwrap_or_default() + 1..];
            }
            text.push_str(rest);
            text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&")
        };
        for (language, text) in [
            (
                "python",
                "def f(x):  # <b>\n  return 'a\\'b' + \"中\" + 0x1F\n",
            ),
            ("bash", "if [ \"$X\" ]; then echo it's; fi # end"),
            ("rust", "let x: &'a str = \"\\\"\"; /* open <"),
            (
                "yaml",
                "a: 1 # c\n- 'b': \"<\"\n  u: http://x/#y\n- - z\n\"q: r\": s",
            ),
            ("json", "{\"a\": [1, null, \"b//c\"]}"),
            ("unknown", "<script>&\n"),
            ("", "x"),
        ] {
            let html = code(text, language);
            assert_eq!(plain(&html), text, "{language}: {html}");
            assert!(!html.contains("<b>") && !html.contains("<script"), "{html}");
        }
    }

    #[wasm_bindgen_test]
    fn parts_have_their_colours() {
        let html = code("x = 12 # note\nfor y in \"z\":", "py extra");
        for part in [
            r#"<span class="t-number">12</span>"#,
            r#"<span class="t-comment"># note</span>"#,
            r#"<span class="t-word">for</span>"#,
            r#"<span class="t-text">&quot;z&quot;</span>"#,
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        let line = YamlLine::read("  - - key: |-  # why");
        assert_eq!(
            (line.before, line.key, line.value, line.comment),
            ("  - - ", "key:", " |-", "  # why")
        );
        assert!(line.opens_block());
        for (text, key) in [
            ("a:b: c", "a:b:"),
            ("http://x", ""),
            ("\"a: b\": c", "\"a: b\":"),
            ("{a: b}", ""),
            ("a:", "a:"),
        ] {
            assert_eq!(YamlLine::read(text).key, key, "{text}");
        }
    }
}
