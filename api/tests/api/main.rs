//! The REST API from outside, on `SQLite` and on a real `PostgreSQL`, with a
//! stand-in OpenPAI over real HTTP: `routes` mirrors the addresses, `behaviour`
//! has what holds for several of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod behaviour;
mod routes;
mod support;
