//! What each step does to the schema, as its database describes it: a step that is frozen
//! and does something else all the same is noticed here.

use std::collections::BTreeSet;
use std::fmt::Write;

use marketplace_api::config::Database;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;
use store::migration::Migrator;

use crate::support::{connect, new_postgres_database};

/// A line for each table, column, key, index and trigger.
const SQLITE: &str = "
    SELECT 'table ' || name || CASE wr WHEN 1 THEN ' without rowid' ELSE '' END || CASE strict WHEN 1 THEN ' strict' ELSE '' END
    FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    UNION ALL
    SELECT 'column ' || t.name || '.' || c.name || ' ' || c.type || CASE c.\"notnull\" WHEN 1 THEN ' not null' ELSE '' END
        || COALESCE(' default ' || c.dflt_value, '') || CASE c.pk WHEN 0 THEN '' ELSE ' key ' || c.pk END
    FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND t.name <> 'sqlite_sequence'
    UNION ALL
    SELECT 'reference ' || t.name || '.' || f.\"from\" || ' to ' || f.\"table\" || '.' || f.\"to\" || ' on delete ' || f.on_delete
    FROM sqlite_master AS t, pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table'
    UNION ALL
    SELECT 'unique ' || t.name || '.' || c.name || ' ' || c.seqno || ' of ' || i.name
    FROM sqlite_master AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c
    WHERE t.type = 'table' AND i.origin = 'u'
    UNION ALL
    SELECT sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL";

const POSTGRES: &str = "
    SELECT 'table ' || relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'column ' || t.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || COALESCE((SELECT ' collate ' || collname FROM pg_collation AS o
            WHERE o.oid = a.attcollation AND o.oid <> y.typcollation), '')
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
        || COALESCE(' default ' || pg_get_expr(d.adbin, d.adrelid), '') || CASE a.attidentity WHEN '' THEN '' ELSE ' identity' END
    FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid JOIN pg_type AS y ON y.oid = a.atttypid
    LEFT JOIN pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = a.attnum
    WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL
    SELECT pg_get_indexdef(i.indexrelid) FROM pg_index AS i JOIN pg_class AS t ON t.oid = i.indexrelid
    WHERE t.relnamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u'))
    UNION ALL
    SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal";

async fn schema(db: &DatabaseConnection) -> BTreeSet<String> {
    let backend = db.get_database_backend();
    let query = match backend {
        DbBackend::Postgres => POSTGRES,
        _ => SQLITE,
    };
    let rows = db.query_all_raw(Statement::from_string(backend, query));
    let rows = rows.await.unwrap();
    let lines = rows.iter().map(|row| row.try_get_by_index(0).unwrap());
    // The table of sea-orm's own, which says what steps were taken, is its own business.
    lines
        .filter(|line: &String| !line.contains("seaql_migrations"))
        .collect()
}

/// The lines that each step takes away and adds.
async fn steps(database: Database) -> String {
    let db = connect(&database).await;
    let mut said = String::new();
    let mut before = BTreeSet::new();
    for step in Migrator::migrations() {
        Migrator::up(&db, Some(1)).await.unwrap();
        let after = schema(&db).await;
        writeln!(said, "{}", step.name()).unwrap();
        for (mark, lines) in [('-', &before - &after), ('+', &after - &before)] {
            for line in lines {
                writeln!(said, "{mark} {line}").unwrap();
            }
        }
        before = after;
    }
    said
}

mod a_step_does_what_it_did_when_it_was_frozen {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("test.db"));
        insta::assert_snapshot!("sqlite", steps(database).await);
    }

    #[tokio::test]
    async fn postgres() {
        insta::assert_snapshot!("postgres", steps(new_postgres_database().await).await);
    }
}
