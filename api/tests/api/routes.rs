//! One file for each action of a resource, as the addresses are.

mod audit;
mod categories;
mod items;
mod metrics;
mod openapi;
mod storages;
mod tags;
