//! The tables, as `SeaORM` sees them; [`crate::migration`] makes them.

/// What SeaORM wants of a table besides its columns: queries join by hand, and nothing
/// happens when a row is written.
macro_rules! joined_by_hand {
    () => {
        /// Queries join by hand.
        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    };
}

pub mod audit;
pub mod categories;
pub mod exit_answers;
pub mod follows;
pub mod idempotency_keys;
pub mod item_categories;
pub mod item_groups;
pub mod item_tags;
pub mod items;
pub mod runs;
pub mod stars;
pub mod storages;
pub mod tags;
pub mod templates;
pub mod used_versions;
pub mod users;
pub mod uses;
pub mod versions;
