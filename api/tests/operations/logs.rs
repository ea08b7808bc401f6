//! What the server writes down, and what it never does.

use fake_openpai::{Config, FakeOpenPai};
use serde_json::{Value, json};

use crate::postgres::Postgres;
use crate::server::Server;

const PASSWORD: &str = "password-of-the-database";
const CONNECTION: &str = "AccountKey=key-of-a-storage-account";
const SECRET: &str = "secret-of-a-protocol";

/// Does what holds secrets, and hands over the log and the token.
async fn log_of(settings: &[(&str, &str)]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let token = openpai.token("admin");
    let server = Server::start(folder.path(), &openpai, settings).await;
    let client = reqwest::Client::new();
    let send = async |method: &str, path: &str, body: Value| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = client
            .request(method, format!("{}{path}", server.url))
            .bearer_auth(&token)
            .header("x-request-id", format!("id-{}", path.replace('/', "-")))
            .json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    let protocol = format!(
        "{{protocolVersion: 2, name: smoke, type: job, secrets: {{key: {SECRET}}}, \
         prerequisites: [{{name: image, type: dockerimage, uri: 'ubuntu:22.04'}}], taskRoles: {{main: {{dockerImage: \
         image, resourcePerInstance: {{cpu: 1, memoryMB: 1024, gpu: 0}}, commands: [ls]}}}}}}"
    );
    let item = json!({"name": "x", "author": "admin", "protocol": protocol});
    assert_eq!(send("POST", "/items", item).await, 201);
    assert_eq!(send("GET", "/items", json!({})).await, 200);
    assert_eq!(send("GET", "/items/nothing", json!({})).await, 404);
    let wrong = json!({"name": 1, "protocol": SECRET});
    assert_eq!(send("POST", "/items", wrong).await, 400);
    let storage = json!({"type": "blob", "storageAccount": "a", "containerName": "c", "connectionStrings": [CONNECTION]});
    send("POST", "/storages/blobs", storage).await;
    let forged = client.get(format!("{}/me?token={token}", server.url));
    let answer = forged
        .bearer_auth(format!("{token}x"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    (server.log(), token)
}

fn assert_no_secret(log: &str, token: &str) {
    for secret in [token, PASSWORD, CONNECTION, SECRET] {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} is in the log: {line:?}");
    }
}

#[tokio::test]
async fn every_request_is_one_line_of_json() {
    let (log, token) = log_of(&[("LOG_FORMAT", "json")]).await;
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |id: &str| {
        let lines: Vec<&Value> = lines
            .iter()
            .filter(|line| line["request_id"] == id && line["message"] == "request")
            .collect();
        assert_eq!(lines.len(), 1, "{id}: {log}");
        lines[0]
    };
    let line = of("id--items-nothing");
    assert_eq!(line["method"], "GET");
    assert_eq!(line["route"], "/items/{id}");
    assert_eq!(line["status"], 404);
    assert_eq!(line["caller"], "admin");
    assert!(line["ms"].is_u64(), "{line}");
    let refused = lines.iter().find(|line| line["status"] == 401).unwrap();
    assert_eq!(refused["route"], "/me");
    assert!(
        refused.get("caller").is_none(),
        "nobody is known: {refused}"
    );
    assert_no_secret(&log, &token);
}

#[tokio::test]
async fn not_even_the_longest_log_holds_a_secret() {
    let postgres = Postgres::start();
    let url = postgres.url(PASSWORD);
    for format in ["text", "json"] {
        let settings = [
            ("LOG_LEVEL", "silly"),
            ("LOG_FORMAT", format),
            ("DATABASE_URL", &url),
        ];
        let (log, token) = log_of(&settings).await;
        assert!(log.contains("INSERT INTO"), "statements are there: {log}");
        assert_no_secret(&log, &token);
        assert!(!log.contains('\u{1b}'), "colours are for terminals: {log}");
    }
}
