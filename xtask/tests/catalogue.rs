//! What people read in the plugin is in its message catalogue, so that it is there in
//! every language. Findings of the validator and errors of the API stay English.
//!
//! The tokenizer is its own: with that of `proc-macro2` this was ten lines shorter, and wanted
//! its feature `span-locations` to see where blanks stand, by which text is told from code.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// Words that look like English and are names of something: keys, headers, values of YAML.
const NAMES: &[&str] = &[
    "Accept",
    "Authorization",
    "Bearer",
    "End",
    "Escape",
    "False",
    "Home",
    "None",
    "Tab",
    "True",
    "Warning",
    "www",
];

/// Attributes that are read out or shown.
const SPOKEN: &[&str] = &[
    "alt",
    "aria-description",
    "aria-label",
    "aria-placeholder",
    "aria-roledescription",
    "aria-valuetext",
    "label",
    "placeholder",
    "title",
];

#[test]
fn no_text_stands_outside_the_catalogue() {
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugin");
    let mut files = Vec::new();
    collect(&plugin.join("src"), &mut files);
    collect(&plugin.join("styles"), &mut files);
    assert!(files.len() > 50, "the plugin's code has moved");
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let prose = if file.extension().is_some_and(|extension| extension == "css") {
            of_styles(&text)
        } else {
            of_code(&text)
        };
        let file = file.strip_prefix(&plugin).unwrap().display();
        found.extend(prose.iter().map(|text| format!("{file}: {text}")));
    }
    assert!(
        found.is_empty(),
        "move this to plugin/messages:\n{}",
        found.join("\n")
    );
}

#[test]
fn text_is_told_from_names() {
    let found = |code: &str| !of_code(code).is_empty();
    for text in [
        r#"button("button", "Create", act)"#,
        r#"toasts.done(format!("{what} copied."))"#,
        r##"format!(r#"<p class="hint">{} Waits</p>"#, x)"##,
        r##"format!(r#"<b aria-label="more">{x}</b>"#)"##,
        r#"view! { <p>"nothing"</p> }"#,
        r#"view! { <p> "nothing" {x}</p> }"#,
        r"view! { <p>nothing</p> }",
        r#"view! { <p>{"nothing"}</p> }"#,
        r#"view! { <input placeholder="search" /> }"#,
        r#"label: "nothing to see""#,
        "if x { // Why.\n    say(\"It's done\") }",
    ] {
        assert!(found(text), "{text}");
    }
    for text in [
        "// Create it.\nlet a = 'C';",
        r#"#[doc = "Create"] fn a() {}"#,
        r#"view! { <a class="button primary" aria-labelledby="copy-title">{messages::close()} " " "×"</a> }"#,
        r#"request.header("If-Match", &format!("Bearer {token}"))"#,
        r#"query("/jobs?state=SUCCEEDED&order={order}", "submissionTime,DESC")"#,
        "#[cfg(test)]\nmod tests { const A: &str = \"Create\"; }",
        r#"map.get("itemId").expect("URLSearchParams Exists")"#,
        "let a: Vec<Option<Box<dyn Fn()>>> = b < c && d > e;",
    ] {
        assert!(!found(text), "{text}: {:?}", of_code(text));
    }
    assert!(!of_styles(".a::after { content: \"new\"; }").is_empty());
    assert!(of_styles(".a::after { content: \"▸\"; color: red }").is_empty());
    assert!(of_styles(".a::after { content: counter(step) \" \" }").is_empty());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.file_stem().is_some_and(|name| name == "tests");
        let extension = path.extension().unwrap_or_default();
        if path.is_dir() {
            collect(&path, files);
        } else if !is_test && (extension == "rs" || extension == "css") {
            files.push(path);
        }
    }
}

/// What people would read in a style sheet.
fn of_styles(text: &str) -> Vec<String> {
    let contents = text.split("content:").skip(1);
    let texts = contents.filter_map(|rest| rest.split([';', '}']).next());
    // Every other piece stands between quotes.
    let is_read = |text: &&str| {
        let mut quoted = text.split('"').skip(1).step_by(2);
        quoted.any(|text| text.contains(char::is_alphabetic))
    };
    texts.filter(is_read).map(str::to_owned).collect()
}

/// What people would read in a file of Rust.
fn of_code(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let (code, literals) = literals(text);
    let mut found: Vec<String> = Vec::new();
    for Literal {
        text,
        before,
        after,
    } in literals
    {
        // Programmers read the one, and the other is the same in all languages.
        if before.ends_with("expect(") || text.starts_with("protocolVersion: 2\\n") {
            continue;
        }
        let is_shown = has_letters(&text) && (is_child(&before, &after) || is_spoken(&before));
        if is_shown || is_prose(&text) {
            found.push(text);
        }
    }
    found.extend(bare(&code));
    found
}

struct Literal {
    text: String,
    /// The code before and after it.
    before: String,
    after: String,
}

