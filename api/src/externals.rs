//! Whether the images and data that items lead to are there.
//!
//! Off unless admins name hosts that may be asked (`CHECKED_HOSTS`): what an author writes into
//! an item must not make the server call whom it likes. A host is asked when somebody looks
//! at such an item, once a day for each address; its name may not lead to a private address
//! unless admins say so, redirects are not followed, and neither tokens nor cookies are sent.

mod hosts;
mod image;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use client::http;
use futures_util::future::join_all;
use moka::future::Cache;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Method, StatusCode, Url};
use serde::Deserialize;
use serde_json::Value;
use shared::protocol::to_json;
use shared::wire::{External, ExternalKind, ExternalState, Item};
use store::clock::{Clock, iso};
use tokio::sync::Semaphore;

use crate::mutex::lock;
use crate::rate_limit::RateLimit;
use hosts::{Guard, Hosts};
use image::{Challenge, Image};

/// How long it counts that something is there, or not.
const KNOWN_FOR: TimeDelta = TimeDelta::days(1);

/// How long nobody asks again after a host did not say.
const UNKNOWN_FOR: TimeDelta = TimeDelta::minutes(10);

/// The most addresses that are remembered: some megabytes.
const REMEMBERED: u64 = 10_000;

/// Images of one item that are looked at.
const MAX_IMAGES: usize = 20;

/// The longest address, in bytes.
const MAX_ADDRESS: usize = 1024;

/// Addresses that are asked about at a time, by three calls each at most.
const ADDRESSES_AT_ONCE: usize = 4;

/// Addresses that wait for their turn, and more than that are left until somebody looks again.
const MAX_WAITING: usize = 200;

/// Addresses in all: 30 at once, and one a second.
const ADDRESSES: RateLimit = RateLimit::new(30, 1);

/// How long one call may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long an answer waits for hosts; they are asked on meanwhile.
const PATIENCE: Duration = Duration::from_secs(6);

/// The most bytes of a registry's token.
const MAX_TOKEN: usize = 64 * 1024;

/// Kinds of manifests that registries have.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// Knows what is there; cheap to clone.
#[derive(Clone)]
pub struct Externals(Option<Arc<Asking>>);

/// What is there where hosts may be asked.
struct Asking {
    hosts: Hosts,
    http: reqwest::Client,
    clock: Clock,
    known: Cache<(ExternalKind, String), Known>,
    waiting: Arc<Semaphore>,
    turns: Semaphore,
    left: Mutex<RateLimit>,
}

#[derive(Clone)]
struct Known {
    state: ExternalState,
    digest: Option<String>,
    at: DateTime<Utc>,
}

/// What a host says.
type Said = (ExternalState, Option<String>);

const UNKNOWN: Said = (ExternalState::Unknown, None);

#[derive(Deserialize)]
struct Token {
    #[serde(alias = "access_token")]
    token: String,
}

impl Externals {
    /// One that asks nobody.
    pub fn off() -> Self {
        Self(None)
    }

    /// One that asks these hosts, as `CHECKED_HOSTS` has them: separated by commas, each with
    /// a port if that is not 443, and with `http://` in front where it speaks no HTTPS. None
    /// are none.
    ///
    /// # Errors
    /// When that is no list of hosts, one is at a private address that is not allowed, or there
    /// are no certificates for those that speak HTTPS.
    pub fn new(hosts: &str, private_allowed: bool, clock: Clock) -> anyhow::Result<Self> {
        let hosts = Hosts::read(hosts, private_allowed)?;
        if hosts.is_empty() {
            return Ok(Self::off());
        }
        let http = http::client(TIMEOUT, hosts.want_certificates())
            .no_proxy()
            .dns_resolver(Arc::new(Guard { private_allowed }));
        Ok(Self(Some(Arc::new(Asking {
            http: http.build().context(
                "CHECKED_HOSTS names hosts that speak HTTPS, and there are no certificates of authorities: install \
                 the package ca-certificates, or set SSL_CERT_FILE to a PEM file with them",
            )?,
            hosts,
            clock,
            known: Cache::new(REMEMBERED),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            turns: Semaphore::new(ADDRESSES_AT_ONCE),
            left: Mutex::new(ADDRESSES),
        }))))
    }

    /// What an item leads to on hosts that may be asked.
    pub async fn of(&self, item: &Item) -> Vec<External> {
        let Some(asking) = &self.0 else {
            return Vec::new();
        };
        let addresses = addresses(item);
        let addresses = addresses.into_iter().filter(|(kind, address)| {
            address.len() <= MAX_ADDRESS && asking.may_ask(*kind, address)
        });
        join_all(addresses.map(|(kind, address)| async move {
            let known = asking.known(kind, &address).await;
            External {
                kind,
                address,
                state: known
                    .as_ref()
                    .map_or(ExternalState::Unknown, |known| known.state),
                digest: known.as_ref().and_then(|known| known.digest.clone()),
                checked_at: known.map(|known| iso(known.at)),
            }
        }))
        .await
    }
}

impl Asking {
    fn may_ask(&self, kind: ExternalKind, address: &str) -> bool {
        match kind {
            ExternalKind::Image => {
                Image::read(address).is_some_and(|image| self.hosts.url_of(&image.host).is_some())
            }
            ExternalKind::Data => Url::parse(address).is_ok_and(|url| self.hosts.allow(&url)),
        }
    }

