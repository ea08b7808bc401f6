//! Which items run in the virtual clusters of whoever asks.
//!
//! What the cluster is made of is asked of OpenPAI with the token of somebody who comes by,
//! three calls and one for each virtual cluster, and kept for all: none of it depends on
//! who asks. Verdicts are `shared::fit`'s, one for each different thing that jobs ask for,
//! and kept as long as the cluster stays what it is. Storages are not asked about: that
//! would be a call for each user.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use moka::future::Cache;
use poem::Request;
use sha2::{Digest, Sha256};
use shared::fit::cluster::{Cluster, Resources, User};
use shared::fit::{Demand, runs};
use shared::wire::ItemFilter;
use store::Store;

use crate::auth::{self, Authenticator};
use crate::mutex::lock;
use crate::openpai::{OpenPai, OpenPaiError};
use crate::problem::{self, Refusal};

/// How long what OpenPAI said counts, in seconds.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(60);

/// How long it counts while OpenPAI does not answer: clusters seldom change.
const USABLE_FOR: TimeDelta = TimeDelta::hours(24);

/// How long nobody asks again after it did not.
const FAILED_FOR: TimeDelta = TimeDelta::seconds(10);

/// How long all calls together may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// The most virtual clusters that are asked about one by one; of more, it is not known
/// which SKUs they have.
const MAX_VIRTUAL_CLUSTERS: usize = 50;

/// Calls under way at a time.
const CALLS_AT_ONCE: usize = 4;

/// The most sets of virtual clusters of which verdicts are kept: users have few different
/// ones.
const MAX_SETS: u64 = 64;

/// The most verdicts that are kept of one set, some hundred kilobytes.
const MAX_VERDICTS: usize = 20_000;

/// Texts of demands that are read at a time: two megabytes at most.
const DEMANDS_PER_BATCH: usize = 500;

/// SKUs by name.
type Skus = BTreeMap<String, Resources>;

/// Knows which items run where; cheap to clone.
#[derive(Clone)]
pub struct Fit {
    openpai: OpenPai,
    authenticator: Authenticator,
    store: Store,
    known: Arc<Mutex<Known>>,
    /// Whoever asks OpenPAI has it, and is the only one.
    turn: Arc<tokio::sync::Mutex<()>>,
    verdicts: Cache<[u8; 32], Arc<Verdicts>>,
}

/// What OpenPAI said last.
#[derive(Default)]
struct Known {
    shape: Option<Arc<Shape>>,
    /// When it last said nothing, and why.
    failed: Option<(DateTime<Utc>, String)>,
}

/// What the cluster is made of.
struct Shape {
    cluster: Cluster,
    digest: [u8; 32],
    as_of: DateTime<Utc>,
}

/// Whether what a code stands for runs.
type Verdicts = Mutex<HashMap<i64, bool>>;

/// What runs for somebody.
pub struct Runnable {
    /// The codes of what jobs ask for that does.
    pub codes: Vec<i64>,
    /// When OpenPAI said what there is.
    pub as_of: DateTime<Utc>,
}

impl Fit {
    /// Makes one that knows nothing yet.
    pub fn new(openpai: OpenPai, authenticator: Authenticator, store: Store) -> Self {
        Self {
            openpai,
            authenticator,
            store,
            known: Arc::default(),
            turn: Arc::default(),
            verdicts: Cache::new(MAX_SETS),
        }
    }

    /// The same, if the filter asks for it.
    ///
    /// # Errors
    /// As [`Fit::runnable`].
    pub async fn runnable_for(
        &self,
        request: &Request,
        filter: &ItemFilter,
    ) -> Result<Option<Runnable>, Refusal> {
        match filter.runs_here {
            // Whoever asks for a plain list has no room for it.
            Some(_) => Box::pin(self.runnable(request)).await.map(Some),
            None => Ok(None),
        }
    }

    /// What runs, now or later, where whoever sends the request may submit.
    ///
    /// # Errors
    /// 503 while OpenPAI does not say what there is.
    pub async fn runnable(&self, request: &Request) -> Result<Runnable, Refusal> {
        let token = auth::bearer_token(request.headers()).unwrap_or_default();
        let virtual_clusters = self.authenticator.virtual_clusters(token).await?;
        let shape = self.shape(token).await?;
        let set = Sha256::new_with_prefix(shape.digest);
        let set = set.chain_update(virtual_clusters.join("\n")).finalize();
        let verdicts = self
            .verdicts
            .get_with(set.into(), async { Arc::default() })
            .await;
        let mut codes = self.store.demand_codes().await?;
        let new: Vec<i64> = {
            let known = lock(&verdicts);
            let new = codes.iter().filter(|code| !known.contains_key(code));
            new.copied().collect()
        };
        let mut found = HashMap::new();
        for codes in new.chunks(DEMANDS_PER_BATCH) {
            let texts = self.store.demands(codes).await?;
            let user = User {
                virtual_clusters: virtual_clusters.to_vec(),
                storages: None,
            };
            let shape = shape.clone();
            let judged =
                tokio::task::spawn_blocking(move || judge(texts, &shape.cluster, &user)).await;
            found.extend(judged.map_err(|error| problem::internal(error.to_string()))?);
        }
        {
            let mut known = lock(&verdicts);
            codes.retain(|code| known.get(code).or(found.get(code)) == Some(&true));
            if known.len() + found.len() > MAX_VERDICTS {
                known.clear();
            }
            known.extend(found);
        }
        Ok(Runnable {
            codes,
            as_of: shape.as_of,
        })
    }

