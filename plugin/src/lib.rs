//! The marketplace in the browser: what the portal's `<pai-plugin>` element
//! shows.
//!
//! `loader.js` defines the element and calls [`element::mount`] each time it
//! enters the page. From there on: hash → [`route::Route`] → a page of
//! [`pages`] → a call of [`client::Client`] → a signal → the view. The URL's
//! hash is the only place where filters live, so that Back, reload and a
//! copied link always work.

mod app;
mod changes;
mod chunks;
mod client;
mod components;
mod connection;
mod deletions;
mod draft;
pub mod element;
mod fit;
mod form;
mod list_cache;
mod load;
mod messages;
mod navigation;
mod openpai;
mod pages;
mod reader;
mod route;
mod scroll;
mod session;
mod styles;
mod text;
mod time;
mod title;
