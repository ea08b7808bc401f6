//! Databases of the first marketplace, and proof that they stay as they are.

use marketplace_api::config::Database;
use sea_orm::sqlx::postgres::PgPoolCopyExt;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::support::{new_postgres_database, postgres_url};

pub(super) const V15: &str = include_str!("../../../legacy/v1.5.sql");
pub(super) const V15_DUMP: &str = include_str!("../../../legacy/v1.5-dump.sql");
pub(super) const UPGRADED: &str = include_str!("../../../legacy/v1.5-upgraded.sql");
pub(super) const V17: &str = include_str!("../../../legacy/v1.7.sql");

/// A new database with what `sql` makes in it.
pub(super) async fn load(sql: &str) -> Database {
    let database = new_postgres_database().await;
    execute(&database, sql).await;
    database
}

pub(super) async fn execute(database: &Database, sql: &str) {
    let db = connect(database).await;
    db.execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

/// A new database from what `pg_dump` wrote: data comes in `COPY` blocks, and
/// the owner is a role that may not exist here.
pub(super) async fn load_dump(dump: &str) -> Database {
    let database = new_postgres_database().await;
    let db = connect(&database).await;
    let mut statements = String::new();
    let mut lines = dump.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("COPY ") {
            let rows: Vec<&str> = lines.by_ref().take_while(|line| *line != "\\.").collect();
            db.execute_unprepared(&std::mem::take(&mut statements))
                .await
                .unwrap();
            let mut copy = db
                .get_postgres_connection_pool()
                .copy_in_raw(line)
                .await
                .unwrap();
            let rows: String = rows.iter().flat_map(|row| [row, "\n"]).collect();
            copy.send(rows.into_bytes()).await.unwrap();
            copy.finish().await.unwrap();
        } else if !line.starts_with('\\')
            && !line.contains(" OWNER TO ")
            && !line.contains("'search_path'")
        {
            statements.push_str(line);
            statements.push('\n');
        }
    }
    db.execute_unprepared(&statements).await.unwrap();
    db.close().await.unwrap();
    database
}

/// Every table whose name `pattern` (a regular expression) matches, with its
/// rows, where each lies and which transaction wrote it.
pub(super) async fn contents(database: &Database, pattern: &str) -> Vec<(String, String)> {
    let db = connect(database).await;
    let sql = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace \
               AND relkind = 'r' AND relname ~ $1 ORDER BY 1";
    let mut contents = Vec::new();
    let tables = texts(&db, sql, pattern).await;
    for table in tables {
        let sql = format!(
            "SELECT coalesce(string_agg(concat_ws(' ', ctid, xmin, t), E'\\n' ORDER BY ctid), '') \
             FROM \"{table}\" t WHERE $1 <> ''"
        );
        let rows = texts(&db, &sql, pattern).await.remove(0);
        contents.push((table, rows));
    }
    db.close().await.unwrap();
    contents
}

/// The old tables.
pub(super) async fn old_tables(database: &Database) -> Vec<(String, String)> {
    let tables = contents(database, "[A-Z]").await;
    assert!(tables.len() >= 4);
    tables
}

/// One column of one query on the database.
pub(super) async fn column(database: &Database, sql: &str) -> Vec<String> {
    let db = connect(database).await;
    let texts = texts(&db, &format!("{sql} -- $1"), "").await;
    db.close().await.unwrap();
    texts
}

async fn texts(db: &DatabaseConnection, sql: &str, parameter: &str) -> Vec<String> {
    let parameters = sql
        .split(" -- ")
        .next()
        .filter(|sql| sql.contains("$1"))
        .map(|_| parameter.into());
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(
            DbBackend::Postgres,
            sql,
            parameters,
        ))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

async fn connect(database: &Database) -> DatabaseConnection {
    // One connection, for what a dump sets for its session.
    let options = sea_orm::ConnectOptions::new(postgres_url(database))
        .max_connections(1)
        .to_owned();
    sea_orm::Database::connect(options).await.unwrap()
}
