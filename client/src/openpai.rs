//! OpenPAI's REST server, asked in the user's own name (docs/contract.md#2-openpais-rest-server).

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use shared::fit::cluster::{Cluster, Resources, User, VirtualCluster, Waiting};

use crate::server::{Failure, Server};

/// The most virtual clusters of the user whose SKUs are asked for: one call each.
const MOST_ASKED: usize = 20;

/// The most jobs that are counted of those that wait.
const MOST_WAITING: usize = 1000;

/// OpenPAI with somebody signed in.
pub(crate) struct OpenPai {
    server: Server,
    /// The user's name.
    pub(crate) user: String,
}

#[derive(Deserialize)]
struct TokenInfo {
    username: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserInfo {
    #[serde(default)]
    virtual_cluster: Vec<String>,
}

#[derive(Deserialize)]
struct Storages {
    storages: Vec<Storage>,
}

#[derive(Deserialize)]
struct Storage {
    name: String,
}

/// A job that waits.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    virtual_cluster: String,
    #[serde(default)]
    total_gpu_number: u64,
}

impl OpenPai {
    /// Asks whose the token is.
    ///
    /// # Errors
    /// When OpenPAI does not answer, or does not know it.
    pub(crate) async fn sign_in(server: Server) -> Result<Self, Failure> {
        let info: TokenInfo = server.get("/api/v2/tokens/check").await?;
        Ok(Self {
            server,
            user: info.username,
        })
    }

    /// Where a job of the user's may run: six calls, and one for each of the user's virtual
    /// clusters.
    ///
    /// # Errors
    /// When OpenPAI does not answer, or refuses.
    pub(crate) async fn place(&self) -> Result<(Cluster, User), Failure> {
        let server = &self.server;
        let path = format!("/api/v2/users/{}", encoded(&self.user));
        let user: UserInfo = server.get(&path).await?;
        let mut virtual_clusters: BTreeMap<String, VirtualCluster> =
            server.get("/api/v2/virtual-clusters").await?;
        let nodes = server.get("/api/v2/virtual-clusters?nodes").await?;
        let sku_types: BTreeMap<String, Resources> =
            server.get("/api/v2/cluster/sku-types").await?;
        // The verdicts do without these two.
        let storages: Option<Storages> = server.get("/api/v2/storages").await.ok();
        let path = format!("/api/v2/jobs?state=WAITING&limit={MOST_WAITING}");
        let jobs: Option<Vec<Job>> = server.get(&path).await.ok();
        if let Some(jobs) = jobs.filter(|jobs| jobs.len() < MOST_WAITING) {
            for (name, here) in &mut virtual_clusters {
                let waiting = jobs.iter().filter(|job| job.virtual_cluster == *name);
                let count = |all: Waiting, job: &Job| Waiting {
                    jobs: all.jobs + 1,
                    gpus: all.gpus.saturating_add(job.total_gpu_number),
                };
                here.waiting = Some(waiting.fold(Waiting::default(), count));
            }
        }
        if !sku_types.is_empty() {
            for name in user.virtual_cluster.iter().take(MOST_ASKED) {
                let path = format!("/api/v2/cluster/sku-types?vc={}", encoded(name));
                let skus = match server.get(&path).await {
                    Ok(skus) => Some(skus),
                    // Older versions of OpenPAI do not tell.
                    Err(failure) if failure.status == Some(StatusCode::NOT_FOUND) => None,
                    Err(failure) => return Err(failure),
                };
                if let Some(here) = virtual_clusters.get_mut(name) {
                    here.sku_types = skus;
                }
            }
        }
        let cluster = Cluster {
            sku_types,
            virtual_clusters,
            nodes,
        };
        let names = |all: Storages| all.storages.into_iter().map(|one| one.name).collect();
        let user = User {
            virtual_clusters: user.virtual_cluster,
            storages: storages.map(names),
        };
        Ok((cluster, user))
    }

    /// Submits a job, a protocol as YAML, under its name. Where only the answer got lost,
    /// it looks whether the job is there.
    ///
    /// # Errors
    /// When OpenPAI does not take it, or it is not known whether it has.
    pub(crate) async fn submit(&self, name: &str, protocol: String) -> Result<(), Failure> {
        let request = self
            .server
            .request(Method::POST, "/api/v2/jobs")
            .header("Content-Type", "text/yaml")
            .body(protocol);
        match self.server.send(request).await {
            Err(failure) if failure.is_unknown() && self.has_job(name).await => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    async fn has_job(&self, name: &str) -> bool {
        let path = format!("/api/v2/jobs/{}~{}", encoded(&self.user), encoded(name));
        self.server.get::<Value>(&path).await.is_ok()
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
