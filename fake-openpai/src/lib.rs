//! A stand-in for an OpenPAI cluster, over real HTTP: the portal pages that
//! load plugins, the login, and the REST endpoints that the marketplace calls.
//! Tests start it inside their own process, `cargo xtask run` starts the binary
//! of this package.
//!
//! - `rest`: the REST server, one module per resource, with really signed and
//!   really checked tokens. `limits` says 429 as the real one does.
//! - `pages`: the portal. What a page shows comes from its own script in
//!   `pages/`, which puts text into the page as text and never as markup. Its
//!   submit page loses of a template what the real one loses (docs/contract.md#1-the-portal-and-pluginjs).
//! - `people`, `hardware` and `jobs`: what the cluster holds, under hived or under the
//!   default scheduler ([`Scheduler`]). Nothing is written to disk.
//! - `faults` and `control`: trouble on request, and jobs that move on request, for
//!   tests. Nothing here moves by the clock: a job waits until somebody calls
//!   [`FakeOpenPai::change_job`] or sends `PUT /__jobs/USER~JOB` with
//!   `{"state": "RUNNING"}`, `{"state": "FAILED", "exitCode": 254}` or
//!   `{"warning": {"reason": "FailedScheduling", "message": "…"}}`; and `PUT
//!   /__limits` with `{"submissionsPerHour": 1}` makes 429 a matter of two calls.
//!
//! What it does not do: run jobs, keep them over a restart, check every rule of the
//! protocol's schema, stop jobs, show logs.

mod assets;
mod cluster;
mod control;
mod error;
mod faults;
mod hardware;
mod jobs;
mod limits;
mod pages;
mod people;
mod rest;
mod server;
mod tokens;

pub use faults::Fault;
pub use hardware::Scheduler;
pub use jobs::{Change, State};
pub use limits::Limits;
pub use server::{Config, FakeOpenPai};
