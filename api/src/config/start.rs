//! The settings of how a server starts.

use std::time::Duration;

use clap::Args;

use super::environment::seconds;

/// How the API starts.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Start")]
pub struct StartOptions {
    /// Seconds to wait for the PostgreSQL server at the start, while requests are
    /// told 503; 0: give up at once
    #[arg(long, env = "DB_WAIT", value_name = "SECONDS", default_value = "60", value_parser = seconds(0..=86_400))]
    pub db_wait: Duration,
}
