//! An older server and this one on one database, as while several are updated one after
//! the other. The older one is the statements that its code sends.

use marketplace_api::config::Database;
use marketplace_api::startup;
use poem::http::StatusCode;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::migration::{Migrator, State, state};

use crate::support::{Api, PROTOCOL, connect, new_postgres_database};

const TIME: &str = "'2024-01-02T03:04:05.006+00:00'";

/// The item's columns before the step m0007, and after it.
fn item(id: &str, name: &str) -> String {
    format!(
        "INSERT INTO items (id, name, author, type, source, is_public, is_private, use_blob, protocol, use_number, \
         star_number, status, protocol_valid, relations, search_name, search_text, created_at, updated_at) VALUES \
         ('{id}', '{name}', 'alice', 'template', 'marketplace', true, false, false, '{}', 0, 0, 'approved', true, \
         '{{\"tags\":[],\"categories\":[],\"groups\":[]}}', '{}', '{}', {TIME}, {TIME})",
        PROTOCOL.replace('\'', "''"),
        name.to_lowercase(),
        name.to_lowercase(),
    )
}

async fn done(db: &DatabaseConnection, statements: &[String]) {
    let tx = db.begin().await.unwrap();
    for statement in statements {
        tx.execute_unprepared(statement)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    tx.commit().await.unwrap();
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let sql = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(sql).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// What every version since m0006 does to an item without its texts.
fn plain_changes(id: &str) -> Vec<String> {
    vec![
        format!(
            "INSERT INTO stars (item_id, user_name, created_at) VALUES ('{id}', 'bob', {TIME}) ON CONFLICT DO NOTHING"
        ),
        format!(
            "UPDATE items SET star_number = (SELECT COUNT(*) FROM stars WHERE item_id = '{id}') WHERE id = '{id}'"
        ),
        format!("UPDATE items SET use_number = use_number + 1 WHERE id = '{id}'"),
        format!(
            "INSERT INTO audit (at, user_name, action, kind, target_id, target_name, details) VALUES \
             ({TIME}, 'alice', 'create', 'item', '{id}', 'x', '[]')"
        ),
        format!(
            "INSERT INTO categories (id, name, created_at, updated_at) VALUES ('c{id}', 'c{id}', {TIME}, {TIME})"
        ),
        format!(
            "INSERT INTO tags (id, name, search_name, created_at, updated_at) VALUES ('t{id}', 'T{id}', 't{id}', \
             {TIME}, {TIME}) ON CONFLICT (name) DO NOTHING"
        ),
    ]
}

/// From the step before: everything that the older server writes is served and found.
async fn check_last_step(database: Database) {
    let db = connect(&database).await;
    let steps = u32::try_from(Migrator::migrations().len()).unwrap();
    Migrator::up(&db, Some(steps - 1)).await.unwrap();
    assert_eq!(state(&db).await.unwrap(), State::Older);
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    // Terms' codes in every version.
    let found_by = |id: &str, term: &str| {
        let digest = Sha256::digest(term);
        let code = i64::from_be_bytes(digest[..8].try_into().unwrap());
        let mut statements = vec![
            format!(
                "INSERT INTO search_terms (code, term) VALUES ({code}, '{term}') ON CONFLICT DO NOTHING"
            ),
            format!(
                "INSERT INTO search_keys (key, code) VALUES ('{term}', {code}) ON CONFLICT DO NOTHING"
            ),
        ];
        statements.push(if postgres {
            format!("UPDATE items SET codes = ARRAY[{code}]::bigint[] WHERE id = '{id}'")
        } else {
            format!("INSERT INTO search_postings (code, item) SELECT {code}, search_number FROM items WHERE id = '{id}'")
        });
        statements
    };
    let write = async |id: &str, name: &str| {
        let mut statements = vec![item(id, name)];
        statements.extend(found_by(id, &name.to_lowercase()));
        statements.extend(plain_changes(id));
        statements.push(format!(
            "INSERT INTO idempotency_keys (user_name, key, body_digest, item_id, created_at) VALUES \
             ('alice', '{id}', 'x', '{id}', {TIME})"
        ));
        done(&db, &statements).await;
    };
    write("before", "Heron").await;
    let api = Api::on(&database).await;
    write("meanwhile", "Stork").await;
    // What an older server writes is looked at when the next one starts.
    assert_eq!(api.names("carol", "?runsHere=true").await, ["Heron"]);
    if postgres {
        let next = Api::on(&database).await;
        let found = next.names("carol", "?runsHere=true&sort=name").await;
        assert_eq!(found, ["Heron", "Stork"]);
    }
    for (id, name) in [("before", "Heron"), ("meanwhile", "Stork")] {
        let served: Value = api.get("carol", &format!("/items/{id}")).await.json();
        assert_eq!(
            (&served["name"], &served["starNumber"], &served["useNumber"]),
            (&json!(name), &json!(1), &json!(1))
        );
        let keyword = &name.to_lowercase()[..4];
        assert_eq!(
            api.names("carol", &format!("?keyword={keyword}")).await,
            [name]
        );
        api.put(
            "alice",
            &format!("/items/{id}"),
            &json!({"tags": ["Tbefore", "new"]}),
        )
        .await
        .assert(StatusCode::OK);
    }
    // And what this one writes, the older one changes and deletes.
    let id = api
        .create("alice", json!({"name": "Crane", "tags": ["new"]}))
        .await;
    done(&db, &plain_changes(&id)).await;
    done(&db, &[format!("DELETE FROM items WHERE id = '{id}'")]).await;
    api.get("alice", &format!("/items/{id}"))
        .await
        .assert(StatusCode::NOT_FOUND);
    assert_eq!(
        api.names("carol", "?tag=new&sort=name").await,
        ["Heron", "Stork"]
    );
}

/// From before the search index was bounded: an older server goes on but for what
/// concerns the index, which it does not know any more. That is refused as a whole.
async fn check_bounded_search(database: Database) {
    let db = connect(&database).await;
    Migrator::up(&db, Some(6)).await.unwrap();
    let mut statements = vec![item("before", "Heron")];
    statements.extend(plain_changes("before"));
    done(&db, &statements).await;
    let api = Api::on(&database).await;
    assert_eq!(api.names("carol", "?keyword=hero").await, ["Heron"]);

    let mut statements = plain_changes("before");
    // The category and the tag are there by now.
    statements.truncate(4);
    statements.push("INSERT INTO categories (id, name, created_at, updated_at) VALUES ('c2', 'c2', '2024-01-02', '2024-01-02')".into());
    statements.push("INSERT INTO tags (id, name, search_name, created_at, updated_at) VALUES ('t2', 'T2', 't2', '2024-01-02', '2024-01-02')".into());
    done(&db, &statements).await;
    assert_eq!(
        number(&db, "SELECT COUNT(*) FROM tags WHERE name = 'T2'").await,
        1
    );
    let served: Value = api.get("bob", "/items/before").await.json();
    assert_eq!(
        (&served["useNumber"], &served["starred"]),
        (&json!(2), &json!(true))
    );

    // A new item, and a change of one: both begin by asking which words are known.
    let learns = [
        "SELECT term FROM search_keys WHERE key = 'stork'",
        "INSERT INTO search_keys (key, term) VALUES ('stork', 'stork') ON CONFLICT DO NOTHING",
    ];
    for learn in learns {
        let tx = db.begin().await.unwrap();
        tx.execute_unprepared(&item("refused", "Stork"))
            .await
            .unwrap();
        let error = tx.execute_unprepared(learn).await.unwrap_err();
        assert!(error.to_string().contains("term"), "{error}");
        tx.rollback().await.unwrap();
    }
    api.get("alice", "/items/refused")
        .await
        .assert(StatusCode::NOT_FOUND);
    if db.get_database_backend() == DbBackend::Postgres {
        // The older server cannot say that somebody made it, and it stays all the same.
        assert_eq!(
            number(
                &db,
                "SELECT COUNT(*) FROM tags WHERE name = 'T2' AND is_explicit"
            )
            .await,
            1
        );
    }
}

/// A server that is older than the schema says so, and changes nothing.
async fn check_too_old(database: Database) {
    let api = Api::on(&database).await;
    let db = connect(&database).await;
    db.execute_unprepared(
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_wonder', 0)",
    )
    .await
    .unwrap();
    assert_eq!(
        state(&db).await.unwrap(),
        State::Newer("m9999_wonder".to_owned())
    );
    let Err(error) = startup::open(&database).await else {
        panic!("it starts")
    };
    let error = format!("{error:#}");
    assert!(
        error.contains("newer version") && error.contains("m9999_wonder"),
        "{error}"
    );
    // One that runs goes on: it is being replaced.
    api.create("alice", json!({"name": "still"})).await;
    assert_eq!(api.names("alice", "?keyword=still").await, ["still"]);
}

/// On `SQLite` steps were no transactions once: one that fails, or is killed, half-way
/// must not keep the next start from doing it.
#[tokio::test]
async fn a_step_that_fails_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("test.db"));
    let db = connect(&database).await;
    Migrator::up(&db, Some(6)).await.unwrap();
    done(
        &db,
        &[
            item("before", "Heron"),
            "CREATE TABLE idx_tags_search_name (x integer)".to_owned(),
        ],
    )
    .await;
    assert!(startup::open(&database).await.is_err());
    done(&db, &["DROP TABLE idx_tags_search_name".to_owned()]).await;
    db.close().await.unwrap();
    let api = Api::on(&database).await;
    assert_eq!(api.names("carol", "?keyword=heron").await, ["Heron"]);
}

macro_rules! on_both_empty {
    ($($name:ident => $check:ident),+ $(,)?) => {$(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn sqlite() {
                let folder = tempfile::tempdir().unwrap();
                $check(Database::Sqlite(folder.path().join("test.db"))).await;
            }

            #[tokio::test]
            async fn postgres() {
                $check(new_postgres_database().await).await;
            }
        }
    )+};
}

on_both_empty! {
    the_last_step_lets_both_versions_work => check_last_step,
    bounding_the_index_refuses_what_it_must => check_bounded_search,
    an_older_server_says_that_it_is_too_old => check_too_old,
}
