//! Structured logs: one line an event on standard output, as text or JSON.

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogLevel, LogOptions};

/// Starts logging for the whole process; a second call changes nothing.
pub fn start(options: LogOptions) {
    let filter = match options.log_level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "warn,marketplace_api=info",
        LogLevel::Verbose | LogLevel::Debug => "info,marketplace_api=debug,sqlx::query=warn",
        // Not simply everything: SeaORM's and the HTTP client's innermost
        // events hold connection strings, statements' values and headers.
        LogLevel::Silly => {
            "debug,marketplace_api=trace,sqlx=debug,sqlx::query=trace,sea_orm=info,sqlx_core=info,hyper_util=info,reqwest=info,h2=info"
        }
    };
    let builder = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(filter));
    let started = match options.log_format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging has started already");
    }
}
