//! The settings of what the server may ask others than OpenPAI.

use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args};

use store::clock::Clock;

use crate::externals::Externals;

/// Whether images and data are there; `docs/operations.md` tells more.
#[derive(Args, Debug)]
#[command(next_help_heading = "Images and data")]
pub struct ExternalOptions {
    /// Hosts that the server may ask whether the images and data that items lead to are
    /// there, separated by commas: registries, and where they say that tokens are to be had,
    /// such as registry-1.docker.io,auth.docker.io. Each with its port, if that is not 443,
    /// and with the scheme http in front, if it speaks no HTTPS; none unless set
    #[arg(long, env = "CHECKED_HOSTS", value_name = "HOSTS")]
    pub checked_hosts: Option<String>,
    /// Ask these hosts at private addresses too. Anything but an empty value, 0, n, no, f,
    /// false or off switches it on
    #[arg(
        long,
        env = "CHECKED_HOSTS_MAY_BE_PRIVATE",
        value_name = "BOOL",
        value_parser = FalseyValueParser::new(),
        action = ArgAction::Set,
        default_value_t,
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true
    )]
    pub checked_hosts_may_be_private: bool,
}

impl ExternalOptions {
    /// What asks them.
    ///
    /// # Errors
    /// When the list is none, or names what is private and not allowed.
    pub fn externals(&self, clock: Clock) -> anyhow::Result<Externals> {
        let hosts = self.checked_hosts.as_deref().unwrap_or_default();
        Externals::new(hosts, self.checked_hosts_may_be_private, clock)
    }
}
