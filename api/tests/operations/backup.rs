//! The commands of `docs/operations.md` that back a catalogue up and restore it.

use std::path::Path;
use std::process::Command;

use fake_openpai::{Config, FakeOpenPai};
use serde_json::{Value, json};

use crate::postgres::Postgres;
use crate::server::Server;

const PROTOCOL: &str = "{protocolVersion: 2, name: smoke, type: job, \
    prerequisites: [{name: image, type: dockerimage, uri: 'ubuntu:22.04'}], \
    taskRoles: {main: {dockerImage: image, resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}, commands: [ls]}}}";

/// The blocks of commands in the section, in their order.
fn commands() -> Vec<&'static str> {
    let page = include_str!("../../../docs/operations.md");
    let section = page.split_once("\n## Back-up\n").unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

fn run(folder: &Path, script: &str, database_url: &str) {
    let output = Command::new("sh")
        .args(["-ec", script])
        .current_dir(folder)
        .env("DATABASE_URL", database_url)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

async fn create(server: &Server, openpai: &FakeOpenPai, name: &str) {
    let answer = reqwest::Client::new()
        .post(format!("{}/items", server.url))
        .bearer_auth(openpai.token("alice"))
        .json(&json!({"name": name, "author": "alice", "protocol": PROTOCOL, "tags": [name]}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
}

async fn names(server: &Server, openpai: &FakeOpenPai, query: &str) -> Vec<String> {
    let items: Vec<Value> = reqwest::Client::new()
        .get(format!(
            "{}/items?author=alice&sort=name&{query}",
            server.url
        ))
        .bearer_auth(openpai.token("alice"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let names = items.iter().map(|item| item["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

/// Backs up while the server runs and is written to, and restores while it is stopped.
async fn check(folder: &Path, settings: &[(&str, &str)], backup: &str, restore: &str) {
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let url = settings.first().map_or("", |setting| setting.1);
    let mut server = Server::start(folder, &openpai, settings).await;
    create(&server, &openpai, "before").await;
    let backing_up = {
        let (folder, script, url) = (folder.to_owned(), backup.to_owned(), url.to_owned());
        tokio::task::spawn_blocking(move || run(&folder, &script, &url))
    };
    for number in 0..20 {
        create(&server, &openpai, &format!("meanwhile {number}")).await;
    }
    backing_up.await.unwrap();
    create(&server, &openpai, "zz after").await;
    server.kill();
    run(folder, restore, url);

    let server = Server::start(folder, &openpai, settings).await;
    let found = names(&server, &openpai, "").await;
    assert_eq!(found.first().map(String::as_str), Some("before"));
    assert!(!found.contains(&"zz after".to_owned()), "{found:?}");
    // Writes come one after the other, so there are the first ones and no others.
    let meanwhile = found
        .iter()
        .filter(|name| name.starts_with("meanwhile"))
        .count();
    for number in 0..meanwhile {
        assert!(found.contains(&format!("meanwhile {number}")), "{found:?}");
    }
    // What is found by is there too, and it goes on.
    assert_eq!(names(&server, &openpai, "keyword=befor").await, ["before"]);
    create(&server, &openpai, "again").await;
    assert_eq!(names(&server, &openpai, "keyword=again").await, ["again"]);
}

#[tokio::test]
async fn sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let [_, _, backup, restore] = commands()[..] else {
        panic!("{:?}", commands())
    };
    check(folder.path(), &[], backup, restore).await;
}

#[tokio::test]
async fn postgres() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = Postgres::start();
    let url = postgres.url("none");
    let [backup, restore, _, _] = commands()[..] else {
        panic!("{:?}", commands())
    };
    check(folder.path(), &[("DATABASE_URL", &url)], backup, restore).await;
}

/// After an upgrade: the older version says that it is too old, and the back-up from
/// before brings it back.
#[tokio::test]
async fn going_back_takes_the_backup() {
    let folder = tempfile::tempdir().unwrap();
    let [_, _, backup, restore] = commands()[..] else {
        panic!("{:?}", commands())
    };
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let mut server = Server::start(folder.path(), &openpai, &[]).await;
    create(&server, &openpai, "before").await;
    server.kill();
    run(folder.path(), backup, "");
    // What a newer version would do.
    let upgrade = "sqlite3 data/marketplace.db \"ALTER TABLE items ADD COLUMN wonder text; \
        INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_wonder', 0)\"";
    run(folder.path(), upgrade, "");
    for args in [
        &["api"][..],
        &["migrate"],
        &["migrate", "--dry-run"],
        &["export", "x.tar"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_marketplace"))
            .args(args)
            .env_clear()
            .env("IDP_URL", openpai.url())
            .env("PORT", "0")
            .current_dir(folder.path())
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(
            error.contains("newer version")
                && error.contains("m9999_wonder")
                && error.contains("back-up"),
            "{error}"
        );
    }
    run(folder.path(), restore, "");
    let server = Server::start(folder.path(), &openpai, &[]).await;
    assert_eq!(names(&server, &openpai, "").await, ["before"]);
}
