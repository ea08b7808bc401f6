//! SQLite's disk is full under load, and has room again. Played by a limit on the
//! size of the server's files: to write past it fails as on a full disk.

use std::fs;
use std::path::Path;

use fake_openpai::{Config, FakeOpenPai};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;

use crate::server::Server;
use crate::writers::{PROTOCOL, Writers, assert_nothing_is_lost};

/// Limits the files that the server writes.
fn limit(server: &Server, bytes: Option<u64>) {
    let process = Pid::from_raw(server.id().try_into().unwrap());
    let limit = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(process, Resource::Fsize, limit).unwrap();
}

/// The largest of its files.
fn largest(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).unwrap();
    let sizes = files.map(|file| file.unwrap().metadata().unwrap().len());
    sizes.max().unwrap()
}

#[tokio::test]
async fn a_full_disk_is_an_outage_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let token = openpai.token("alice");
    let server = Server::start_beyond_limits(folder.path(), &openpai).await;
    let writers = Writers::start(&server.url, &token);
    writers.write_more(40).await;
    limit(
        &server,
        Some(largest(&folder.path().join("data")) + 64 * 1024),
    );
    writers.wait_for_refusals(8).await;

    let list = reqwest::Client::new()
        .get(format!("{}/items?author=alice&limit=1", server.url))
        .bearer_auth(&token);
    assert_eq!(list.send().await.unwrap().status(), 200, "it is read");

    limit(&server, None);
    // What comes next is neither a part of a transaction that was rolled back by
    // the disk nor of one that was refused.
    writers.write_more(1).await;
    let refused = json!({"author": "alice", "protocol": PROTOCOL, "categories": ["there is none"]});
    let refused = reqwest::Client::new()
        .post(format!("{}/items", server.url))
        .bearer_auth(&token)
        .json(&refused);
    assert_eq!(refused.send().await.unwrap().status(), 400);
    writers.write_more(40).await;
    let answers = writers.finish().await;
    for answered in answers.iter().filter(|answered| answered.status != 201) {
        assert_eq!(answered.status, 503, "{}\n{}", answered.name, server.log());
        assert!(answered.retry_after, "{}", answered.name);
    }
    assert_nothing_is_lost(&server.url, &token, &answers).await;
}
