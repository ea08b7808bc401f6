//! The catalogue, or the official templates, as one file: `marketplace export` and
//! `marketplace import`.
//!
//! # The format, version 1
//!
//! A bundle is a plain tar archive of regular files, without any compression: what it
//! says it holds is what it takes. Its members are
//!
//! | name | one JSON object a line | in the order of |
//! |---|---|---|
//! | `categories.jsonl` | [`format::CategoryRow`] | `name` |
//! | `tags.jsonl` | [`format::TagRow`] | `name` |
//! | `items.jsonl` | [`format::ItemRow`] | `id` |
//! | `stars.jsonl` | [`format::StarRow`] | `item`, `user` |
//! | `versions.jsonl` | [`format::VersionRow`], if any item was ever changed | `item`, `number` |
//! | `audit.jsonl` | [`format::AuditRow`], if asked for | time |
//! | `storages.jsonl` | [`format::StorageRow`], if asked for; its secrets are encrypted | `id` |
//! | `templates.jsonl` | [`format::TemplateRow`]: alone, in a bundle of templates | `template` |
//! | `manifest.json` | [`format::Manifest`]: one object; version, and every member's rows, bytes and SHA-256 | |
//! | `manifest.sig` | not JSON but 64 bytes: the Ed25519 signature (RFC 8032) of `manifest.json`, if there was a key | |
//!
//! Order is that of bytes, and equal catalogues make equal members. Texts are UTF-8,
//! times ISO 8601 with milliseconds and `Z`. Whatever is not described here makes a
//! bundle invalid: a change of the format is a new version, and who reads an old one
//! says so. What is not in a bundle is what can be made anew (the search index), what
//! is forgotten within a day (`Idempotency-Key`s), and users, whom nothing asks for.
//!
//! - [`mod@format`] is what is in a bundle, `archive` how it is written and read, [`keys`]
//!   how it is signed.
//! - [`export`] and [`import`] are the commands; what they do to the database is in
//!   [`store::bundle`].

mod archive;
pub mod export;
pub mod format;
pub mod import;
pub mod keys;