    /// What the cluster is made of, as fresh as can be had.
    async fn shape(&self, token: &str) -> Result<Arc<Shape>, Refusal> {
        if let Some(answer) = self.remembered() {
            return answer;
        }
        let turn = match self.turn.clone().try_lock_owned() {
            Ok(turn) => turn,
            // Somebody asks already.
            Err(_) => match self.usable() {
                Some(shape) => return Ok(shape),
                None => self.turn.clone().lock_owned().await,
            },
        };
        if let Some(answer) = self.remembered() {
            return answer;
        }
        // A task of its own: who hangs up must not make the next one ask again.
        let (fit, token) = (self.clone(), token.to_owned());
        let asked = tokio::spawn(async move {
            fit.ask(&token).await;
            drop(turn);
        });
        asked
            .await
            .map_err(|error| problem::internal(error.to_string()))?;
        self.remembered()
            .unwrap_or_else(|| Err(unknown("it was forgotten at once")))
    }

    /// What is known, unless it is time to ask.
    fn remembered(&self) -> Option<Result<Arc<Shape>, Refusal>> {
        let now = self.store.clock().now();
        let known = lock(&self.known);
        if let Some(shape) = &known.shape
            && now - shape.as_of < FRESH_FOR
        {
            return Some(Ok(shape.clone()));
        }
        let (at, cause) = known.failed.as_ref()?;
        if now - *at >= FAILED_FOR {
            return None;
        }
        let usable = known.shape.clone();
        let usable = usable.filter(|shape| now - shape.as_of < USABLE_FOR);
        Some(usable.ok_or_else(|| unknown(cause)))
    }

    fn usable(&self) -> Option<Arc<Shape>> {
        let now = self.store.clock().now();
        let shape = lock(&self.known).shape.clone();
        shape.filter(|shape| now - shape.as_of < USABLE_FOR)
    }

    async fn ask(&self, token: &str) {
        let answer = tokio::time::timeout(PATIENCE, fetch(&self.openpai, token)).await;
        let answer = answer.unwrap_or_else(|_| {
            let cause = format!("what there is took longer than {} s", PATIENCE.as_secs());
            Err(OpenPaiError::Unavailable(cause))
        });
        let now = self.store.clock().now();
        let mut known = lock(&self.known);
        match answer {
            Ok(cluster) => {
                let cluster = cluster.without_use();
                let text = serde_json::to_vec(&cluster).unwrap_or_default();
                known.shape = Some(Arc::new(Shape {
                    digest: Sha256::digest(text).into(),
                    cluster,
                    as_of: now,
                }));
                known.failed = None;
            }
            Err(error) => known.failed = Some((now, error.to_string())),
        }
    }
}

/// Asks OpenPAI what there is.
async fn fetch(openpai: &OpenPai, token: &str) -> Result<Cluster, OpenPaiError> {
    let (sku_types, mut virtual_clusters, nodes) = tokio::try_join!(
        openpai.sku_types(token),
        openpai.virtual_clusters(token),
        openpai.nodes(token),
    )?;
    if !sku_types.is_empty() {
        let names: Vec<String> = virtual_clusters
            .keys()
            .take(MAX_VIRTUAL_CLUSTERS)
            .cloned()
            .collect();
        let calls = names
            .into_iter()
            .map(|name| fetch_skus(openpai, name, token));
        let calls = stream::iter(calls).buffer_unordered(CALLS_AT_ONCE);
        let all: Vec<(String, Option<Skus>)> = calls.try_collect().await?;
        for (name, skus) in all {
            if let Some(here) = virtual_clusters.get_mut(&name) {
                here.sku_types = skus;
            }
        }
    }
    Ok(Cluster {
        sku_types,
        virtual_clusters,
        nodes,
    })
}

/// The SKUs of a virtual cluster; nothing from older versions of OpenPAI, and from any that
/// cannot ask hived.
async fn fetch_skus(
    openpai: &OpenPai,
    name: String,
    token: &str,
) -> Result<(String, Option<Skus>), OpenPaiError> {
    match openpai.sku_types_of(&name, token).await {
        Ok(skus) => Ok((name, Some(skus))),
        Err(error) if error.is_verdict() => Ok((name, None)),
        Err(error) => Err(error),
    }
}

fn judge(texts: Vec<(i64, String)>, cluster: &Cluster, user: &User) -> HashMap<i64, bool> {
    let verdict = |(code, text): (i64, String)| {
        let demand = Demand::from_text(&text);
        (
            code,
            demand.is_some_and(|demand| runs(&demand, cluster, user)),
        )
    };
    texts.into_iter().map(verdict).collect()
}

fn unknown(cause: &str) -> Refusal {
    problem::overloaded(
        "OpenPAI does not say what the cluster has at the moment, so it is not known which items run here; please \
         try again in a few seconds, or look without `runsHere`.",
        cause,
    )
}
