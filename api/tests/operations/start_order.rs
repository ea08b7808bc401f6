//! The API starts before its database, or while that is being brought up to date.

use std::fs::{self, File};
use std::process::Command;
use std::time::{Duration, Instant};

use fake_openpai::{Config, FakeOpenPai};
use reqwest::Client;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, TransactionTrait};

use crate::postgres::Postgres;
use testkit::free_port;

use crate::server::Server;

/// What servers hold that bring a database up to date: the letters "paimarkt".
const MIGRATION_LOCK: i64 = 0x7061_696d_6172_6b74;

async fn openpai() -> FakeOpenPai {
    FakeOpenPai::start(Config::default()).await.unwrap()
}

async fn database(postgres: &Postgres) -> DatabaseConnection {
    Database::connect(postgres.url("")).await.unwrap()
}

/// What a client, a browser and a probe get before the database is there.
async fn assert_starting(server: &Server, token: &str, why: &str) {
    let client = Client::new();
    let items = format!("{}/items", server.url);
    let answer = client.get(&items).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "5");
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    let text = answer.text().await.unwrap();
    assert!(text.contains(why) && !text.contains('\n'), "{text}");

    let answer = client.post(&items).header("accept", "application/json");
    let answer = answer.bearer_auth(token).body("{}").send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let preflight = client.request(reqwest::Method::OPTIONS, &items);
    assert_eq!(preflight.send().await.unwrap().status(), 204);
    for path in ["/", "/healthz", "/docs", "/openapi.json"] {
        assert_eq!(server.get(path).await.unwrap().0, 200, "{path}");
    }
}

fn count(server: &Server, message: &str) -> usize {
    server.log().matches(message).count()
}

#[tokio::test]
async fn a_database_that_starts_later_is_waited_for() {
    let mut postgres = Postgres::start();
    postgres.crash();
    let folder = tempfile::tempdir().unwrap();
    let openpai = openpai().await;
    let url = postgres.url("hush");
    let settings = [("DATABASE_URL", &*url), ("IDP_URL", openpai.url())];
    let begin = Instant::now();
    let mut server = Server::start_unready(folder.path(), &settings).await;
    let token = openpai.token("alice");
    while begin.elapsed() < Duration::from_secs(3) {
        let (status, text) = server.readiness().await.unwrap();
        assert_eq!(status, 503, "{text}");
        assert!(text.contains("database: waited for"), "{text}");
        assert!(text.contains("openpai: ok"), "{text}");
        assert_starting(&server, &token, "waits for its database").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    postgres.start_again();
    server
        .wait_until("/readyz", |status, _| status == 200)
        .await;
    let answer = Client::new()
        .get(format!("{}/items", server.url))
        .bearer_auth(token);
    assert_eq!(answer.send().await.unwrap().status(), 200);
    for message in [
        "the database is waited for",
        "the database is there",
        "the API is ready",
    ] {
        assert_eq!(count(&server, message), 1, "{}", server.log());
    }
    assert!(
        server.log().contains("Connection refused"),
        "{}",
        server.log()
    );
    assert_eq!(count(&server, "request failed"), 0, "{}", server.log());
    assert_eq!(count(&server, "hush"), 0);
}

#[tokio::test]
async fn a_database_that_does_not_come_is_waited_for_as_long_as_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("postgres://u:hush@127.0.0.1:{}/x", free_port());
    for (wait, least) in [("0", 0), ("2", 2)] {
        let settings = [
            ("DATABASE_URL", &*url),
            ("DB_WAIT", wait),
            ("IDP_URL", "http://127.0.0.1:9"),
        ];
        let begin = Instant::now();
        let program = Command::new(env!("CARGO_BIN_EXE_marketplace"));
        let mut server = Server::spawn(program, "api", folder.path(), &settings);
        assert_eq!(server.exit_code(), Some(2));
        assert!(begin.elapsed() >= Duration::from_secs(least));
        let log = server.log();
        assert!(log.contains("DB_WAIT") && log.contains("refused"), "{log}");
        assert!(!log.contains("is ready") && !log.contains("hush"), "{log}");
    }
}

#[tokio::test]
async fn it_stops_while_it_waits() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("postgres://u@127.0.0.1:{}/x", free_port());
    let settings = [("DATABASE_URL", &*url)];
    let mut server = Server::start_unready(folder.path(), &settings).await;
    stop(&mut server);
}

fn stop(server: &mut Server) {
    let id = server.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(sent.success());
    assert_eq!(server.exit_code(), Some(0), "{}", server.log());
    assert_eq!(count(server, "stopped"), 1);
}

