//! Secrets that are known by their looks: publicly documented formats of keys
//! and tokens.

mod table;

use super::value;
use super::{Leak, Sort};
use table::{FORMATS, Format, Letters};

/// The bytes that a format begins with.
fn begins_format(byte: u8) -> bool {
    matches!(
        byte,
        b'A' | b'G' | b'L' | b'N' | b'P' | b'S' | b'a' | b'd' | b'f' | b'g'
            ..=b'h' | b'l' | b'n' | b'p' | b'r' | b's' | b'w' | b'x' | b'y'
    )
}

/// Finds everything of a known format.
pub(super) fn find(text: &str, leaks: &mut Vec<Leak>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let is_boundary =
            at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
        let found = if is_boundary && begins_format(byte) {
            prefixed(text, at)
        } else if byte == b'~' && bytes[..at].ends_with(b"Q") {
            client_secret(text, at)
        } else if byte == b':' && bytes[at + 1..].starts_with(b"AA") {
            bot_token(text, at)
        } else if byte == b'-' && bytes[at..].starts_with(b"-----BEGIN ") {
            private_key(text, at)
        } else {
            None
        };
        let found = found.or_else(|| {
            (is_boundary && bytes[at..].starts_with(b"eyJ"))
                .then(|| web_token(text, at))
                .flatten()
        });
        let found = found.or_else(|| {
            (byte == b'h' && is_boundary)
                .then(|| webhook(text, at))
                .flatten()
        });
        match found {
            Some(leak) => {
                at = leak.end.max(at + 1);
                leaks.push(leak);
            }
            None => at += 1,
        }
    }
}

/// How many bytes from there on are such letters; [`LONGEST`](super::LONGEST) at most.
fn run(bytes: &[u8], has: impl Fn(u8) -> bool) -> usize {
    let bytes = &bytes[..bytes.len().min(super::LONGEST)];
    bytes.iter().take_while(|byte| has(**byte)).count()
}

fn prefixed(text: &str, at: usize) -> Option<Leak> {
    let bytes = text.as_bytes();
    let first = bytes[at];
    let fits = |format: &&Format| {
        // Most are told apart by that, and it costs less.
        if format.prefix.as_bytes()[0] != first
            || !bytes[at..].starts_with(format.prefix.as_bytes())
        {
            return false;
        }
        let start = at + format.prefix.len();
        let (least, most) = (usize::from(format.length.0), usize::from(format.length.1));
        // One more than there may be is enough to know.
        let rest = &bytes[start..bytes.len().min(start + most + 1)];
        let length = run(rest, |byte| format.letters.has(byte));
        let next = bytes.get(start + length).copied().unwrap_or_default();
        let body = &text[start..start + length];
        (least..=most).contains(&length)
            && !(next.is_ascii_alphanumeric() || next == b'_')
            && body.contains(format.holds)
            && value::is_random(body)
    };
    let format = FORMATS.iter().find(fits)?;
    let start = at + format.prefix.len();
    let end = start + run(&bytes[start..], |byte| format.letters.has(byte));
    Some(Leak {
        sort: format.sort,
        what: format.what,
        name: format.name,
        start: if format.prefix.ends_with('=') {
            start
        } else {
            at
        },
        // A full stop behind a token ends a sentence.
        end: start + text[start..end].trim_end_matches('.').len(),
    })
}

/// The client secret of an app in Microsoft Entra: three letters, a digit, `Q~`
/// and 31 to 34 letters.
fn client_secret(text: &str, at: usize) -> Option<Leak> {
    let bytes = text.as_bytes();
    let start = at.checked_sub(5)?;
    let has = |byte: u8| byte.is_ascii_alphanumeric() || b"_~.-".contains(&byte);
    // One more than there may be is enough to know.
    let rest = &bytes[at + 1..bytes.len().min(at + 36)];
    let length = run(rest, has);
    let is_one = bytes[start..at - 2].iter().all(|byte| has(*byte))
        && bytes[at - 2].is_ascii_digit()
        && (start == 0 || !has(bytes[start - 1]))
        && (31..=34).contains(&length)
        && value::is_random(&text[at + 1..=at + length]);
    is_one.then_some(Leak {
        sort: Sort::CloudKey,
        what: "a client secret of Azure",
        name: "azure_client_secret",
        start,
        end: at + 1 + length,
    })
}

