//! The REST API from outside, on `SQLite` and on a real `PostgreSQL`, with a
//! stand-in OpenPAI over real HTTP. Modules mirror the addresses.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod addresses;
mod amounts;
mod answers;
mod audit;
mod azurite;
mod bodies;
mod bundle;
mod categories;
mod compression;
mod conditional;
mod copies;
mod errors;
mod finding;
mod idempotency;
mod item;
mod item_categories;
mod item_star;
mod item_tags;
mod item_use;
mod items;
mod legacy;
mod many_items;
mod metrics;
mod names;
mod older_schema;
mod openapi;
mod outages;
mod pages;
mod policy;
mod pool;
mod renames;
mod review;
mod rolling_update;
mod search_index;
mod start;
mod storages;
mod support;
mod tags;
mod tokens;
mod two_servers;
