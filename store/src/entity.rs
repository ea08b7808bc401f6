//! The tables, as `SeaORM` sees them; [`crate::migration`] makes them.

pub mod audit;
pub mod categories;
pub mod idempotency_keys;
pub mod item_categories;
pub mod item_groups;
pub mod item_tags;
pub mod items;
pub mod stars;
pub mod storages;
pub mod tags;
pub mod templates;
pub mod users;
pub mod uses;
