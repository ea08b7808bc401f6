//! The real binary in operation: what it logs, what survives when it is
//! killed, and what happens while its database is away or its peers are slow.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backup;
mod drain;
mod figures;
#[cfg(target_os = "linux")]
mod full_disk;
mod guides_files;
mod health;
mod ipv6;
mod killed;
mod logs;
mod nginx;
mod openpai_address;
mod outage;
mod postgres;
mod private_authorities;
mod private_files;
mod pylon;
mod retention;
mod rotation;
mod server;
mod settings;
mod settings_page;
mod shell;
mod slow_peers;
mod sqlite_files;
mod start_and_stop;
mod start_order;
mod validation;
mod webportal;
mod writers;