    /// What is known of an address, after asking if that is nothing; nothing where its turn does
    /// not come soon.
    async fn known(self: &Arc<Self>, kind: ExternalKind, address: &str) -> Option<Known> {
        let key = (kind, address.to_owned());
        if let Some(known) = self.fresh(&key).await {
            return Some(known);
        }
        let place = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        let asking = Arc::clone(self);
        // A task of its own: who hangs up must not make the next one ask again.
        let task = tokio::spawn(async move {
            let _place = place;
            asking.ask(key).await
        });
        let known = tokio::time::timeout(PATIENCE, task).await;
        known.ok()?.ok()?
    }

    async fn ask(&self, key: (ExternalKind, String)) -> Option<Known> {
        let _turn = self.turns.acquire().await;
        // Somebody else may have asked meanwhile.
        if let Some(known) = self.fresh(&key).await {
            return Some(known);
        }
        if !lock(&self.left).take() {
            return None;
        }
        let (kind, address) = (key.0, key.1.as_str());
        let (state, digest) = match kind {
            ExternalKind::Image => self.image(address).await,
            ExternalKind::Data => self.data(address).await,
        };
        let known = Known {
            state,
            digest,
            at: self.clock.now(),
        };
        self.known.insert(key, known.clone()).await;
        Some(known)
    }

    async fn fresh(&self, key: &(ExternalKind, String)) -> Option<Known> {
        let known = self.known.get(key).await?;
        let lifetime = match known.state {
            ExternalState::Unknown => UNKNOWN_FOR,
            ExternalState::Found | ExternalState::Missing | ExternalState::Hidden => KNOWN_FOR,
        };
        (self.clock.now() - known.at < lifetime).then_some(known)
    }

    /// Asks a registry by the distribution API: `HEAD` of the manifest, with a token for
    /// everybody if it wants one.
    async fn image(&self, address: &str) -> Said {
        let ask = async {
            let image = Image::read(address)?;
            let url = image.manifest(&self.hosts.url_of(&image.host)?)?;
            let (mut status, mut headers) = self.head(&url, None).await?;
            if status == StatusCode::UNAUTHORIZED {
                let challenge = headers.get(WWW_AUTHENTICATE);
                let challenge = challenge.and_then(|challenge| challenge.to_str().ok());
                // Where strangers get no token, this is what the registry says.
                if let Some(challenge) = challenge.and_then(Challenge::read)
                    && let Some(token) = self.token(&challenge).await?
                {
                    (status, headers) = self.head(&url, Some(&token)).await?;
                }
            }
            let digest = headers.get("docker-content-digest");
            let digest = digest.and_then(|digest| digest.to_str().ok());
            let digest = digest.filter(|digest| image::is_digest(digest));
            Some(if status.is_success() {
                (ExternalState::Found, digest.map(str::to_owned))
            } else {
                refused(status)
            })
        };
        ask.await.unwrap_or(UNKNOWN)
    }

    /// Whatever leads on to another address is there.
    async fn data(&self, address: &str) -> Said {
        let ask = async {
            let url = Url::parse(address).ok()?;
            let (status, _) = self.head(&url, None).await?;
            Some(if status.is_success() || status.is_redirection() {
                (ExternalState::Found, None)
            } else {
                refused(status)
            })
        };
        ask.await.unwrap_or(UNKNOWN)
    }

    async fn head(&self, url: &Url, token: Option<&str>) -> Option<(StatusCode, HeaderMap)> {
        if !self.hosts.allow(url) {
            return None;
        }
        let mut request = self
            .http
            .request(Method::HEAD, url.clone())
            .header(ACCEPT, format!("{MANIFESTS}, */*"));
        if let Some(token) = token {
            let bearer = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
            request = request.header(AUTHORIZATION, bearer);
        }
        let answer = request.send().await.ok()?;
        Some((answer.status(), answer.headers().clone()))
    }

    /// A registry's token for everybody, from where it says that it is to be had; none if
    /// strangers get none.
    async fn token(&self, challenge: &Challenge) -> Option<Option<String>> {
        let url = challenge.url()?;
        if !self.hosts.allow(&url) {
            return None;
        }
        let mut answer = self.http.get(url).send().await.ok()?;
        match answer.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Some(None),
            status if !status.is_success() => return None,
            _ => {}
        }
        let body = http::body(&mut answer, MAX_TOKEN).await.ok()??;
        Some(Some(serde_json::from_slice::<Token>(&body).ok()?.token))
    }
}

/// What a status says that is no success.
fn refused(status: StatusCode) -> Said {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => (ExternalState::Missing, None),
        // Strangers are not told whether there is such a thing.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => (ExternalState::Hidden, None),
        _ => UNKNOWN,
    }
}

/// What an item leads to, each once, but for images that a job logs in for: of those
/// registries tell strangers nothing.
fn addresses(item: &Item) -> Vec<(ExternalKind, String)> {
    let mut found: Vec<(ExternalKind, String)> = Vec::new();
    let protocol = item.protocol.as_deref().unwrap_or_default();
    if let Ok(Value::Object(job)) = to_json(protocol) {
        let prerequisites = job.get("prerequisites").and_then(Value::as_array);
        let images = prerequisites.into_iter().flatten().filter_map(|one| {
            let is_image = one.get("type").and_then(Value::as_str) == Some("dockerimage")
                && one.get("auth").is_none_or(Value::is_null);
            one.get("uri")?.as_str().filter(|_| is_image)
        });
        for image in images {
            let image = (ExternalKind::Image, image.trim().to_owned());
            if found.len() < MAX_IMAGES && !found.contains(&image) {
                found.push(image);
            }
        }
    }
    let data = item.data_url.as_deref().map(str::trim);
    found.extend(data.map(|url| (ExternalKind::Data, url.to_owned())));
    found
}
