//! The real binary in operation: what it logs, what survives when it is
//! killed, and what happens while its database is away or its peers are slow.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod killed;
mod logs;
mod outage;
mod postgres;
mod server;
mod slow_peers;
mod writers;
