//! The schema, as a list of steps that only ever grows. A step is frozen once it is
//! released: it calls nothing that may change later. Each is one transaction, on `SQLite`
//! too: a server that is killed meanwhile leaves nothing half-done. What only today's code can write
//! — the search index — is asked for by a mark that start-up honours after all steps
//! ([`crate::Store::reindex_if_marked`]). The tables of the first marketplace
//! have other names and are left alone.

mod m0001_catalogue;
mod m0002_users;
mod m0003_storages;
mod m0004_audit;
mod m0005_search;
mod m0006_search_in_items;
mod m0007_bounded_search;
mod m0008_review_and_idempotency;
mod m0009_templates;
mod m0010_uses;
mod m0011_license;
mod m0012_copies;
mod m0013_versions;
mod m0014_life_cycle;
mod m0015_demands;
mod m0016_runs;

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
            Box::new(m0009_templates::Migration),
            Box::new(m0010_uses::Migration),
            Box::new(m0011_license::Migration),
            Box::new(m0012_copies::Migration),
            Box::new(m0013_versions::Migration),
            Box::new(m0014_life_cycle::Migration),
            Box::new(m0015_demands::Migration),
            Box::new(m0016_runs::Migration),
        ]
    }
}

/// What a database's schema is to this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// There is none: nobody has opened the database before.
    Missing,
    /// Steps are missing.
    Older,
    /// It has all steps.
    Current,
    /// It has a step that this program does not know, by name.
    Newer(String),
}

impl State {
    /// Refuses a schema that a newer version of the marketplace has made.
    ///
    /// # Errors
    /// Says which step is not known, and what to do.
    pub fn refuse_newer(&self) -> anyhow::Result<()> {
        if let Self::Newer(step) = self {
            anyhow::bail!(
                "its schema was made by a newer version of the marketplace: this one, {}, does not know the step \
                 {step}. Start the newer version; to go back to this one, restore the back-up from before the upgrade",
                env!("CARGO_PKG_VERSION")
            );
        }
        Ok(())
    }
}

/// Compares a database's schema with what this program knows, and changes nothing.
///
/// # Errors
/// When the database fails.
pub async fn state<'c, C>(db: &'c C) -> Result<State, DbErr>
where
    C: sea_orm::ConnectionTrait,
    &'c C: sea_orm::IntoDatabaseExecutor<'c>,
{
    const TABLE: &str = "seaql_migrations";

    if !SchemaManager::new(db).has_table(TABLE).await? {
        return Ok(State::Missing);
    }
    let query = Query::select().column("version").from(TABLE).to_owned();
    let applied: Vec<String> = crate::dialect::first_column(db, &query).await?;
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    let unknown = applied.iter().filter(|step| !known.contains(step)).max();
    Ok(match unknown {
        Some(step) => State::Newer(step.clone()),
        None if applied.len() < known.len() => State::Older,
        None => State::Current,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use sea_orm_migration::MigratorTrait;

    #[test]
    fn a_step_uses_nothing_of_this_crate() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migration");
        let mut steps = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let text = fs::read_to_string(&file).unwrap();
            let uses = ["crate::", "super::"].map(|path| text.contains(path));
            assert_eq!(uses, [false; 2], "{}", file.display());
            steps += 1;
        }
        assert_eq!(steps, super::Migrator::migrations().len());
    }
}
