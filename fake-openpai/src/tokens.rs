use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Signs tokens and tells good ones from bad ones.
pub(crate) struct Tokens {
    signing: EncodingKey,
    checking: DecodingKey,
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
            signing: EncodingKey::from_secret(key.as_bytes()),
            checking: DecodingKey::from_secret(key.as_bytes()),
            revoked: Mutex::default(),
        }
    }

    pub(crate) fn issue(&self, user: &str, lifetime_seconds: i64) -> String {
        let now = i64::try_from(since_epoch().as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            username: user.to_owned(),
            iat: now,
            exp: now.saturating_add(lifetime_seconds),
            application: false,
            jti: Uuid::new_v4().to_string(),
        };
        jsonwebtoken::encode(&Header::default(), &claims, &self.signing)
            .expect("plain claims and a shared secret can always be signed")
    }

    /// What the token says, if this server signed it and it is neither expired
    /// nor revoked.
    pub(crate) fn check(&self, token: &str) -> Option<Claims> {
        let validation = Validation {
            leeway: 0,
            ..Validation::default()
        };
        let claims = jsonwebtoken::decode(token, &self.checking, &validation).ok()?;
        let revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        (!revoked.contains(token)).then_some(claims.claims)
    }

    pub(crate) fn revoke(&self, token: &str) {
        self.revoked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(token.to_owned());
    }
}

/// The wall clock.
pub(crate) fn since_epoch() -> std::time::Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
