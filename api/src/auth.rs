//! Who is asking: bearer tokens, verified by OpenPAI and remembered briefly.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;
use poem::Request;
use poem::http::{HeaderMap, header};
use poem_openapi::SecurityScheme;
use poem_openapi::auth::{Basic, Bearer as BearerToken};
use prometheus::IntCounterVec;
use prometheus::core::Collector;
use sha2::{Digest, Sha256};
use shared::access::Caller;

use crate::instruments;
use crate::mutex::lock;
use crate::openpai::{OpenPai, OpenPaiError};
use crate::problem::{self, Refusal};
use crate::rate_limit::RateLimit;
use store::clock::Clock;

/// How long a good token is trusted without asking again: a revoked one stops
/// working within this time (docs/contract.md#3-the-api: "a short-lived cache").
pub const TRUSTED_FOR: Duration = Duration::from_mins(1);

/// How long a bad token is refused without asking: enough to take the load of
/// a client that loops, short enough for one whose token has just become good.
pub const REFUSED_FOR: Duration = Duration::from_secs(5);

/// How far OpenPAI's clock may be behind ours: a token that it accepts has not
/// expired so long ago.
pub const CLOCK_SKEW: Duration = Duration::from_mins(1);

/// How long a good token is remembered that has expired by our clock.
const LATE_FOR: Duration = Duration::from_secs(2);

/// How many tokens that OpenPAI refuses it is asked about: it answers 600 calls a
/// minute to one address, and whoever makes tokens up must leave some of them to
/// others. Beyond that only tokens are looked up that were good before.
const BAD_TOKENS: RateLimit = RateLimit::new(200, 2);

/// How long a token that was good is told from one that nobody has seen.
const KNOWN_FOR: Duration = Duration::from_hours(24);

/// The most tokens remembered: at a few hundred bytes each, a few megabytes.
const REMEMBERED_TOKENS: u64 = 10_000;

/// The most virtual clusters that are remembered of a user.
const MAX_VIRTUAL_CLUSTERS: usize = 200;

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
    clock: Clock,
    verdicts: Cache<[u8; 32], Verdict>,
    /// Tokens that were good, whatever became of them.
    known: Cache<[u8; 32], ()>,
    bad_tokens: Arc<Mutex<RateLimit>>,
    lookups: IntCounterVec,
}

#[derive(Clone)]
enum Verdict {
    Good {
        caller: Arc<Caller>,
        virtual_clusters: Arc<[String]>,
        /// Seconds since the epoch.
        expires: Option<u64>,
        /// What OpenPAI says was true then.
        asked: Instant,
        /// Whether it had expired by our clock already.
        late: bool,
    },
    Bad,
}

impl Verdict {
    /// Whose token it is, if it may be trusted `now`.
    fn caller(&self, now: u64) -> Option<&Arc<Caller>> {
        let Self::Good {
            caller,
            expires,
            late,
            ..
        } = self
        else {
            return None;
        };
        let grace = if *late { CLOCK_SKEW.as_secs() } else { 0 };
        expires
            .is_none_or(|expires| now < expires.saturating_add(grace))
            .then_some(caller)
    }
}

struct Lifetime {
    memory: Memory,
    clock: Clock,
}

impl Expiry<[u8; 32], Verdict> for Lifetime {
    fn expire_after_create(&self, _: &[u8; 32], verdict: &Verdict, _: Instant) -> Option<Duration> {
        Some(match verdict {
            Verdict::Good {
                expires,
                asked,
                late,
                ..
            } => {
                let left = self.memory.good.saturating_sub(asked.elapsed());
                match expires {
                    None => left,
                    Some(_) if *late => left.min(LATE_FOR),
                    Some(expires) => left.min(Duration::from_secs(
                        expires.saturating_sub(seconds(&self.clock)),
                    )),
                }
            }
            Verdict::Bad => self.memory.bad,
        })
    }
}

/// The present in seconds since the epoch.
fn seconds(clock: &Clock) -> u64 {
    u64::try_from(clock.now().timestamp()).unwrap_or(0)
}

