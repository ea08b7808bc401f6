//! The settings of how a server starts.

use std::time::Duration;

use clap::Args;

use super::environment::number;

/// How the API starts.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Start")]
pub struct StartOptions {
    /// Seconds to wait for the PostgreSQL server at the start, while requests are
    /// told 503; 0: give up at once
    #[arg(long, env = "DB_WAIT", value_name = "SECONDS", default_value_t = 60, value_parser = number(0..=86_400_u64))]
    pub db_wait: u64,
}

impl StartOptions {
    /// How long to wait for the database.
    pub fn db_wait(&self) -> Duration {
        Duration::from_secs(self.db_wait)
    }
}
