//! Encryption of what the database must not give away: see `docs/storage.md`
//! for the format and how keys are rotated.
//!
//! A sealed text is `v1:KEY:BASE64`. `KEY` are eight hexadecimal digits that
//! tell keys apart, `BASE64` is a random nonce of 24 bytes and behind it the
//! text under XChaCha20-Poly1305. What the text belongs to is authenticated
//! with it, so a sealed text that is moved to another row no longer opens.

use anyhow::ensure;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chacha20poly1305::aead::{Aead, OsRng, Payload};
use chacha20poly1305::{AeadCore, KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;

/// The fewest characters of a key: 32 random bytes take 44 in Base64.
pub const MIN_KEY_CHARS: usize = 32;

const PREFIX: &str = "v1:";
/// The server's keys: one that seals, and those that only open. Without any,
/// texts are kept as they are.
#[derive(Default)]
pub struct Keyring {
    current: Option<Key>,
    old: Vec<Key>,
}

struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
}

/// Why a text cannot be sealed or opened. Says what an admin must look at and
/// nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No key of the ring sealed it.
    #[error(
        "it is encrypted with a key that this server does not have: put that key into SECRET_KEY, or into \
         SECRET_KEY_OLD if there is a newer one"
    )]
    UnknownKey,
    /// The key is right, the text is not.
    #[error("it is damaged, or was moved here from another row")]
    Damaged,
    /// It is longer than the cipher takes.
    #[error("it is too long to be encrypted")]
    TooLong,
}

