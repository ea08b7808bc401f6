//! The schema, as a list of steps that only ever grows. A step is frozen once it is
//! released: it calls nothing that may change later. What only today's code can write
//! — the search index — is asked for by a mark that start-up honours after all steps
//! ([`crate::store::search::reindex_if_wanted`]). The tables of the first marketplace
//! have other names and are left alone.

mod m0001_catalogue;
mod m0002_users;
mod m0003_storages;
mod m0004_audit;
mod m0005_search;
mod m0006_search_in_items;
mod m0007_bounded_search;
mod m0008_review_and_idempotency;

use sea_orm_migration::prelude::*;

/// All steps in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_catalogue::Migration),
            Box::new(m0002_users::Migration),
            Box::new(m0003_storages::Migration),
            Box::new(m0004_audit::Migration),
            Box::new(m0005_search::Migration),
            Box::new(m0006_search_in_items::Migration),
            Box::new(m0007_bounded_search::Migration),
            Box::new(m0008_review_and_idempotency::Migration),
        ]
    }
}
