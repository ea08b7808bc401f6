//! Secrets in addresses: `https://user:password@host`, `?sig=…`.

use super::value;
use super::{Leak, Sort};

pub(super) fn find(text: &str, leaks: &mut Vec<Leak>) {
    for (at, mark) in text.match_indices("://") {
        credentials(text, at + mark.len(), leaks);
    }
    for (at, mark) in text.match_indices("sig=") {
        signature(text, at, at + mark.len(), leaks);
    }
}

/// What stands before an `@` in the part of an address that names its host.
fn credentials(text: &str, start: usize, leaks: &mut Vec<Leak>) {
    let ends = |letter: char| letter.is_whitespace() || "/?#\"'`<>".contains(letter);
    let rest = &text[start..];
    let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let Some((user, _)) = authority.rsplit_once('@') else {
        return;
    };
    let (secret, from) = match user.split_once(':') {
        Some((name, secret)) => (secret, start + name.len() + 1),
        None => (user, start),
    };
    let is_secret = if from > start {
        value::is_password(secret) || value::is_token(secret)
    } else {
        secret.len() >= 20 && value::is_token(secret)
    };
    if is_secret {
        leaks.push(Leak {
            sort: Sort::Password,
            what: "a password in an address",
            name: "password",
            start: from,
            end: from + secret.len(),
        });
    }
}

/// The signature of an Azure SAS: 32 bytes in base64, with what it signs around it.
fn signature(text: &str, at: usize, start: usize, leaks: &mut Vec<Leak>) {
    let bytes = text.as_bytes();
    if at > 0 && !b"?&;\"' ".contains(&bytes[at - 1]) {
        return;
    }
    let has = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=%".contains(byte);
    let length = bytes[start..]
        .iter()
        .take(100)
        .take_while(|byte| has(byte))
        .count();
    let value = &text[start..start + length];
    let encoded = value.matches('%').count();
    let decoded = length.saturating_sub(2 * encoded);
    let ends = |letter: char| letter.is_whitespace() || "\"'`<>".contains(letter);
    let before = text[..at].rfind(ends).map_or(0, |end| end + 1);
    let after = text[start..]
        .find(ends)
        .map_or(text.len(), |end| start + end);
    let around = &text[before..after];
    let is_signed = around.contains("sv=") || around.contains("se=");
    if is_signed && matches!(decoded, 43 | 44) && value::entropy(value) >= 3.5 {
        leaks.push(Leak {
            sort: Sort::CloudKey,
            what: "the signature of an Azure SAS",
            name: "azure_sas_signature",
            start,
            end: start + length,
        });
    }
}