/// The token of a Telegram bot: eight to ten digits, `:AA` and 33 letters.
fn bot_token(text: &str, at: usize) -> Option<Leak> {
    let bytes = text.as_bytes();
    let digits = bytes[..at]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let length = run(&bytes[at + 1..], |byte| Letters::Dash.has(byte));
    let is_one =
        (8..=10).contains(&digits) && length == 35 && value::is_random(&text[at + 3..=at + length]);
    is_one.then_some(Leak {
        sort: Sort::Token,
        what: "the token of a Telegram bot",
        name: "telegram_token",
        start: at - digits,
        end: at + 1 + length,
    })
}

/// A private key in PEM, up to its end or the text's.
fn private_key(text: &str, at: usize) -> Option<Leak> {
    const HEAD: usize = 60;
    let rest = super::start_of(&text[at..], 4 * super::LONGEST);
    let kind = super::start_of(rest, HEAD).find("PRIVATE KEY")?;
    let start = kind + "PRIVATE KEY-----".len();
    let next = rest.get(start..)?.find("-----BEGIN ");
    let rest = &rest[..next.map_or(rest.len(), |next| start + next)];
    let end = rest.find("-----END ").map_or(rest.len(), |end| {
        let tail = rest[end..].find("KEY-----");
        tail.map_or(rest.len(), |more| end + more + "KEY-----".len())
    });
    let body = rest.get(start..end)?;
    let letters = body
        .bytes()
        .filter(|byte| Letters::Base64.has(*byte))
        .count();
    (letters >= 64 && value::entropy(body) >= 3.5).then_some(Leak {
        sort: Sort::PrivateKey,
        what: "a private key",
        name: "private_key",
        start: at,
        end: at + end,
    })
}

/// A JSON Web Token; OpenPAI's say whose they are.
fn web_token(text: &str, at: usize) -> Option<Leak> {
    let bytes = text.as_bytes();
    let head = run(&bytes[at..], |byte| Letters::Dash.has(byte));
    if head < 16 || !bytes[at + head..].starts_with(b".eyJ") {
        return None;
    }
    let length = run(&bytes[at..], |byte| Letters::Dot.has(byte));
    let token = text[at..at + length].trim_end_matches('.');
    let mut parts = token.split('.');
    let (head, body, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let is_one = parts.next().is_none()
        && signature.len() >= 20
        && value::is_random(signature)
        && decoded(head).is_some_and(|head| head.contains("\"alg\""));
    if !is_one {
        return None;
    }
    let claims = decoded(body).unwrap_or_default();
    let is_openpais = claims.contains("\"username\"") || claims.contains("\"application\"");
    let (what, name) = if is_openpais {
        (
            "a token of OpenPAI, with which anybody can act as its owner,",
            "openpai_token",
        )
    } else {
        ("a JSON Web Token", "access_token")
    };
    Some(Leak {
        sort: Sort::Token,
        what,
        name,
        start: at,
        end: at + token.len(),
    })
}

/// What stands in a part of a web token.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in part.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

/// An address that anybody can write to who knows it.
fn webhook(text: &str, at: usize) -> Option<Leak> {
    const HOOKS: [(&str, usize, &str); 3] = [
        (
            "https://hooks.slack.com/services/",
            40,
            "a webhook of Slack",
        ),
        (
            "https://discord.com/api/webhooks/",
            70,
            "a webhook of Discord",
        ),
        (
            "https://oapi.dingtalk.com/robot/send?access_token=",
            64,
            "a webhook of DingTalk",
        ),
    ];
    let bytes = text.as_bytes();
    let (prefix, least, what) = HOOKS
        .into_iter()
        .find(|(prefix, ..)| bytes[at..].starts_with(prefix.as_bytes()))?;
    let start = at + prefix.len();
    let length = run(&bytes[start..], |byte| {
        Letters::Dash.has(byte) || byte == b'/'
    });
    let body = &text[start..start + length];
    (length >= least && value::is_random(body)).then_some(Leak {
        sort: Sort::Token,
        what,
        name: "webhook",
        start,
        end: start + length,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_format_is_passed_over_for_its_first_letter() {
        for format in FORMATS {
            assert!(
                begins_format(format.prefix.as_bytes()[0]),
                "{}",
                format.prefix
            );
        }
        assert!(FORMATS.len() + 7 >= 35);
    }
}
