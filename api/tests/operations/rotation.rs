//! Secrets are changed while two servers answer requests: nothing is lost, and one of
//! them answers always.

use fake_openpai::{Config, FakeOpenPai};
use reqwest::{Client, RequestBuilder};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::postgres::Postgres;
use crate::server::Server;
use crate::writers::PROTOCOL;

const FIRST: &str = "first-0123456789abcdef0123456789abcdef";
const SECOND: &str = "second-0123456789abcdef0123456789abcdef";
const CONNECTION: &str = "AccountName=acct;AccountKey=a2V5";

async fn send(request: RequestBuilder, token: &str) -> (u16, Value) {
    let answer = request.bearer_auth(token).send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

async fn assert_reads_storages(server: &Server, token: &str) {
    let request = Client::new().get(format!("{}/storages/blobs", server.url));
    let (status, storages) = send(request, token).await;
    assert_eq!(status, 200, "{storages}");
    assert_eq!(storages[0]["connectionStrings"], json!([CONNECTION]));
}

/// As `docs/storage.md` has it.
#[tokio::test]
async fn the_key_of_secrets_is_changed_without_a_storage_that_cannot_be_read() {
    let postgres = Postgres::start();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let token = openpai.token("admin");
    let folder = tempfile::tempdir().unwrap();
    let url = postgres.url("");
    let start = async |key: &str, old: &str| {
        let settings = [
            ("DATABASE_URL", &*url),
            ("SECRET_KEY", key),
            ("SECRET_KEY_OLD", old),
        ];
        Server::start(folder.path(), &openpai, &settings).await
    };
    let mut servers = [start(FIRST, "").await, start(FIRST, "").await];
    let storage = json!({"type": "blob", "storageAccount": "acct", "containerName": "c", "connectionStrings": [CONNECTION]});
    let request = Client::new().post(format!("{}/storages/blobs", servers[0].url));
    let (status, answer) = send(request.json(&storage), &token).await;
    assert_eq!(status, 201, "{answer}");
    for (key, old) in [(FIRST, SECOND), (SECOND, FIRST), (SECOND, "")] {
        for index in [0, 1] {
            servers[index] = start(key, old).await;
            for server in &servers {
                assert_reads_storages(server, &token).await;
            }
        }
    }
}

/// A server that runs keeps its connections, so the new one takes over in peace.
#[tokio::test]
async fn the_databases_password_is_changed_while_a_server_writes() {
    let postgres = Postgres::start();
    let db = sea_orm::Database::connect(postgres.url("")).await.unwrap();
    let execute = async |statement: &str| db.execute_unprepared(statement).await.unwrap();
    execute("CREATE ROLE u LOGIN PASSWORD 'old'").await;
    execute("CREATE DATABASE marketplace OWNER u").await;
    postgres.want_passwords_of("u");
    execute("SELECT pg_reload_conf()").await;
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let token = openpai.token("alice");
    let folder = tempfile::tempdir().unwrap();
    let start = async |password: &str| {
        let port = postgres.port();
        let url = format!("postgres://u:{password}@127.0.0.1:{port}/marketplace");
        Server::start(folder.path(), &openpai, &[("DATABASE_URL", &url)]).await
    };
    let write = async |server: &Server, name: &str| {
        let item = json!({"name": name, "author": "alice", "protocol": PROTOCOL});
        let request = Client::new().post(format!("{}/items", server.url));
        let (status, answer) = send(request.json(&item), &token).await;
        assert_eq!(status, 201, "{answer}");
        answer["id"].as_str().unwrap().to_owned()
    };
    let before = start("old").await;
    let mut items = vec![write(&before, "before").await];
    execute("ALTER ROLE u PASSWORD 'new'").await;
    items.push(write(&before, "meanwhile").await);
    let after = start("new").await;
    items.push(write(&before, "both").await);
    drop(before);
    items.push(write(&after, "after").await);
    for id in items {
        let request = Client::new().get(format!("{}/items/{id}", after.url));
        assert_eq!(send(request, &token).await.0, 200);
    }
}
