//! Structured logs: one line an event, as text or JSON.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::config::{LogFormat, LogLevel, LogOptions};

/// Starts logging to standard output for the whole process; a second call changes nothing.
pub fn start(options: LogOptions) {
    let colours = io::stdout().is_terminal();
    start_on(options, BoxMakeWriter::new(io::stdout), colours);
}

/// The same on standard error, for commands whose output is for people.
pub fn start_on_stderr(options: LogOptions) {
    let colours = io::stderr().is_terminal();
    start_on(options, BoxMakeWriter::new(io::stderr), colours);
}

fn start_on(options: LogOptions, writer: BoxMakeWriter, colours: bool) {
    // `marketplace` is the binary, and the beginning of the library's name.
    let filter = match options.log_level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "warn,marketplace=info",
        LogLevel::Verbose | LogLevel::Debug => "info,marketplace=debug,sqlx::query=warn",
        // Not simply everything: SeaORM's and the HTTP client's innermost
        // events hold connection strings, statements' values and headers.
        LogLevel::Silly => {
            "debug,marketplace=trace,sqlx=debug,sqlx::query=trace,sea_orm=info,sqlx_core=info,hyper_util=info,reqwest=info,h2=info"
        }
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(writer)
        .with_ansi(colours);
    let started = match options.log_format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging has started already");
    }
}
