use std::time::Duration;

use clap::Args;

use crate::serve::Limits;

/// How much clients may take of a server.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Connections")]
pub struct ConnectionOptions {
    /// The most connections at a time, within three quarters of the open files
    /// that the process may have (ulimit -n); default: 1024, within the same.
    /// Others wait
    #[arg(long, env = "MAX_CONNECTIONS", value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: Option<u32>,
    /// Seconds that a client may take to receive a whole answer; then the
    /// connection is closed
    #[arg(long, env = "SEND_TIMEOUT", value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub send_timeout: u64,
}

impl ConnectionOptions {
    /// What the server keeps to.
    pub fn limits(&self) -> Limits {
        let connections = self.max_connections;
        Limits::new(
            connections.map(|count| usize::try_from(count).unwrap_or(usize::MAX)),
            Duration::from_secs(self.send_timeout),
        )
    }
}