/// Waiting for ten minutes would be over after the test's own patience.
#[tokio::test]
async fn what_waiting_does_not_mend_is_said_at_once() {
    let postgres = Postgres::start();
    let db = database(&postgres).await;
    db.execute_unprepared("CREATE ROLE u LOGIN PASSWORD 'right'")
        .await
        .unwrap();
    postgres.want_passwords_of("u");
    db.execute_unprepared("SELECT pg_reload_conf()")
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let end = |url: String| {
        let settings = [("DATABASE_URL", &*url), ("DB_WAIT", "600")];
        let program = Command::new(env!("CARGO_BIN_EXE_marketplace"));
        let mut server = Server::spawn(program, "api", folder.path(), &settings);
        assert_eq!(server.exit_code(), Some(2));
        server.log()
    };
    let port = postgres.port();
    let log = end(format!("postgres://u:hush@127.0.0.1:{port}/postgres"));
    assert!(log.contains("password authentication failed"), "{log}");
    assert!(
        log.contains("DB_PASSWORD") && !log.contains("hush"),
        "{log}"
    );

    let log = end(format!("{}?sslmode=require", postgres.url("")));
    assert!(log.contains("does not support TLS"), "{log}");

    let openpai = openpai().await;
    let settings = [("DATABASE_URL", &*postgres.url(""))];
    drop(Server::start(folder.path(), &openpai, &settings).await);
    db.execute_unprepared(
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_of_tomorrow', 0)",
    )
    .await
    .unwrap();
    let log = end(postgres.url(""));
    assert!(log.contains("m9999_of_tomorrow"), "{log}");
    assert!(log.contains("newer version"), "{log}");
}

#[tokio::test]
async fn a_file_that_another_server_brings_up_to_date_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let openpai = openpai().await;
    fs::create_dir(folder.path().join("data")).unwrap();
    let lock = File::create(folder.path().join("data/marketplace.db.lock")).unwrap();
    lock.lock().unwrap();
    let settings = [("IDP_URL", openpai.url())];
    let mut server = Server::start_unready(folder.path(), &settings).await;
    let mut impatient = Server::start_unready(folder.path(), &settings).await;
    for server in [&mut server, &mut impatient] {
        server
            .wait_until("/readyz", |status, text| {
                status == 503 && text.contains("database: being brought up to date")
            })
            .await;
    }
    stop(&mut impatient);
    lock.unlock().unwrap();
    server
        .wait_until("/readyz", |status, _| status == 200)
        .await;
}

#[tokio::test]
async fn a_database_that_is_still_to_be_made_is_waited_for() {
    let postgres = Postgres::start();
    let db = database(&postgres).await;
    let folder = tempfile::tempdir().unwrap();
    let openpai = openpai().await;
    let url = format!("postgres://postgres@127.0.0.1:{}/later", postgres.port());
    let settings = [("DATABASE_URL", &*url), ("IDP_URL", openpai.url())];
    let mut server = Server::start_unready(folder.path(), &settings).await;
    while count(&server, "the database is waited for") == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(
        server.log().contains("look at DATABASE"),
        "{}",
        server.log()
    );
    db.execute_unprepared("CREATE DATABASE later")
        .await
        .unwrap();
    server
        .wait_until("/readyz", |status, _| status == 200)
        .await;
}

/// Another server brings the same database up to date, and takes long.
#[tokio::test]
async fn it_listens_while_the_schema_is_brought_up_to_date() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let openpai = openpai().await;
    let other = database(&postgres).await.begin().await.unwrap();
    other
        .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        .await
        .unwrap();
    let url = postgres.url("");
    // Longer than it waits for the database: that is there.
    let settings = [
        ("DATABASE_URL", &*url),
        ("DB_WAIT", "1"),
        ("IDP_URL", openpai.url()),
    ];
    let mut server = Server::start_unready(folder.path(), &settings).await;
    let is_preparing =
        |status, text: &str| status == 503 && text.contains("database: being brought up to date");
    server.wait_until("/readyz", is_preparing).await;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(2) {
        let token = openpai.token("alice");
        assert_starting(&server, &token, "brings its database up to date").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Who is told to stop does not wait for its turn.
    let mut impatient = Server::start_unready(folder.path(), &settings).await;
    impatient.wait_until("/readyz", is_preparing).await;
    stop(&mut impatient);

    other.commit().await.unwrap();
    server
        .wait_until("/readyz", |status, _| status == 200)
        .await;
}
