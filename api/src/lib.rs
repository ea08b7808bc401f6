//! The marketplace's server side: the REST API, the file server of the plugin
//! and the commands `validate`, `lint`, `diff`, `migrate`, `export` and `import`, all in the one binary
//! `marketplace`.
//!
//! Where to look:
//!
//! - [`app`] puts the server together: the route table is [`routes`], one
//!   module a resource; what every request passes through is [`middleware`],
//!   with [`compress`] for answers and [`patterns`] for how routes are called.
//! - [`openapi`] makes bodies and their description of the wire types.
//! - [`auth`] finds out who is asking, from [`openpai`], the identity provider.
//! - [`store`], a crate of its own, is everything that touches the database.
//! - [`startup`] opens a catalogue, step by step: [`legacy`] carries the first
//!   marketplace's tables over; [`official`] loads the templates of `examples/` into an
//!   empty catalogue.
//! - [`list_memory`] bounds what lists take until they are sent.
//! - [`etag`] keeps people from overwriting each other's changes, and spares
//!   clients what they have already; [`idempotency`] keeps a request that is sent
//!   again from making anything twice.
//! - [`bundle`] is the whole catalogue as a file.
//! - [`run_watch`] finds out what becomes of jobs that were made of items; [`canary`] does so
//!   while nobody comes by, and runs official templates at night.
//! - [`externals`] asks whether the images and data of items are there.
//! - [`storage`] is how jobs get at Azure Blob storage; [`store::secrets`] keeps its
//!   connection strings encrypted in the database.
//! - [`problem`] is every way to refuse a request.
//! - [`metrics`] is what the server counts, by `instruments`; [`log`] what it writes
//!   down.
//! - [`serve`] is how the servers deal with connections: none may hold them up;
//!   [`listen`] takes their ports, [`stop`] is how they end, and [`health`] asks one
//!   how it is.
//! - [`config`] is every setting; [`webportal`], [`validate`], [`lint`],
//!   [`diff`] and [`migrate`] are the other subcommands, beside those of [`bundle`]
//!   and those of [`client`], a crate of its own, which call a marketplace.

pub mod app;
pub mod auth;
pub mod bundle;
pub mod canary;
pub mod compress;
pub mod config;
pub mod diff;
mod digest;
pub mod entity_tags;
pub mod etag;
pub mod externals;
pub mod fit;
pub mod health;
pub mod idempotency;
mod instruments;
pub mod lint;
pub mod list_memory;
pub mod listen;
pub mod log;
pub mod metrics;
pub mod middleware;
pub mod migrate;
mod mutex;
pub mod official;
pub mod openapi;
pub mod openpai;
pub mod patterns;
pub mod problem;
pub mod rate_limit;
pub mod routes;
pub mod run_watch;
pub mod serve;
pub mod startup;
pub mod stop;
pub mod storage;
pub mod validate;
pub mod webportal;