impl Keyring {
    /// Makes a ring of SECRET_KEY and SECRET_KEY_OLD, which may hold several,
    /// separated by commas. Empty ones count as not set.
    ///
    /// # Errors
    /// When a key is too short to be random, or holds a comma. The message
    /// tells nothing of the key.
    pub fn new(current: Option<&str>, old: Option<&str>) -> anyhow::Result<Self> {
        let current = current.map(str::trim).filter(|key| !key.is_empty());
        ensure!(
            current.is_none_or(|key| !key.contains(',')),
            "SECRET_KEY must not hold a comma, which separates the keys of SECRET_KEY_OLD"
        );
        let old = old.unwrap_or_default().split(',').map(str::trim);
        Ok(Self {
            current: current.map(|key| Key::new("SECRET_KEY", key)).transpose()?,
            old: old
                .filter(|key| !key.is_empty())
                .map(|key| Key::new("SECRET_KEY_OLD", key))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Whether new texts are encrypted.
    pub fn seals(&self) -> bool {
        self.current.is_some()
    }

    /// Whether sealing the text again would protect it better: it is plain, or
    /// under an old key.
    pub fn is_stale(&self, stored: &str) -> bool {
        self.current
            .as_ref()
            .is_some_and(|key| split(stored).is_none_or(|(id, _)| id != key.id))
    }

    /// Encrypts a text for its `place`, such as a row and column; leaves it as
    /// it is when there is no key. A plain text must not begin with `v1:`.
    ///
    /// # Errors
    /// When it is longer than the cipher takes (256 GB).
    pub fn seal(&self, place: &str, plain: &str) -> Result<String, SecretError> {
        let Some(key) = &self.current else {
            return Ok(plain.to_owned());
        };
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let payload = Payload {
            msg: plain.as_bytes(),
            aad: place.as_bytes(),
        };
        let sealed = key
            .cipher
            .encrypt(&nonce, payload)
            .map_err(|_| SecretError::TooLong)?;
        let bytes = [nonce[..].as_ref(), &sealed].concat();
        Ok(format!(
            "{PREFIX}{}:{}",
            key.id,
            BASE64_STANDARD.encode(bytes)
        ))
    }

    /// Decrypts what was sealed for this `place`; a text that is not sealed
    /// comes back as it is.
    ///
    /// # Errors
    /// When the key is missing, or the text is not what was sealed here.
    pub fn open(&self, place: &str, stored: &str) -> Result<String, SecretError> {
        let Some((id, body)) = split(stored) else {
            return Ok(stored.to_owned());
        };
        let key = self
            .current
            .iter()
            .chain(&self.old)
            .find(|key| key.id == id)
            .ok_or(SecretError::UnknownKey)?;
        let bytes = BASE64_STANDARD
            .decode(body)
            .map_err(|_| SecretError::Damaged)?;
        let (nonce, sealed) = bytes.split_first_chunk().ok_or(SecretError::Damaged)?;
        let payload = Payload {
            msg: sealed,
            aad: place.as_bytes(),
        };
        let plain = key
            .cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| SecretError::Damaged)?;
        String::from_utf8(plain).map_err(|_| SecretError::Damaged)
    }
}

/// The key's id and the rest of a sealed text; `None` when it is not sealed.
fn split(stored: &str) -> Option<(&str, &str)> {
    stored.strip_prefix(PREFIX)?.split_once(':')
}

impl Key {
    fn new(setting: &str, text: &str) -> anyhow::Result<Self> {
        ensure!(
            text.chars().count() >= MIN_KEY_CHARS,
            "a key in {setting} is shorter than {MIN_KEY_CHARS} characters; make one with `openssl rand -base64 32`"
        );
        let derive = Hkdf::<Sha256>::new(None, text.as_bytes());
        let (mut key, mut id) = ([0; 32], [0; 4]);
        for (purpose, bytes) in [("key", &mut key[..]), ("key id", &mut id[..])] {
            let info = format!("openpai-marketplace v1 {purpose}");
            derive
                .expand(info.as_bytes(), bytes)
                .map_err(|error| anyhow::anyhow!("cannot derive a key: {error}"))?;
        }
        Ok(Self {
            id: format!("{:08x}", u32::from_be_bytes(id)),
            cipher: XChaCha20Poly1305::new(&key.into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an old key, no longer than it has to be"; // holds a comma
    const FIRST: &str = "0123456789abcdef0123456789abcdef";
    const SECOND: &str = "fedcba9876543210fedcba9876543210";

    fn ring(current: &str, old: &str) -> Keyring {
        Keyring::new(Some(current), Some(old)).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let ring = ring(FIRST, "");
        let sealed = ring.seal("row 1", "secret").unwrap();
        assert!(sealed.starts_with("v1:") && !sealed.contains("secret"));
        assert_eq!(ring.open("row 1", &sealed).as_deref(), Ok("secret"));
        assert_eq!(ring.open("row 2", &sealed), Err(SecretError::Damaged));
        assert_ne!(ring.seal("row 1", "secret").unwrap(), sealed);
        assert_eq!(ring.open("row 1", "plain").as_deref(), Ok("plain"));
    }

    #[test]
    fn an_old_key_opens_and_makes_stale() {
        let sealed = ring(FIRST, "").seal("row", "secret").unwrap();
        let rotated = ring(SECOND, FIRST);
        assert_eq!(rotated.open("row", &sealed).as_deref(), Ok("secret"));
        assert!(rotated.is_stale(&sealed) && rotated.is_stale("[]"));
        assert!(!rotated.is_stale(&rotated.seal("row", "secret").unwrap()));
        let without = Keyring::default();
        assert!(!without.is_stale(&sealed) && !without.is_stale("[]"));
        for ring in [ring(SECOND, ""), without] {
            assert_eq!(ring.open("row", &sealed), Err(SecretError::UnknownKey));
        }
    }

    #[test]
    fn damage_is_noticed() {
        let ring = ring(FIRST, "");
        let sealed = ring.seal("row", "secret").unwrap();
        for broken in [
            &sealed[..sealed.len() - 4],
            &sealed[..12],
            &format!("{sealed}!"),
        ] {
            assert_eq!(
                ring.open("row", broken),
                Err(SecretError::Damaged),
                "{broken}"
            );
        }
    }

    /// What is in databases today must open with every later version.
    #[test]
    fn the_format_stays() {
        let sealed = "v1:6aee7aca:gpai+Ulq3xb9RYiM8WwtRlgng+RkMK9yBKFxaXd67kibwhduWgTcMmUgqWuliQ==";
        assert_eq!(ring(FIRST, "").open("row", sealed).as_deref(), Ok("secret"));
    }

    #[test]
    fn bad_keys_are_refused_without_being_shown() {
        for (current, old, setting) in [
            ("too short", "", "SECRET_KEY"),
            (FIRST, "too short", "SECRET_KEY_OLD"),
            (OLD, "", "comma"),
        ] {
            let Err(error) = Keyring::new(Some(current), Some(old)) else {
                panic!("{current} {old}")
            };
            let error = error.to_string();
            assert!(error.contains(setting), "{error}");
            assert!(
                !error.contains("too short") && !error.contains(OLD),
                "{error}"
            );
        }
        assert!(!ring(" ", ",").seals());
    }
}
