//! What holds across routes, theme by theme.

mod addresses;
mod amounts;
mod answers;
mod azurite;
mod bodies;
mod bundle;
mod canary;
mod compression;
mod conditional;
mod errors;
mod idempotency;
mod legacy;
pub(crate) mod many_items;
mod merged_labels;
mod names;
mod older_schema;
mod outages;
mod pages;
mod policy;
mod pool;
mod renames;
mod rolling_update;
mod search_index;
mod start;
mod storage_secrets;
mod tokens;
mod two_servers;
