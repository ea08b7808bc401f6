//! Secrets that are known by what stands around them: `PASSWORD=…`, `--token …`,
//! `-p …`, `Authorization: …`.

use super::names::{self, Named};
use super::value;
use super::{Leak, Sort};

/// A name of somebody's own is no longer than this.
const LONGEST_NAME: usize = 60;

/// And a value no longer than this, in bytes.
const LONGEST_VALUE: usize = 300;

/// What is found under a name, and what that says of it.
fn leak(named: Named, start: usize, end: usize) -> Leak {
    let (sort, what, name) = match named {
        Named::Password => (Sort::Password, "a password", "password"),
        Named::Token => (Sort::Token, "a token or key", "token"),
        Named::AwsSecret => (
            Sort::CloudKey,
            "a secret key of AWS",
            "aws_secret_access_key",
        ),
    };
    Leak {
        sort,
        what,
        name,
        start,
        end,
    }
}

/// Whether a value can be what its name says.
pub(super) fn fits(named: Named, text: &str) -> bool {
    match named {
        Named::Password => value::is_password(text),
        Named::Token => value::is_token(text),
        Named::AwsSecret => text.len() == 40 && value::is_token(text),
    }
}

/// Finds values by the names in front of them: assignments of shells and programs,
/// keys of JSON and YAML, options, parts of queries.
pub(super) fn named(text: &str, leaks: &mut Vec<Leak>) {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let named = match byte {
            b'=' | b':' => name_before(text, at),
            b' ' => option_before(text, at),
            _ => continue,
        };
        let Some(named) = named.and_then(names::meaning) else {
            continue;
        };
        let Some((start, end)) = value_behind(text, at) else {
            continue;
        };
        if fits(named, &text[start..end]) {
            leaks.push(leak(named, start, end));
        }
    }
}

/// The name that ends before a `=` or `:`, blanks, quotes and brackets apart.
fn name_before(text: &str, at: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let mut end = at;
    while end > 0 && matches!(bytes[end - 1], b' ' | b'"' | b'\'' | b']' | b'\\') && at - end < 5 {
        end -= 1;
    }
    let before = bytes[..end].iter().rev().take(LONGEST_NAME + 1);
    let length = before.take_while(|byte| is_part(**byte)).count();
    (1..=LONGEST_NAME)
        .contains(&length)
        .then(|| &text[end - length..end])
}

/// The option of the form `--name` that ends before a blank.
fn option_before(text: &str, at: usize) -> Option<&str> {
    let name = name_before(text, at)?;
    (name.starts_with("--") && text[..at].ends_with(name)).then_some(name)
}

