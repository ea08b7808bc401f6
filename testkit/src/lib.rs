//! What tests of several crates need, and `cargo xtask`, which runs them. No
//! program that is shipped depends on it; `xtask/tests/testkit.rs` holds that.
//!
//! It fails as tests fail, by a panic that says why.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in what tests share"
)]

#[cfg(feature = "async")]
pub mod database;
#[cfg(feature = "async")]
pub mod http;
pub mod postgres;

use std::net::{Ipv4Addr, TcpListener};

/// A port of the loopback interface that nobody listens on.
///
/// # Panics
/// When there is none left.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}
