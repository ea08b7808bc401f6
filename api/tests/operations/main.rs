//! The real binary in operation: what it logs, what survives when it is
//! killed, and what happens while its database is away or its peers are slow.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backup;
#[cfg(target_os = "linux")]
mod full_disk;
mod killed;
mod logs;
mod outage;
mod postgres;
mod private_files;
mod retention;
mod server;
mod settings;
mod slow_peers;
mod start_and_stop;
mod validation;
mod writers;
