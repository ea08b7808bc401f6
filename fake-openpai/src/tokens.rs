use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

/// How long a login lasts, in seconds: seven days, as OpenPAI's default.
pub(crate) const TOKEN_LIFETIME: i64 = 7 * 24 * 60 * 60;

/// The only kind of token that OpenPAI signs.
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// Signs tokens and tells good ones from bad ones.
///
/// HS256 is all that is needed: the JWT crates bring RSA and elliptic curves along,
/// and with them advisories.
pub(crate) struct Tokens {
    key: Hmac<Sha256>,
    revoked: Mutex<HashSet<String>>,
}

/// What a token says (OpenPAI's own fields, plus `jti`).
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) username: String,
    /// In seconds since the epoch.
    pub(crate) iat: i64,
    /// In seconds since the epoch.
    pub(crate) exp: i64,
    /// Whether it was made for a program rather than by a login.
    pub(crate) application: bool,
    /// Makes two logins in the same second two tokens, so that revoking one
    /// leaves the other.
    jti: String,
}

impl Tokens {
    pub(crate) fn new(key: &str) -> Self {
        Self {
            key: Hmac::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length"),
            revoked: Mutex::default(),
        }
    }

    pub(crate) fn issue(&self, user: &str, lifetime_seconds: i64) -> String {
        let now = now();
        let claims = Claims {
            username: user.to_owned(),
            iat: now,
            exp: now.saturating_add(lifetime_seconds),
            application: false,
            jti: Uuid::new_v4().to_string(),
        };
        let claims = serde_json::to_string(&claims).expect("plain claims can always be written");
        self.sign(&claims)
    }

    fn sign(&self, claims: &str) -> String {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!(
            "{}.{}",
            encode(HEADER.as_bytes()),
            encode(claims.as_bytes())
        );
        let signature = self.key.clone().chain_update(&signed).finalize();
        format!("{signed}.{}", encode(&signature.into_bytes()))
    }

    /// What the token says, if this server signed it and it is neither expired
    /// nor revoked.
    pub(crate) fn check(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let key = self.key.clone().chain_update(signed);
        key.verify_slice(&signature).ok()?;
        let (_, claims) = signed.split_once('.')?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        if claims.exp < now() {
            return None;
        }
        let revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        (!revoked.contains(token)).then_some(claims)
    }

    pub(crate) fn revoke(&self, token: &str) {
        self.revoked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(token.to_owned());
    }
}

/// The wall clock in seconds.
fn now() -> i64 {
    i64::try_from(since_epoch().as_secs()).unwrap_or(i64::MAX)
}

/// The wall clock.
pub(crate) fn since_epoch() -> std::time::Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7519's best known debugger, signed elsewhere.
    #[test]
    fn signatures_are_those_of_hs256() {
        let tokens = Tokens::new("your-256-bit-secret");
        let claims = r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#;
        assert_eq!(
            tokens.sign(claims),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
             eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
             SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
        );
    }

    #[test]
    fn only_its_own_unexpired_tokens_are_good() {
        let tokens = Tokens::new("key");
        let good = tokens.issue("alice", 60);
        assert_eq!(tokens.check(&good).unwrap().username, "alice");
        assert!(tokens.check(&tokens.issue("alice", -60)).is_none());
        let other = Tokens::new("another key").issue("alice", 60);
        let (signed, _) = good.rsplit_once('.').unwrap();
        let (_, signature) = other.rsplit_once('.').unwrap();
        for bad in [
            "",
            "a.b",
            "a.b.c",
            &other,
            signed,
            &format!("{signed}.{signature}"),
            &format!("{signed}."),
        ] {
            assert!(tokens.check(bad).is_none(), "{bad}");
        }
    }
}
