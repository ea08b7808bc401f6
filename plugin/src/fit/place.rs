//! What OpenPAI says of the cluster and of the user, kept for a minute.
//!
//! It is kept and passed on as the JSON that it is, and read by hand: code made for reading
//! each type would be a third of the chunk.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use serde_json::{Value, json};
use shared::fit::cluster::{Cluster, NodeGpus, Resources, User, VirtualCluster, Waiting};

use crate::client::Failure;
use crate::messages;
use crate::openpai::{OpenPai, encoded};

/// How long an answer counts, in milliseconds.
const KEPT_FOR: f64 = 60_000.0;

/// The most virtual clusters of the user whose SKUs are asked for: one call each.
const MOST_ASKED: usize = 20;

/// The most jobs that are counted of those that wait.
const MOST_WAITING: usize = 1000;

struct Known {
    /// Whose it is.
    user: Arc<str>,
    /// When it was asked for.
    at: f64,
    said: Value,
}

thread_local! {
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
}

/// Asks OpenPAI, or remembers; [`read`] understands it. Six calls, and one for each of the
/// user's virtual clusters.
pub(super) async fn ask(openpai: OpenPai) -> Result<Value, Failure> {
    let at = js_sys::Date::now();
    let known = KNOWN.with_borrow(|known| {
        let known = known.as_ref()?;
        let is_fresh = known.user == openpai.user && (0.0..KEPT_FOR).contains(&(at - known.at));
        is_fresh.then(|| known.said.clone())
    });
    if let Some(said) = known {
        return Ok(said);
    }
    let said = fetch(&openpai).await?;
    KNOWN.set(Some(Known {
        user: openpai.user,
        at,
        said: said.clone(),
    }));
    Ok(said)
}

async fn fetch(openpai: &OpenPai) -> Result<Value, Failure> {
    let paths = [
        format!("/users/{}", encoded(&openpai.user)),
        "/virtual-clusters".to_owned(),
        "/virtual-clusters?nodes".to_owned(),
        "/cluster/sku-types".to_owned(),
        "/storages".to_owned(),
        format!("/jobs?state=WAITING&limit={MOST_WAITING}"),
    ];
    let mut answers = all(openpai, &paths).await.into_iter();
    let mut next = || {
        let missing = || Err(Failure::local(messages::openpai::unreadable()));
        answers.next().unwrap_or_else(missing)
    };
    let (user, virtual_clusters, nodes, skus) = (next()?, next()?, next()?, next()?);
    // The page does without these two.
    let storages = next().unwrap_or_default();
    let jobs = next().unwrap_or_default();
    if !virtual_clusters.is_object() || !skus.is_object() {
        return Err(Failure::local(messages::openpai::unreadable()));
    }
    let mut own = Value::Null;
    if skus.as_object().is_some_and(|skus| !skus.is_empty()) {
        let names: Vec<&str> = texts(&user["virtualCluster"]).take(MOST_ASKED).collect();
        let paths: Vec<String> = names
            .iter()
            .map(|name| format!("/cluster/sku-types?vc={}", encoded(name)))
            .collect();
        for (name, answer) in names.into_iter().zip(all(openpai, &paths).await) {
            match answer {
                Ok(skus) => own[name] = skus,
                // Older versions of OpenPAI do not tell.
                Err(failure) if failure.status == Some(404) => {}
                Err(failure) => return Err(failure),
            }
        }
    }
    Ok(json!({
        "user": user,
        "virtualClusters": virtual_clusters,
        "nodes": nodes,
        "skus": skus,
        "own": own,
        "storages": storages,
        "jobs": jobs,
    }))
}

/// What OpenPAI answers to each of these paths, asked at the same time.
async fn all(openpai: &OpenPai, paths: &[String]) -> Vec<Result<Value, Failure>> {
    type Call<'a> = Pin<Box<dyn Future<Output = Result<Value, Failure>> + 'a>>;

    let mut calls: Vec<Call<'_>> = Vec::new();
    for path in paths {
        calls.push(Box::pin(openpai.get(path)));
    }
    let mut answers: Vec<Option<Result<Value, Failure>>> = Vec::new();
    answers.resize_with(calls.len(), || None);
    poll_fn(|context| {
        let mut is_done = true;
        for (call, answer) in calls.iter_mut().zip(&mut answers) {
            if answer.is_none() {
                match call.as_mut().poll(context) {
                    Poll::Ready(value) => *answer = Some(value),
                    Poll::Pending => is_done = false,
                }
            }
        }
        if is_done {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    answers.into_iter().flatten().collect()
}

/// Where a job of the user's may run, by what [`ask`] brought. Lenient: what is missing
/// counts as nothing.
pub(super) fn read(said: &Value) -> (Cluster, User) {
    let own = &said["own"];
    let jobs = said["jobs"].as_array();
    let jobs = jobs.filter(|jobs| jobs.len() < MOST_WAITING);
    let mut virtual_clusters = BTreeMap::new();
    for (name, here) in entries(&said["virtualClusters"]) {
        let waiting = jobs.map(|jobs| {
            let mut waiting = Waiting::default();
            for job in jobs.iter().filter(|job| job["virtualCluster"] == **name) {
                waiting.jobs += 1;
                waiting.gpus += count(&job["totalGpuNumber"]);
            }
            waiting
        });
        let shape = VirtualCluster {
            resources_total: resources(&here["resourcesTotal"]),
            resources_guaranteed: resources(&here["resourcesGuaranteed"]),
            resources_used: resources(&here["resourcesUsed"]),
            sku_types: own.get(name).map(skus),
            waiting,
        };
        virtual_clusters.insert(name.clone(), shape);
    }
    let mut nodes = BTreeMap::new();
    for (name, node) in entries(&said["nodes"]) {
        let gpus = NodeGpus {
            gpu_total: count(&node["gpuTotal"]),
            gpu_available: count(&node["gpuAvailable"]),
        };
        nodes.insert(name.clone(), gpus);
    }
    let cluster = Cluster {
        sku_types: skus(&said["skus"]),
        virtual_clusters,
        nodes,
    };
    let names = |values: &Value, key: &str| {
        let all = values.as_array().into_iter().flatten();
        let names = all.filter_map(|value| value[key].as_str());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let storages = &said["storages"]["storages"];
    let user = User {
        virtual_clusters: texts(&said["user"]["virtualCluster"])
            .map(str::to_owned)
            .collect(),
        storages: storages.is_array().then(|| names(storages, "name")),
    };
    (cluster, user)
}

fn skus(said: &Value) -> BTreeMap<String, Resources> {
    let mut skus = BTreeMap::new();
    for (name, cell) in entries(said) {
        skus.insert(name.clone(), resources(cell));
    }
    skus
}

fn resources(said: &Value) -> Resources {
    Resources {
        gpu: count(&said["gpu"]),
        cpu: count(&said["cpu"]),
        memory: count(&said["memory"]),
    }
}

fn count(said: &Value) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what is exact"
    )]
    said.as_f64()
        .map_or(0, |number| number.clamp(0.0, 9e15) as u64)
}

fn texts(said: &Value) -> impl Iterator<Item = &str> {
    said.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn entries(said: &Value) -> impl Iterator<Item = (&String, &Value)> {
    said.as_object().into_iter().flatten()
}
