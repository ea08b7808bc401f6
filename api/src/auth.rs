//! Who is asking: bearer tokens, verified by OpenPAI and remembered briefly.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use moka::Expiry;
use moka::future::Cache;
use poem::Request;
use poem_openapi::SecurityScheme;
use poem_openapi::auth::Bearer as BearerToken;
use prometheus::IntCounterVec;
use prometheus::core::Collector;
use sha2::{Digest, Sha256};
use shared::access::Caller;

use crate::metrics;
use crate::middleware::CallerName;
use crate::openpai::{OpenPai, OpenPaiError};
use crate::problem::{self, Refusal};

/// How long a good token is trusted without asking again: a revoked one stops
/// working within this time (contract, section 3: "a short-lived cache").
pub const TRUSTED_FOR: Duration = Duration::from_mins(1);

/// How long a bad token is refused without asking: enough to take the load of
/// a client that loops, short enough for one whose token has just become good.
pub const REFUSED_FOR: Duration = Duration::from_secs(5);

/// The most tokens remembered: at a few hundred bytes each, a few megabytes.
const REMEMBERED_TOKENS: u64 = 10_000;

/// How long OpenPAI's verdicts are remembered.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// See [`TRUSTED_FOR`]; never past a token's `exp`.
    pub good: Duration,
    /// See [`REFUSED_FOR`].
    pub bad: Duration,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            good: TRUSTED_FOR,
            bad: REFUSED_FOR,
        }
    }
}

/// Verifies tokens with OpenPAI; cheap to clone.
#[derive(Clone)]
pub struct Authenticator {
    openpai: OpenPai,
    verdicts: Cache<[u8; 32], Verdict>,
    lookups: IntCounterVec,
}

#[derive(Clone)]
enum Verdict {
    Good {
        caller: Arc<Caller>,
        /// Seconds since the epoch.
        expires: Option<u64>,
        /// What OpenPAI says was true then.
        asked: Instant,
    },
    Bad,
}

struct Lifetime(Memory);

impl Expiry<[u8; 32], Verdict> for Lifetime {
    fn expire_after_create(&self, _: &[u8; 32], verdict: &Verdict, _: Instant) -> Option<Duration> {
        Some(match verdict {
            Verdict::Good { expires, asked, .. } => {
                let left = self.0.good.saturating_sub(asked.elapsed());
                expires.map_or(left, |expires| {
                    left.min(Duration::from_secs(expires.saturating_sub(now())))
                })
            }
            Verdict::Bad => self.0.bad,
        })
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

impl Authenticator {
    /// Makes one that asks `openpai` and remembers its verdicts.
    pub fn new(openpai: OpenPai, memory: Memory) -> Self {
        let verdicts = Cache::builder()
            .max_capacity(REMEMBERED_TOKENS)
            .expire_after(Lifetime(memory))
            .build();
        let lookups = metrics::counter(
            "marketplace_token_cache_lookups_total",
            "Tokens looked up: a hit was remembered, for a miss OpenPAI was asked.",
            &["result"],
            None,
        );
        Self {
            openpai,
            verdicts,
            lookups,
        }
    }

    /// What is counted of the cache: how often it knew the answer.
    pub fn lookups(&self) -> Box<dyn Collector> {
        Box::new(self.lookups.clone())
    }

    /// How many tokens are remembered, roughly.
    pub fn remembered(&self) -> u64 {
        self.verdicts.entry_count()
    }

    /// Finds out whose token it is. Of many requests with one token at a time,
    /// one asks OpenPAI and the others wait for its answer.
    ///
    /// # Errors
    /// 401 when OpenPAI does not accept the token, 503 when it is out of reach;
    /// that is not remembered.
    pub async fn caller(&self, token: &str) -> Result<Arc<Caller>, Refusal> {
        // Tokens are kept as digests, so that none can be read from memory.
        let key: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let entry = self
            .verdicts
            .entry(key)
            .or_try_insert_with(self.verify(token))
            .await;
        let known = entry.as_ref().is_ok_and(|entry| !entry.is_fresh());
        self.lookups
            .with_label_values(&[if known { "hit" } else { "miss" }])
            .inc();
        let verdict = entry.map_err(|error: Arc<OpenPaiError>| {
            problem::unavailable("OpenPAI's REST server", error.to_string())
        })?;
        match verdict.into_value() {
            Verdict::Good {
                caller, expires, ..
            } if expires.is_none_or(|expires| now() < expires) => Ok(caller),
            _ => Err(problem::unauthorized(
                "OpenPAI does not accept this token: it is invalid, expired or revoked. Please sign in again.",
            )),
        }
    }

    async fn verify(&self, token: &str) -> Result<Verdict, OpenPaiError> {
        let asked = Instant::now();
        let info = match self.openpai.check_token(token).await {
            Ok(info) => info,
            Err(error) if error.is_verdict() => return Ok(Verdict::Bad),
            Err(error) => return Err(error),
        };
        let user = match self.openpai.user(&info.username, token).await {
            Ok(user) => user,
            // A token that outlived its user.
            Err(error) if error.is_verdict() => return Ok(Verdict::Bad),
            Err(error) => return Err(error),
        };
        Ok(Verdict::Good {
            caller: Arc::new(Caller {
                name: info.username,
                admin: info.admin || user.admin,
                groups: user.grouplist,
            }),
            expires: info.exp,
            asked,
        })
    }
}

/// A caller that OpenPAI vouches for. A handler that takes one wants a bearer
/// token of OpenPAI.
#[derive(SecurityScheme)]
#[oai(
    ty = "bearer",
    rename = "OpenPAI",
    bearer_format = "JWT",
    checker = "authenticate"
)]
pub struct SignedIn(pub Arc<Caller>);

async fn authenticate(request: &Request, token: BearerToken) -> poem::Result<Arc<Caller>> {
    let authenticator = request
        .data::<Authenticator>()
        .ok_or_else(|| problem::internal("the server was built without an authenticator"))?;
    let caller = authenticator.caller(&token.token).await?;
    if let Some(name) = request.data::<CallerName>() {
        name.set(&caller.name);
    }
    Ok(caller)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(verdict: &Verdict) -> Duration {
        Lifetime(Memory::default())
            .expire_after_create(&[0; 32], verdict, Instant::now())
            .unwrap()
    }

    fn good(expires_in: Option<u64>, asked: Instant) -> Verdict {
        Verdict::Good {
            caller: Arc::new(Caller {
                name: "alice".into(),
                admin: false,
                groups: Vec::new(),
            }),
            expires: expires_in.map(|seconds| now() + seconds),
            asked,
        }
    }

    /// The minute begins when OpenPAI was asked, however long it took to say.
    #[test]
    fn no_verdict_is_remembered_for_more_than_a_minute() {
        let long_ago = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
        assert!(remembered(&good(None, Instant::now())) <= Duration::from_mins(1));
        assert!(remembered(&good(None, Instant::now())) > Duration::from_secs(55));
        assert!(remembered(&good(None, long_ago)) <= Duration::from_secs(50));
        assert!(remembered(&good(Some(7), Instant::now())) <= Duration::from_secs(7));
        assert!(remembered(&good(Some(1_000), long_ago)) <= Duration::from_secs(50));
        assert_eq!(remembered(&good(Some(0), long_ago)), Duration::ZERO);
        assert_eq!(remembered(&Verdict::Bad), REFUSED_FOR);
    }
}
