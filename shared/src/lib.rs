//! What the marketplace's two halves agree on: the browser plugin and the
//! REST server both compile this crate, so a rule that lives here exists once.
//!
//! - [`wire`]: the request and response bodies of the REST API.
//! - [`address`]: ids as parts of its addresses.
//! - [`access`]: who may do what with an item.
//! - [`protocol`]: the OpenPAI job protocol and its validator.
//! - [`data_item`]: data items made of an address.
//! - [`diff`]: what two protocols mean differently.
//! - [`exposure`]: secrets in what others come to read of an item.
//! - [`evidence`]: what runs of an item say about it.
//! - [`fit`]: whether a job will run on a cluster.
//! - [`javascript`]: numbers and letters as the browser has them.
//! - [`lint`]: secrets that somebody left in a text.
//!
//! Nothing here does I/O, reads a clock or rolls dice.

pub mod access;
pub mod address;
pub mod data_item;
pub mod diff;
pub mod evidence;
pub mod exposure;
pub mod fit;
pub mod javascript;
pub mod lint;
pub mod order;
pub mod protocol;
pub mod wire;
