//! Finds secrets that somebody left in a text: keys, tokens, passwords,
//! connection strings, private keys.
//!
//! Some are known by their looks ([`scan`] knows more than sixty publicly documented
//! formats), others by what stands around them: a name such as `DB_PASSWORD`, an
//! option such as `-p`, an address with a password in it. No finding is what only
//! stands for a secret: `<% … %>`, `$TOKEN`, `<your token>`, `xxxx`, and for those
//! known by their surroundings what is shorter than eight characters or has fewer
//! than three bits a character.
//!
//! There is no engine of regular expressions: the browser has to load this. The work
//! grows with the length of the text.
//!
//! Read for comparison, none of it taken: gitleaks (MIT), detect-secrets
//! (Apache-2.0), secretlint (MIT).

mod address;
mod context;
mod formats;
mod names;
mod value;

use crate::order;

/// What sort of secret it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A token or key of a service.
    Token,
    /// A key to a cloud's account or storage.
    CloudKey,
    /// A private key.
    PrivateKey,
    /// A password.
    Password,
}

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// What sort of secret it is.
    pub sort: Sort,
    /// What it looks like, in words: "a token of GitHub".
    pub what: &'static str,
    /// What it may be called in `secrets`: a flat name, the portal knows no others.
    pub name: &'static str,
    /// The byte at which it begins.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
}

/// The secrets in a text, in its order; no two overlap.
pub fn scan(text: &str) -> Vec<Leak> {
    let mut leaks = Vec::new();
    formats::find(text, &mut leaks);
    let known = leaks.len();
    address::find(text, &mut leaks);
    context::programs(text, &mut leaks);
    context::headers(text, &mut leaks);
    context::named(text, &mut leaks);
    // What is known by its looks says most; of others the first.
    let mut kept: Vec<Leak> = Vec::with_capacity(leaks.len());
    let (looks, others) = leaks.split_at(known);
    kept.extend_from_slice(looks);
    let mut others = others.to_vec();
    order::by(&mut others, |one, other| one.start.cmp(&other.start));
    let mut last: Option<&Leak> = None;
    let mut looks = looks.iter().peekable();
    let mut apart = Vec::new();
    for leak in &others {
        while looks.next_if(|known| known.end <= leak.start).is_some() {}
        let is_known = looks.peek().is_some_and(|known| known.start < leak.end);
        if !is_known && last.is_none_or(|last| last.end <= leak.start) {
            apart.push(leak.clone());
            last = Some(leak);
        }
    }
    kept.extend(apart);
    order::by(&mut kept, |one, other| one.start.cmp(&other.start));
    kept
}

/// The secrets in the value of a key: as [`scan`], and the whole of it if the key
/// says so (`password: …`).
pub fn scan_value(key: &str, text: &str) -> Vec<Leak> {
    let leaks = scan(text);
    if !leaks.is_empty() {
        return leaks;
    }
    let sort = match names::meaning(key) {
        Some(named) if context::fits(named, text) => match named {
            names::Named::Password => (Sort::Password, "a password", "password"),
            names::Named::Token => (Sort::Token, "a token or key", "token"),
            names::Named::AwsSecret => (
                Sort::CloudKey,
                "a secret key of AWS",
                "aws_secret_access_key",
            ),
        },
        _ => return leaks,
    };
    vec![Leak {
        sort: sort.0,
        what: sort.1,
        name: sort.2,
        start: 0,
        end: text.len(),
    }]
}

/// Whether a text only stands for a secret: a variable, a placeholder, `<password>`.
pub fn is_stand_in(text: &str) -> bool {
    value::is_stand_in(text)
}

/// Whether what has this name is a secret: `DB_PASSWORD`, `apiKey`.
pub fn names_secret(name: &str) -> bool {
    names::meaning(name).is_some()
}

/// A flat name for a secret that stands under such a key.
pub fn flat_name(key: &str) -> String {
    names::flat(key)
}

/// The longest value that is looked at, in bytes; the longest of the formats has a
/// few hundred.
const LONGEST: usize = 4096;

/// So many bytes of a text at most, cut between characters.
fn start_of(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What of a secret may be shown: its first four characters, and of a short one
/// none.
pub fn shown(secret: &str) -> String {
    let length = secret.chars().count();
    let count = if length < 16 { 0 } else { SHOWN };
    secret.chars().take(count).chain(['…']).collect()
}

/// How many characters of a secret are shown at most.
pub const SHOWN: usize = 4;
