//! The REST API from outside, on `SQLite` and on a real `PostgreSQL`, with a
//! stand-in OpenPAI over real HTTP. Modules mirror the addresses.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod amounts;
mod categories;
mod compression;
mod errors;
mod item;
mod item_categories;
mod item_tags;
mod items;
mod metrics;
mod openapi;
mod policy;
mod start;
mod support;
mod tags;
mod tokens;
