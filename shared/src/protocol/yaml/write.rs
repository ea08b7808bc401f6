//! Writes YAML that OpenPAI and people read.

use std::fmt::Write as _;

use serde_json::Value;

use super::Scalar;

/// A value as a YAML document in block style. Read again, by OpenPAI or by this
/// crate, it is the same value.
///
/// OpenPAI hides secrets only if a line begins with `secrets:` and they stand below it,
/// indented: so they do here, whatever they are.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    out
}

/// The value on lines of its own; the first one begins where `out` ends.
fn block(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            for (index, (key, value)) in entries.iter().enumerate() {
                begin_line(index, indent, out);
                scalar(key, out);
                out.push(':');
                match value {
                    Value::Object(entries) if !entries.is_empty() => {
                        out.push('\n');
                        out.push_str(&" ".repeat(indent + 2));
                        block(value, indent + 2, out);
                    }
                    Value::Array(items) if !items.is_empty() => {
                        out.push('\n');
                        out.push_str(&" ".repeat(indent + 2));
                        block(value, indent + 2, out);
                    }
                    _ => {
                        out.push(' ');
                        leaf(value, indent + 2, out);
                    }
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                begin_line(index, indent, out);
                out.push_str("- ");
                block(item, indent + 2, out);
            }
        }
        _ => leaf(value, indent, out),
    }
}

fn begin_line(index: usize, indent: usize, out: &mut String) {
    if index > 0 {
        out.push_str(&" ".repeat(indent));
    }
}

/// A value that fits on a line, and the line's end. Lines of a text of several ones
/// are indented by `indent`.
fn leaf(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::String(text) if is_lines(text) => {
            out.push_str(if text.ends_with('\n') { "|\n" } else { "|-\n" });
            for line in text.trim_end_matches('\n').split('\n') {
                if !line.is_empty() {
                    out.push_str(&" ".repeat(indent.max(1)));
                    out.push_str(line);
                }
                out.push('\n');
            }
            return;
        }
        Value::String(text) => scalar(text, out),
        // Empty collections and what JSON and YAML write alike.
        other => {
            let _ = write!(out, "{other}");
        }
    }
    out.push('\n');
}

/// A text on one line: plain where it means itself, else in quotes.
fn scalar(text: &str, out: &mut String) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ if is_printable(letter) => out.push(letter),
            _ => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
        }
    }
    out.push('"');
}

/// Whether a text without quotes is this text for every reader. Narrow on purpose.
fn is_plain(text: &str) -> bool {
    let begins =
        text.starts_with(|letter: char| letter.is_ascii_alphanumeric() || "/_.".contains(letter));
    let is_safe = |letter: char| letter.is_ascii_alphanumeric() || "_-./@+=$()%, ".contains(letter);
    begins
        && !text.ends_with(' ')
        && text.chars().all(is_safe)
        && text != "..."
        && Scalar::of_plain(text) == Scalar::Text
}

/// Whether a text can stand line by line.
fn is_lines(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n', '\t'])
        && body
            .lines()
            .all(|line| !line.starts_with('\t') && !is_blank(line))
        && body
            .chars()
            .all(|letter| letter == '\n' || letter == '\t' || is_printable(letter))
}

fn is_blank(line: &str) -> bool {
    !line.is_empty() && line.trim().is_empty()
}

/// Not what YAML or a reader of it takes for the end of a line, or refuses.
fn is_printable(letter: char) -> bool {
    !letter.is_control()
        && !matches!(
            letter,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::parse;
    use super::to_yaml;

    #[test]
    fn values_are_written_as_people_would() {
        let value = json!({
            "name": "job_1",
            "version": "1.0",
            "secrets": {"token": "a\"b", "deep": {"x": ["1", 2]}},
            "commands": ["echo hello", "a: b", "if x\n  then\n\nfi\n"],
            "empty": {},
            "none": [],
            "nothing": null,
        });
        assert_eq!(
            to_yaml(&value),
            "commands:\n  - echo hello\n  - \"a: b\"\n  - |\n    if x\n      then\n\n    fi\nempty: {}\nname: job_1\nnone: []\nnothing: null\nsecrets:\n  deep:\n    x:\n      - \"1\"\n      - 2\n  token: \"a\\\"b\"\nversion: \"1.0\"\n"
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let texts = [
            "",
            " ",
            "a",
            "a b ",
            " a",
            "1",
            "0100",
            "1e3",
            "true",
            "no",
            "null",
            "~",
            "-",
            "- a",
            "a: b",
            "a #b",
            "#",
            "2021-01-01",
            "12:30:45",
            "<<",
            "=",
            "...",
            "---",
            "\n",
            "a\n",
            "a\nb",
            "a\nb\n",
            "a\nb\n\n",
            "\na\nb",
            " a\nb",
            "a\n b",
            "a\n\tb",
            "a\n \nb",
            "a\r\nb",
            "é",
            "数据",
            "😀",
            "\u{85}",
            "\u{2028}",
            "\u{feff}x",
            "\u{0}",
            "\u{7f}",
            "\t",
            "'",
            "\"",
            "\\",
            "{a}",
            "[a]",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a`",
            "|",
            ">",
            "a,b",
            "?",
            "<% $parameters.x %>",
            "trailing\\",
            ".inf",
            ".5",
            "0x1F",
            "1_000",
            "/data",
            "__proto__",
        ];
        for text in texts {
            for value in [
                json!(text),
                json!({"k": text}),
                json!([text]),
                json!({text: [[text], {"a": text, text: {}}]}),
                json!([[[text, text]], text]),
            ] {
                let written = to_yaml(&value);
                let read = parse(&written).map(|document| document.root().to_json());
                assert_eq!(read.as_ref(), Ok(&value), "{written}");
            }
        }
        for value in [
            json!(1),
            json!(-0.5),
            json!(1e300),
            json!(1.5e-9),
            json!(true),
            json!(null),
            json!(9_007_199_254_740_991_i64),
        ] {
            let value = json!({"k": [value]});
            let read = parse(&to_yaml(&value)).map(|document| document.root().to_json());
            assert_eq!(read, Ok(value));
        }
    }
}
