//! A database that is there but does not do what it is asked: 503, and all is
//! well again once it does.

use std::time::{Duration, Instant};

use marketplace_api::problem::Refusal;
use poem::http::{Method, StatusCode};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use serde_json::{Value, json};
use store::StoreError;

use crate::support::{Answer, Api, connect, new_item, postgres_url};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A PostgreSQL whose settings change while a server works on it.
struct Postgres {
    api: Api,
    db: DatabaseConnection,
}

impl Postgres {
    async fn new() -> Self {
        let api = Api::on_postgres().await;
        // One connection, which is older than the settings.
        let mut options = ConnectOptions::new(postgres_url(&api.database).as_str());
        options.max_connections(1);
        let db = sea_orm::Database::connect(options).await.unwrap();
        Self { api, db }
    }

    /// Changes a setting for all connections but our own; the server's are ended,
    /// so that it opens new ones.
    async fn set(&self, setting: &str) {
        let alter = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {setting}', current_database()); END $$"
        );
        self.db.execute_unprepared(&alter).await.unwrap();
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        self.db.execute_unprepared(end).await.unwrap();
    }

    /// Repeats a request until the answer is not that the connection is gone.
    async fn send(&self, method: &Method, path: &str, body: Option<&Value>) -> Answer {
        let started = Instant::now();
        loop {
            let answer = self.api.send("alice", method.clone(), path, body).await;
            if !answer.body.contains("out of reach") {
                return answer;
            }
            assert!(started.elapsed() < PATIENCE, "{answer:?}");
        }
    }
}

#[track_caller]
fn assert_outage(answer: &Answer, part: &str) {
    answer.assert_text(StatusCode::SERVICE_UNAVAILABLE, part);
    assert_eq!(answer.header("retry-after"), "5");
}

#[tokio::test]
async fn a_read_only_postgres_is_read() {
    let postgres = Postgres::new().await;
    let id = postgres.api.create("alice", json!({})).await;
    let path = format!("/items/{id}");
    postgres.set("SET default_transaction_read_only = on").await;
    let (body, change) = (new_item("alice", json!({})), json!({"summary": "s"}));
    for (method, path, body) in [
        (Method::POST, "/items", Some(&body)),
        (Method::PUT, &path, Some(&change)),
        (Method::DELETE, &path, None),
        (Method::PUT, &format!("{path}/star"), None),
        (Method::POST, &format!("{path}/use"), None),
        (Method::POST, "/tags", Some(&json!({"name": "t"}))),
    ] {
        let answer = postgres.send(&method, path, body).await;
        assert_outage(&answer, "takes no changes");
    }
    let read = postgres.send(&Method::GET, &path, None).await;
    read.assert(StatusCode::OK);
    postgres.set("RESET default_transaction_read_only").await;
    let answer = postgres.send(&Method::PUT, &path, Some(&change)).await;
    answer.assert(StatusCode::OK);
}

#[tokio::test]
async fn a_postgres_that_does_not_wait_for_locks_is_busy() {
    let postgres = Postgres::new().await;
    let id = postgres.api.create("alice", json!({})).await;
    let path = format!("/items/{id}");
    let change = json!({"summary": "s"});
    for limit in ["statement_timeout", "lock_timeout"] {
        postgres.set(&format!("SET {limit} = 200")).await;
        let lock = postgres.db.begin().await.unwrap();
        let statement = format!("SELECT 1 FROM items WHERE id = '{id}' FOR UPDATE");
        lock.execute_unprepared(&statement).await.unwrap();
        let answer = postgres.send(&Method::PUT, &path, Some(&change)).await;
        assert_outage(&answer, "too busy");
        lock.rollback().await.unwrap();
        postgres.set(&format!("RESET {limit}")).await;
    }
    let answer = postgres.send(&Method::PUT, &path, Some(&change)).await;
    answer.assert(StatusCode::OK);
}

/// What becomes of an error of `SQLite`, after `pragma` and a lot to write.
async fn refusal_of_sqlite(pragma: &str) -> Refusal {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("t.db").display());
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    let db = sea_orm::Database::connect(options).await.unwrap();
    db.execute_unprepared("CREATE TABLE t (x)").await.unwrap();
    db.execute_unprepared(pragma).await.unwrap();
    let written = db
        .execute_unprepared("INSERT INTO t VALUES (zeroblob(1000000))")
        .await;
    StoreError::from(written.map(drop).unwrap_err()).into()
}

#[tokio::test]
async fn sqlite_says_why_it_does_not_write() {
    for (pragma, part) in [
        ("PRAGMA query_only = 1", "takes no changes"),
        ("PRAGMA max_page_count = 3", "out of space"),
    ] {
        let refusal = refusal_of_sqlite(pragma).await;
        assert_eq!(refusal.status, StatusCode::SERVICE_UNAVAILABLE, "{pragma}");
        assert!(refusal.detail.contains(part), "{pragma}: {refusal}");
        assert!(refusal.cause.is_some(), "{pragma}");
    }
}

#[tokio::test]
async fn a_mistake_is_no_outage() {
    for api in [Api::on_sqlite().await, Api::on_postgres().await] {
        let db = connect(&api.database).await;
        let error: DbErr = db.execute_unprepared("SELECT nonsense").await.unwrap_err();
        let refusal = Refusal::from(StoreError::from(error));
        assert_eq!(refusal.status, StatusCode::INTERNAL_SERVER_ERROR);
        db.close().await.unwrap();
    }
}
