//! A stand-in for an OpenPAI cluster, over real HTTP: the portal pages that
//! load plugins, the login, and the REST endpoints that the marketplace calls.
//! Tests start it inside their own process, `cargo xtask run` starts the binary
//! of this package.
//!
//! - `rest`: the REST server, one module per resource, with really signed and
//!   really checked tokens.
//! - `pages`: the portal. What a page shows comes from its own script in
//!   `pages/`, which puts text into the page as text and never as markup.
//! - `people` and `jobs`: what the cluster holds. Nothing is written to disk.
//! - `faults`: trouble on request, for tests.

mod assets;
mod cluster;
mod faults;
mod jobs;
mod pages;
mod people;
mod rest;
mod server;
mod tokens;

pub use faults::Fault;
pub use server::{Config, FakeOpenPai};