/// The code without comments, attributes and what is in its string literals, and those.
fn literals(text: &str) -> (String, Vec<Literal>) {
    let characters: Vec<char> = text.chars().collect();
    let starts = |at: usize, word: &str| {
        word.chars()
            .enumerate()
            .all(|(index, character)| characters.get(at + index) == Some(&character))
    };
    let (mut code, mut all) = (String::new(), Vec::<Literal>::new());
    let mut ends = Vec::new();
    let mut at = 0;
    // How deep in the brackets of an attribute.
    let mut depth = 0_usize;
    while at < characters.len() {
        let hashes = characters[at..]
            .iter()
            .skip(1)
            .take_while(|character| **character == '#')
            .count();
        if starts(at, "//") {
            while at < characters.len() && characters[at] != '\n' {
                at += 1;
            }
        } else if starts(at, "#[") || starts(at, "#![") {
            depth += 1;
            at += if starts(at, "#[") { 2 } else { 3 };
        } else if characters[at] == 'r' && characters.get(at + 1 + hashes) == Some(&'"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = at + hashes + 2;
            at = begin;
            while at < characters.len() && !starts(at, &end) {
                at += 1;
            }
            if depth == 0 {
                keep(&characters[begin..at], &mut code, &mut all, &mut ends);
            }
            at += end.len();
        } else if characters[at] == '"' {
            let begin = at + 1;
            at = begin;
            while at < characters.len() && characters[at] != '"' {
                at += if characters[at] == '\\' { 2 } else { 1 };
            }
            if depth == 0 {
                let end = at.min(characters.len());
                keep(&characters[begin..end], &mut code, &mut all, &mut ends);
            }
            at += 1;
        } else if characters[at] == '\'' && starts(at + 1, "\\") {
            at += 4;
        } else if characters[at] == '\'' && characters.get(at + 2) == Some(&'\'') {
            at += 3;
        } else {
            if depth == 0 {
                code.push(characters[at]);
            } else if characters[at] == '[' {
                depth += 1;
            } else if characters[at] == ']' {
                depth -= 1;
            }
            at += 1;
        }
    }
    for (literal, end) in all.iter_mut().zip(ends) {
        literal.after = code[end..].chars().take(40).collect();
    }
    (code, all)
}

fn keep(text: &[char], code: &mut String, all: &mut Vec<Literal>, ends: &mut Vec<usize>) {
    let before = code.trim_end().trim_end_matches('&');
    let from = before.len().saturating_sub(40);
    let from = before.ceil_char_boundary(from);
    all.push(Literal {
        text: text.iter().collect(),
        before: before[from..].to_owned(),
        after: String::new(),
    });
    // What follows a literal in a view is no part of a tag.
    code.push_str("\"\"");
    ends.push(code.len());
}

fn has_letters(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// Whether it stands in an element: behind a tag, a closed brace or another literal, and
/// before the same.
fn is_child(before: &str, after: &str) -> bool {
    let begins = before.ends_with('>') && !before.ends_with("=>") && !before.ends_with("->");
    let in_braces = before.ends_with(">{") && after.trim_start().starts_with('}');
    let ends = after.trim_start();
    in_braces || begins && (ends.starts_with('<') || ends.starts_with('{') || ends.starts_with('"'))
}

fn is_spoken(before: &str) -> bool {
    let Some(before) = before.strip_suffix('=') else {
        return false;
    };
    let name = before
        .rsplit(|c: char| !(c.is_alphanumeric() || c == '-'))
        .next();
    SPOKEN.contains(&name.unwrap_or_default())
}

/// Whether it has words as in a sentence, besides HTML, placeholders and names.
fn is_prose(text: &str) -> bool {
    let text = text.replace("\\n", " ");
    let mut shown = String::new();
    let (mut tag, mut place) = (false, false);
    for character in text.chars() {
        match character {
            '<' => tag = true,
            '>' if tag => tag = false,
            '{' => place = true,
            '}' if place => place = false,
            other if !tag && !place => {
                shown.push(other);
                continue;
            }
            _ => {}
        }
        shown.push(' ');
    }
    let in_html = SPOKEN.iter().any(|name| {
        let mark = format!(" {name}=\"");
        let value = text.split(&mark).nth(1);
        value.is_some_and(|value| value.starts_with(char::is_alphabetic))
    });
    let is_word = |word: &str| {
        word.len() > 1
            && word
                .chars()
                .skip(1)
                .all(|c| c.is_ascii_lowercase() || "'’".contains(c))
    };
    let words = shown.split_whitespace().filter(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_capital = bare.starts_with(|c: char| c.is_ascii_uppercase());
        let ends = word.ends_with(['.', '!', '?', '…']);
        let starts = word.starts_with(|c: char| c.is_alphabetic() || "“‘(".contains(c));
        is_word(bare) && starts && (is_capital || ends) && !NAMES.contains(&bare)
    });
    in_html || words.count() > 0 || is_sentence(&shown)
}

/// Small words that join others occur in sentences alone.
fn is_sentence(text: &str) -> bool {
    const JOINTS: &[&str] = &[
        "a", "an", "and", "by", "for", "in", "is", "it", "no", "not", "of", "on", "or", "the",
        "to", "with",
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    words.len() > 1 && words.iter().any(|word| JOINTS.contains(word))
}

/// Words between tags that are no literals, which views take too.
fn bare(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in code.split("view! {").skip(1) {
        for (at, _) in part.match_indices('>') {
            let is_arrow = part[..at].ends_with(['=', '-']);
            let text: String = part[at + 1..]
                .chars()
                .take_while(|c| !"<>{}\"".contains(*c))
                .collect();
            let next = part[at + 1 + text.len()..]
                .chars()
                .take(2)
                .collect::<String>();
            let is_words = has_letters(&text)
                && text
                    .chars()
                    .all(|c| c.is_alphabetic() || " \n.,!?'’".contains(c));
            if !is_arrow && is_words && next == "</" {
                found.push(text.trim().to_owned());
            }
        }
    }
    found
}
