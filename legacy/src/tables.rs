//! Which of the first marketplace's tables there are, and of which version.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use store::Transaction;

use super::report::Generation;

/// The table without which there is no catalogue.
pub(super) const ITEMS: &str = "MarketplaceItems";

/// What was found.
pub(super) struct Legacy {
    pub(super) generation: Generation,
    tables: BTreeSet<String>,
}

impl Legacy {
    /// Whether the table is there; v1.5 had fewer.
    pub(super) fn has(&self, table: &str) -> bool {
        self.tables.contains(table)
    }
}

/// Looks for the tables in the schema that unquoted names would be made in.
/// The system's catalogue is asked and not `information_schema`, which hides
/// tables that this user may not read: those must end in an error.
pub(super) async fn find(tx: &Transaction) -> Result<Option<Legacy>, DbErr> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let rows = tx
        .query_all_raw(Statement::from_string(
            DbBackend::Postgres,
            "SELECT relname::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace \
             WHERE nspname = current_schema() AND relkind IN ('r', 'p') AND relname <> lower(relname)",
        ))
        .await?;
    let tables = rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<BTreeSet<String>, _>>()?;
    if !tables.contains(ITEMS) {
        return Ok(None);
    }
    Ok(Some(Legacy {
        generation: generation(tx).await?,
        tables,
    }))
}

/// Tells versions by the columns of the items: v1.5 knew no access control;
/// the upgrade from it made `source` plain text and everything private, where
/// v1.6 and v1.7 by themselves have an enum and make everything public.
async fn generation(tx: &Transaction) -> Result<Generation, DbErr> {
    let rows = tx
        .query_all_raw(Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT attname::text, (attname = 'source' AND typtype <> 'e') \
                 OR (attname = 'isPrivate' AND coalesce(pg_get_expr(adbin, adrelid), '') = 'true') \
             FROM pg_attribute JOIN pg_type t ON t.oid = atttypid \
                 LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum \
             WHERE attrelid = to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1)) \
                 AND attnum > 0 AND NOT attisdropped",
            [ITEMS.into()],
        ))
        .await?;
    let mut has_access_control = false;
    let mut was_upgraded = false;
    for row in rows {
        let column: String = row.try_get_by_index(0)?;
        has_access_control |= matches!(column.as_str(), "isPublic" | "isPrivate");
        was_upgraded |= row.try_get_by_index::<bool>(1)?;
    }
    Ok(match (has_access_control, was_upgraded) {
        (false, _) => Generation::V15,
        (true, true) => Generation::UpgradedFromV15,
        (true, false) => Generation::V17,
    })
}