impl Authenticator {
    /// Makes one that asks `openpai`, remembers its verdicts, and knows by `clock` what
    /// has expired.
    pub fn new(openpai: OpenPai, memory: Memory, clock: Clock) -> Self {
        let verdicts = Cache::builder()
            .max_capacity(REMEMBERED_TOKENS)
            .expire_after(Lifetime {
                memory,
                clock: clock.clone(),
            })
            .build();
        let lookups = instruments::counter(
            "marketplace_token_cache_lookups_total",
            "Tokens looked up: a hit was remembered, for a miss OpenPAI was asked.",
            &["result"],
        );
        let known = Cache::builder()
            .max_capacity(REMEMBERED_TOKENS)
            .time_to_idle(KNOWN_FOR)
            .build();
        Self {
            openpai,
            clock,
            verdicts,
            known,
            bad_tokens: Arc::new(Mutex::new(BAD_TOKENS)),
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
        let entry = self.look_up(key, token).await;
        let known = entry.as_ref().is_ok_and(|(_, fresh)| !fresh);
        self.lookups
            .with_label_values(&[if known { "hit" } else { "miss" }])
            .inc();
        let (verdict, _) = entry.map_err(|error: Arc<OpenPaiError>| match &*error {
            OpenPaiError::Unknown => problem::not_ready(
                "The marketplace has not been told where OpenPAI's REST server is, so nobody can sign in: set IDP_URL, \
                 for example IDP_URL=http://10.0.0.1:9186.",
            ),
            error => problem::unavailable("OpenPAI's REST server", error.to_string()),
        })?;
        verdict.caller(seconds(&self.clock)).cloned().ok_or_else(|| {
            problem::unauthorized(
                "OpenPAI does not accept this token: it is invalid, expired or revoked. Please sign in again.",
            )
        })
    }

    /// Where the owner of the token may submit, in order.
    ///
    /// # Errors
    /// As [`Authenticator::caller`].
    pub async fn virtual_clusters(&self, token: &str) -> Result<Arc<[String]>, Refusal> {
        let key: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        self.caller(token).await?;
        match self.verdicts.get(&key).await {
            Some(Verdict::Good {
                virtual_clusters, ..
            }) => Ok(virtual_clusters),
            // It has gone since.
            _ => Ok(Arc::default()),
        }
    }

    /// The verdict on a token, and whether OpenPAI was asked for it just now.
    async fn look_up(
        &self,
        key: [u8; 32],
        token: &str,
    ) -> Result<(Verdict, bool), Arc<OpenPaiError>> {
        let ask = async || {
            let verify = self.verify(key, token);
            let entry = self.verdicts.entry(key).or_try_insert_with(verify).await?;
            let fresh = entry.is_fresh();
            Ok((entry.into_value(), fresh))
        };
        match ask().await? {
            // It has expired by our clock since OpenPAI was asked.
            (verdict @ Verdict::Good { .. }, false)
                if verdict.caller(seconds(&self.clock)).is_none() =>
            {
                self.verdicts.invalidate(&key).await;
                ask().await
            }
            answer => Ok(answer),
        }
    }

    async fn verify(&self, key: [u8; 32], token: &str) -> Result<Verdict, OpenPaiError> {
        if !self.known.contains_key(&key) && !lock(&self.bad_tokens).is_left() {
            return Err(OpenPaiError::Unavailable(
                "not asked, because it has refused too many tokens within a minute".to_owned(),
            ));
        }
        let asked = Instant::now();
        let info = match self.openpai.check_token(token).await {
            Ok(info) => info,
            Err(error) if error.is_verdict() => return Ok(self.refused()),
            Err(error) => return Err(error),
        };
        let now = seconds(&self.clock);
        let late = info.exp.is_some_and(|expires| expires <= now);
        if late
            && info
                .exp
                .is_some_and(|exp| exp.saturating_add(CLOCK_SKEW.as_secs()) <= now)
        {
            tracing::warn!(
                "OpenPAI accepts a token that has expired more than a minute ago by this machine's clock; it is \
                 refused. Set the clocks of both machines"
            );
            return Ok(self.refused());
        }
        let user = match self.openpai.user(&info.username, token).await {
            Ok(user) => user,
            // A token that outlived its user.
            Err(error) if error.is_verdict() => return Ok(self.refused()),
            Err(error) => return Err(error),
        };
        self.known.insert(key, ()).await;
        let mut virtual_clusters = user.virtual_clusters;
        virtual_clusters.sort_unstable();
        virtual_clusters.truncate(MAX_VIRTUAL_CLUSTERS);
        Ok(Verdict::Good {
            caller: Arc::new(Caller {
                name: info.username,
                admin: info.admin || user.admin,
                groups: user.grouplist,
            }),
            virtual_clusters: virtual_clusters.into(),
            expires: info.exp,
            asked,
            late,
        })
    }

    fn refused(&self) -> Verdict {
        lock(&self.bad_tokens).take();
        Verdict::Bad
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

/// Where the log line finds the caller's name, once it is known.
#[derive(Clone, Default)]
pub struct CallerName(Arc<OnceLock<String>>);

impl CallerName {
    /// Notes who is asking; who is noted stays.
    pub fn set(&self, name: &str) {
        self.0.get_or_init(|| name.to_owned());
    }

    /// Who is asking, if that is known.
    pub fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

/// The same for feed readers, which know HTTP Basic only: any name, and a token of OpenPAI
/// as the password.
#[derive(SecurityScheme)]
#[oai(ty = "basic", rename = "FeedReader", checker = "authenticate_reader")]
pub struct FeedReader(pub Arc<Caller>);

async fn authenticate_reader(request: &Request, sent: Basic) -> poem::Result<Arc<Caller>> {
    if !is_token(&sent.password) {
        return Err(problem::unauthorized(
            "The password must be a token of OpenPAI, such as an application token; the name is not looked at.",
        )
        .into());
    }
    verified(request, &sent.password).await
}

async fn authenticate(request: &Request, _: BearerToken) -> poem::Result<Arc<Caller>> {
    // poem's own reading takes all that follows the scheme.
    let token = bearer_token(request.headers()).ok_or_else(|| {
        problem::unauthorized(
            "The header `Authorization` must be `Bearer TOKEN`, once and with nothing behind the token.",
        )
    })?;
    verified(request, token).await
}

async fn verified(request: &Request, token: &str) -> poem::Result<Arc<Caller>> {
    let authenticator = request
        .data::<Authenticator>()
        .ok_or_else(|| problem::internal("the server was built without an authenticator"))?;
    let caller = authenticator.caller(token).await?;
    if let Some(name) = request.data::<CallerName>() {
        name.set(&caller.name);
    }
    Ok(caller)
}

/// The bearer token of a request (RFC 6750, section 2.1): one header, the scheme
/// in any case, blanks, and a token (RFC 9110, section 11.2).
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && is_token(token)).then_some(token)
}

/// Whether a text has the shape of a token (RFC 9110, section 11.2).
fn is_token(text: &str) -> bool {
    let start = text.trim_end_matches('=');
    !start.is_empty()
        && start
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const NOW: u64 = 1_714_979_289;

    fn clock() -> Clock {
        Clock::new(|| DateTime::from_timestamp_secs(NOW.cast_signed()).unwrap())
    }

    fn remembered(verdict: &Verdict) -> Duration {
        let (memory, clock) = (Memory::default(), clock());
        Lifetime { memory, clock }
            .expire_after_create(&[0; 32], verdict, Instant::now())
            .unwrap()
    }

    fn good(expires: Option<u64>, late: bool, asked: Instant) -> Verdict {
        let caller = Caller {
            name: "alice".into(),
            admin: false,
            groups: Vec::new(),
        };
        Verdict::Good {
            caller: Arc::new(caller),
            virtual_clusters: Arc::default(),
            expires,
            asked,
            late,
        }
    }

    /// The minute begins when OpenPAI was asked, however long it took to say.
    #[test]
    fn no_verdict_is_remembered_for_more_than_a_minute() {
        let just_now = Instant::now();
        let long_ago = just_now.checked_sub(Duration::from_secs(10)).unwrap();
        for (expires_in, asked, most) in [
            (None, just_now, 60),
            (None, long_ago, 50),
            (Some(7), just_now, 7),
            (Some(1_000), long_ago, 50),
        ] {
            let verdict = good(expires_in.map(|seconds| NOW + seconds), false, asked);
            let remembered = remembered(&verdict);
            assert!(remembered <= Duration::from_secs(most), "{remembered:?}");
            assert!(remembered > Duration::from_secs(most - 5), "{remembered:?}");
        }
        let expired = good(Some(NOW), false, long_ago);
        assert_eq!(remembered(&expired), Duration::ZERO);
        assert_eq!(remembered(&Verdict::Bad), REFUSED_FOR);
    }

    /// OpenPAI's clock may be behind ours, but not by more than a minute.
    #[test]
    fn a_token_that_openpai_accepts_late_is_trusted_briefly() {
        let late = |ago: u64| good(Some(NOW - ago), true, Instant::now());
        assert!(late(59).caller(NOW).is_some());
        assert!(late(60).caller(NOW).is_none());
        assert!(remembered(&late(50)) <= LATE_FOR);
        let in_time = good(Some(NOW), false, Instant::now());
        assert!(in_time.caller(NOW - 1).is_some());
        assert!(
            in_time.caller(NOW).is_none(),
            "it was good when it was asked about"
        );
        assert!(late(0).caller(NOW).is_some());
    }
}
