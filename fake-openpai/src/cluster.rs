//! What the cluster is, and what all requests share of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use crate::faults::Faults;
use crate::hardware::{Hardware, Scheduler};
use crate::jobs::Jobs;
use crate::limits::{Counts, Limits};
use crate::tokens::Tokens;

/// What all requests share.
pub(crate) struct Cluster {
    pub(crate) tokens: Tokens,
    pub(crate) faults: Arc<Faults>,
    pub(crate) hardware: Hardware,
    pub(crate) counts: Counts,
    pub(crate) jobs: Jobs,
    pub(crate) plugins: Vec<Plugin>,
    pub(crate) assets: Option<PathBuf>,
}

impl Cluster {
    pub(crate) fn new(
        key: Option<String>,
        plugins: Vec<Plugin>,
        assets: Option<PathBuf>,
        scheduler: Scheduler,
        limits: Limits,
    ) -> Self {
        let key = key.unwrap_or_else(|| Uuid::new_v4().to_string());
        Self {
            tokens: Tokens::new(&key),
            faults: Arc::default(),
            hardware: Hardware::sample(scheduler),
            counts: Counts::new(limits),
            jobs: Jobs::samples(),
            plugins,
            assets,
        }
    }
}

/// A plugin of the portal's configuration (`webportal.plugins[]`).
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Plugin {
    id: &'static str,
    /// What the sidebar says.
    pub(crate) title: &'static str,
    uri: String,
    config: BTreeMap<String, String>,
}

impl Plugin {
    pub(crate) fn marketplace(uri: String, config: Vec<(String, String)>) -> Self {
        Self {
            id: "marketplace",
            title: "Marketplace",
            uri,
            config: config.into_iter().collect(),
        }
    }
}
