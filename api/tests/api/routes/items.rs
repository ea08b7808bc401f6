//! `/items`.

mod categories;
mod copies;
mod create;
mod delete;
mod facets;
mod list;
mod pages;
mod read;
mod review;
mod search;
mod secrets;
mod star;
mod tags;
mod update;
mod use_item;
mod versions;