/// Where the value behind a `=`, `:` or blank stands, quotes apart.
fn value_behind(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let bytes = &bytes[..bytes.len().min(at + LONGEST_VALUE)];
    let mut start = at + 1;
    while start < bytes.len() && bytes[start] == b' ' && start - at < 4 {
        start += 1;
    }
    let is_apart = start > at + 1;
    let quote = bytes
        .get(start)
        .copied()
        .filter(|byte| matches!(byte, b'"' | b'\''));
    if let Some(quote) = quote {
        start += 1;
        // Quotes inside a text in quotes are escaped.
        let end = bytes[start..]
            .iter()
            .position(|byte| *byte == quote || *byte == b'\n')?;
        let end = start + end;
        return (bytes[end] == quote).then(|| (start, end - usize::from(bytes[end - 1] == b'\\')));
    }
    if bytes.get(start) == Some(&b'\\') && matches!(bytes.get(start + 1), Some(b'"' | b'\'')) {
        start += 2;
    }
    // Without a blank a `:` begins a tag, a port, a part of an address.
    if bytes[at] == b':' && !is_apart {
        return None;
    }
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`;,&|)<>\\}]".contains(byte);
    let length = bytes[start..]
        .iter()
        .position(ends)
        .unwrap_or(bytes.len() - start);
    let end = start
        + text[start..start + length]
            .trim_end_matches(['.', ':', '?'])
            .len();
    (end > start).then_some((start, end))
}

/// Finds what headers bring: `Authorization: Bearer …`, `Basic …`, `token …`.
pub(super) fn headers(text: &str, leaks: &mut Vec<Leak>) {
    const SCHEMES: [&str; 3] = ["bearer ", "basic ", "token "];
    let lower = text.to_ascii_lowercase();
    for (found, header) in lower.match_indices("authorization") {
        let mut at = found + header.len();
        let rest = &lower[at..];
        at += rest.len()
            - rest
                .trim_start_matches([' ', ':', '"', '\'', '=', ',', 'f', ']'])
                .len();
        let Some(scheme) = SCHEMES
            .iter()
            .find(|scheme| lower[at..].starts_with(**scheme))
        else {
            continue;
        };
        let start = at + scheme.len();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_.~-".contains(byte);
        let length = lower.as_bytes()[start..]
            .iter()
            .take_while(|byte| is_part(byte))
            .count();
        let end = start + length;
        if length >= 16
            && value::entropy(&text[start..end]) >= 3.0
            && !value::is_stand_in(&text[start..end])
            && value::is_random(&text[start..end])
        {
            leaks.push(Leak {
                what: "what a server takes for proof of who asks",
                name: "authorization",
                ..leak(Named::Token, start, end)
            });
        }
    }
}

/// How a program takes a password.
struct Usage {
    program: &'static str,
    /// A word that has to follow somewhere.
    with: &'static str,
    option: &'static str,
    takes: Takes,
}

#[derive(Clone, Copy, PartialEq)]
enum Takes {
    /// The next word, or the rest of this one.
    Either,
    /// The rest of this word.
    Attached,
    /// The next word, behind its `:`.
    Pair(char),
    /// The next word that is no option.
    Argument,
}

const fn usage(
    program: &'static str,
    with: &'static str,
    option: &'static str,
    takes: Takes,
) -> Usage {
    Usage {
        program,
        with,
        option,
        takes,
    }
}

static USAGES: &[Usage] = &[
    usage("sshpass", "", "-p", Takes::Either),
    usage("docker", "login", "-p", Takes::Either),
    usage("podman", "login", "-p", Takes::Either),
    usage("nerdctl", "login", "-p", Takes::Either),
    usage("skopeo", "login", "-p", Takes::Either),
    usage("oras", "login", "-p", Takes::Either),
    usage("helm", "login", "-p", Takes::Either),
    usage("az", "login", "-p", Takes::Either),
    usage("mysql", "", "-p", Takes::Attached),
    usage("mysqldump", "", "-p", Takes::Attached),
    usage("mysqladmin", "", "-p", Takes::Attached),
    usage("mariadb", "", "-p", Takes::Attached),
    usage("mongo", "", "-p", Takes::Either),
    usage("mongosh", "", "-p", Takes::Either),
    usage("mongodump", "", "-p", Takes::Either),
    usage("redis-cli", "", "-a", Takes::Either),
    usage("zip", "", "-P", Takes::Either),
    usage("unzip", "", "-P", Takes::Either),
    usage("7z", "", "-p", Takes::Attached),
    usage("curl", "", "-u", Takes::Pair(':')),
    usage("curl", "", "--user", Takes::Pair(':')),
    usage("smbclient", "", "-U", Takes::Pair('%')),
    usage("wandb", "login", "login", Takes::Argument),
    usage("swanlab", "login", "-k", Takes::Either),
];

/// Finds what programs are given as passwords.
pub(super) fn programs(text: &str, leaks: &mut Vec<Leak>) {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.len() < 10_000
            && (line.contains(" -") || line.contains("login") || line.contains("chpasswd"))
        {
            simple_commands(line, offset, leaks);
        }
        offset += line.len();
    }
}

/// The commands of a line, between `;`, `|` and `&`.
fn simple_commands(line: &str, offset: usize, leaks: &mut Vec<Leak>) {
    let words = words(line);
    let is_end = |word: &Word| word.is_operator;
    let mut piped: Option<(usize, usize)> = None;
    for command in words.split(is_end) {
        let text = |word: &Word| &line[word.start..word.end];
        let base_names: Vec<&str> = command
            .iter()
            .map(|word| text(word).rsplit('/').next().unwrap_or_default())
            .collect();
        let is_called = |name: &str| base_names.contains(&name);
        let mut add = |start: usize, end: usize| {
            if value::is_password(&line[start..end]) || value::is_token(&line[start..end]) {
                leaks.push(leak(Named::Password, offset + start, offset + end));
            }
        };
        let reads_stdin = command.iter().any(|word| text(word) == "--password-stdin")
            || (is_called("sudo") && command.iter().any(|word| text(word) == "-S"));
        if let Some((start, end)) = piped.take() {
            if reads_stdin {
                add(start, end);
            } else if is_called("chpasswd")
                && let Some(colon) = line[start..end].find(':')
            {
                add(start + colon + 1, end);
            }
        }
        if (is_called("echo") || is_called("printf"))
            && let Some(last) = command.last()
        {
            piped = Some((last.start, last.end));
        }
        for usage in USAGES {
            let Some(from) = base_names.iter().position(|name| *name == usage.program) else {
                continue;
            };
            let arguments = &command[from + 1..];
            if !usage.with.is_empty() && !arguments.iter().any(|word| text(word) == usage.with) {
                continue;
            }
            let is_option = |word: &Word| text(word).starts_with('-');
            for (index, word) in arguments.iter().enumerate() {
                let Some(rest) = text(word).strip_prefix(usage.option) else {
                    continue;
                };
                let mut behind = arguments[index + 1..].iter();
                let next = match usage.takes {
                    Takes::Argument => behind.find(|next| !is_option(next)),
                    _ => behind.next().filter(|next| !is_option(next)),
                };
                match (usage.takes, next) {
                    (Takes::Either | Takes::Attached, _)
                        if !rest.is_empty() && !rest.starts_with(['=', '-']) =>
                    {
                        add(word.end - rest.len(), word.end);
                    }
                    (Takes::Either | Takes::Argument, Some(next)) if rest.is_empty() => {
                        add(next.start, next.end);
                    }
                    (Takes::Pair(mark), Some(next)) if rest.is_empty() => {
                        if let Some(colon) = text(next).find(mark) {
                            add(next.start + colon + 1, next.end);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// A word of a shell's line, quotes around it apart.
struct Word {
    start: usize,
    end: usize,
    is_operator: bool,
}

fn words(line: &str) -> Vec<Word> {
    let bytes = line.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_whitespace() {
            at += 1;
        } else if b";|&()".contains(&byte) {
            words.push(Word {
                start: at,
                end: at + 1,
                is_operator: true,
            });
            at += 1;
        } else if matches!(byte, b'"' | b'\'') {
            let start = at + 1;
            let length = bytes[start..].iter().position(|next| *next == byte);
            let end = length.map_or(bytes.len(), |length| start + length);
            words.push(Word {
                start,
                end,
                is_operator: false,
            });
            at = end + 1;
        } else {
            let start = at;
            let mut open = None;
            let mut last_quote = None;
            while at < bytes.len() {
                let byte = bytes[at];
                match open {
                    Some(quote) if byte == quote => open = None,
                    None if matches!(byte, b'"' | b'\'') => {
                        (open, last_quote) = (Some(byte), Some(at));
                    }
                    None if byte.is_ascii_whitespace() || b";|&()".contains(&byte) => break,
                    _ => {}
                }
                at += 1;
            }
            // `-p"…"`: the option and what is in quotes are two words to look at.
            match last_quote.filter(|quote| {
                bytes[start] == b'-' && at - quote > 2 && bytes[at - 1] == bytes[*quote]
            }) {
                Some(quote) => {
                    words.push(Word {
                        start,
                        end: quote,
                        is_operator: false,
                    });
                    words.push(Word {
                        start: quote + 1,
                        end: at - 1,
                        is_operator: false,
                    });
                }
                None => words.push(Word {
                    start,
                    end: at,
                    is_operator: false,
                }),
            }
        }
    }
    words
}
