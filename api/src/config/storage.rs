//! The settings of the cluster's storage.

use std::time::Duration;

use clap::Args;

use super::environment::seconds;
use crate::storage::setting::{self, StorageSetting};

/// Three days: a job that is submitted on a Friday evening, waits over the
/// weekend and runs for the night still gets to write what it has made.
const DEFAULT_SAS_LIFETIME: &str = "259200";

/// Thirty days. What a job was given cannot be taken back without changing the
/// account's key.
const MAX_SAS_LIFETIME: u64 = 30 * 24 * 60 * 60;

/// Where jobs keep their data; `docs/storage.md` tells more.
#[derive(Args)]
#[command(next_help_heading = "Storage")]
pub struct StorageOptions {
    /// The cluster's Azure Blob storage as JSON with `type`, `storage_account`
    /// and `connection_strings`
    #[arg(long, env = "AZURE_STORAGE", value_name = "JSON")]
    pub azure_storage: Option<String>,
    /// Seconds for which a job may use the storage, counted from when it is
    /// made: the time in the queue and the time it runs
    #[arg(long, env = "SAS_LIFETIME", value_name = "SECONDS", default_value = DEFAULT_SAS_LIFETIME, value_parser = seconds(60..=MAX_SAS_LIFETIME))]
    pub sas_lifetime: Duration,
}

impl StorageOptions {
    /// The storage that AZURE_STORAGE names. One that cannot be understood is
    /// told to the log and otherwise as if it were not set: the catalogue
    /// works without.
    pub fn configured_storage(&self) -> Option<StorageSetting> {
        let text = self.azure_storage.as_deref()?;
        let setting = setting::parse(text).unwrap_or_else(|error| {
            tracing::warn!(%error, "AZURE_STORAGE is ignored");
            None
        })?;
        for (place, error) in setting.useless() {
            tracing::warn!(
                "connection string {place} of AZURE_STORAGE {error}: no job can use the storage by it"
            );
        }
        Some(setting)
    }
}

/// Keeps the secrets out of whatever prints the settings.
impl std::fmt::Debug for StorageOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StorageOptions")
            .field("sas_lifetime", &self.sas_lifetime)
            .finish_non_exhaustive()
    }
}
