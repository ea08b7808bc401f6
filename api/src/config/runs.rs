//! The settings of what the server does with a token of its own.

use clap::Args;

use super::environment::number;
use super::given;

/// Where and when official templates are run.
#[derive(Clone, Debug)]
pub struct Nightly {
    /// The virtual cluster.
    pub virtual_cluster: String,
    /// From which hour of the day on, in UTC.
    pub hour: u32,
}

/// What becomes of jobs; `docs/operations.md` tells more.
#[derive(Args)]
#[command(next_help_heading = "Runs")]
pub struct RunOptions {
    /// An application token of OpenPAI, by which the server follows jobs that were made
    /// of items while nobody comes by; without it they are followed by the tokens of
    /// those who do
    #[arg(long, env = "OPENPAI_TOKEN", value_name = "TOKEN")]
    pub openpai_token: Option<String>,
    /// Run each official template once a night in this virtual cluster, as the user whose
    /// OPENPAI_TOKEN is
    #[arg(long, env = "CANARY_VIRTUAL_CLUSTER", value_name = "NAME")]
    pub canary_virtual_cluster: Option<String>,
    /// From which hour on nightly runs begin, in UTC; none begins later than six hours after
    #[arg(long, env = "CANARY_HOUR", value_name = "HOUR", default_value_t = 2, value_parser = number(0..=23_u32))]
    pub canary_hour: u32,
}

impl RunOptions {
    /// The token, and what is run by it. One without the other is told to the log.
    pub fn canary(&self) -> Option<(String, Option<Nightly>)> {
        let virtual_cluster = given(self.canary_virtual_cluster.as_deref());
        let Some(token) = given(self.openpai_token.as_deref()) else {
            if virtual_cluster.is_some() {
                tracing::warn!("CANARY_VIRTUAL_CLUSTER is ignored: OPENPAI_TOKEN is not set");
            }
            return None;
        };
        let nightly = virtual_cluster.map(|virtual_cluster| Nightly {
            virtual_cluster,
            hour: self.canary_hour,
        });
        Some((token, nightly))
    }
}

/// Keeps the token out of whatever prints the settings.
impl std::fmt::Debug for RunOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunOptions")
            .field("canary_virtual_cluster", &self.canary_virtual_cluster)
            .field("canary_hour", &self.canary_hour)
            .finish_non_exhaustive()
    }
}
