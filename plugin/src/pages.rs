//! One module for each place that the hash can name.

pub(crate) mod admin;
mod check_jobs;
pub(crate) mod chunks;
pub(crate) mod create;
pub(crate) mod detail;
mod drafts;
pub(crate) mod edit;
pub(crate) mod list;
mod mine;
pub(crate) mod news;
mod runs;
pub(crate) mod use_item;
mod versions;
