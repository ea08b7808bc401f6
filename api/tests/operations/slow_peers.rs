//! Peers who connect and say nothing, or half of it, or do not listen.

use std::fs;
use std::time::{Duration, Instant};

use fake_openpai::{Config, FakeOpenPai};
use serde_json::json;
use testkit::http::{send, until_closed};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::server::Server;
use crate::writers::PROTOCOL;

/// Descriptors of a server, and more connections than that.
const DESCRIPTORS: u32 = 256;
const SILENT: usize = 300;

/// A connection that is cut, is cut before this.
const PATIENCE: Duration = Duration::from_secs(40);

async fn start(kind: &str, folder: &std::path::Path, openpai: &FakeOpenPai) -> Server {
    fs::create_dir_all(folder.join("dist")).unwrap();
    fs::write(folder.join("dist/plugin.js"), "\"__MARKETPLACE_API_URL__\"").unwrap();
    Server::start_limited(
        kind,
        folder,
        &[("IDP_URL", openpai.url())],
        Some(DESCRIPTORS),
    )
    .await
}

/// Sends `start`, then a byte every second, and hands over the answer.
async fn drip(server: &Server, start: &str) -> String {
    let (mut read, mut write) = send(server.address(), start).await.into_split();
    let drops = tokio::spawn(async move {
        while write.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let answer = until_closed(&mut read).await;
    drops.abort();
    answer
}

async fn silent_connections_do_not_stop_a_server(kind: &str) {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let server = start(kind, folder.path(), &openpai).await;
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        let connection = TcpStream::connect(server.address());
        // Who is not accepted waits in the system's queue.
        let connection = tokio::time::timeout(Duration::from_secs(1), connection).await;
        silent.extend(connection.ok().and_then(Result::ok));
    }
    assert!(silent.len() > usize::try_from(DESCRIPTORS).unwrap());
    let (begun, used) = (Instant::now(), server.processor_time());
    tokio::time::sleep(Duration::from_secs(3)).await;
    let used = (server.processor_time() - used) / begun.elapsed().as_secs_f64();
    assert!(used < 0.1, "{kind} spins: {:.0} % of a core", 100.0 * used);

    let answer = tokio::time::timeout(PATIENCE, server.get("/healthz")).await;
    let answer = answer.expect("the silent ones are cut off").unwrap();
    assert_eq!(answer.0, 200);
    drop(silent);
    assert_eq!(server.get("/healthz").await.unwrap().0, 200);
}

#[tokio::test]
async fn silent_connections_do_not_stop_the_api() {
    silent_connections_do_not_stop_a_server("api").await;
}

#[tokio::test]
async fn silent_connections_do_not_stop_the_web_portal() {
    silent_connections_do_not_stop_a_server("webportal").await;
}

#[tokio::test]
async fn half_a_request_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let token = openpai.token("alice");
    let api = start("api", folder.path(), &openpai).await;
    let portal = start("webportal", folder.path(), &openpai).await;
    let head = "GET /healthz HTTP/1.1\r\nhost: h";
    let body = format!(
        "POST /items HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {token}\r\ncontent-length: 100000\r\n\r\n{{\"name\": \""
    );
    let half = async |server: &Server, start: &str| {
        until_closed(&mut send(server.address(), start).await).await
    };
    let heads = async {
        tokio::join!(
            half(&api, head),
            half(&portal, head),
            drip(&api, head),
            drip(&portal, head)
        )
    };
    let (heads, half_body, dripping_body) =
        tokio::join!(heads, half(&api, &body), drip(&api, &body));
    for answer in [heads.0, heads.1, heads.2, heads.3] {
        assert_eq!(answer, "");
    }
    for answer in [half_body, dripping_body] {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(
            answer.contains("access-control-allow-origin: *"),
            "{answer}"
        );
    }
}

/// Thirty connections ask for all of sixty long items, and read nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_do_not_read_take_little_memory() {
    const ITEMS: usize = 60;
    const LENGTH: usize = 500_000;
    const READERS: usize = 30;
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let (mallory, alice) = (openpai.token("bob"), openpai.token("alice"));
    // Here it shares a busy machine with its clients.
    let settings = [("IDP_TIMEOUT", "30")];
    let server = Server::start(folder.path(), &openpai, &settings).await;
    let client = reqwest::Client::new();
    let description = "0123456789".repeat(LENGTH / 10);
    for number in 0..ITEMS {
        let body = json!({"name": format!("long {number}"), "author": "bob", "isPublic": true, "protocol": PROTOCOL, "description": description});
        let request = client.post(format!("{}/items", server.url)).json(&body);
        let answer = request.bearer_auth(&mallory).send().await.unwrap();
        assert_eq!(answer.status(), 201);
    }
    let whole = async |query: &str| {
        let request = client.get(format!("{}/items{query}", server.url));
        let answer = request.bearer_auth(&alice).send().await.unwrap();
        (
            answer.status().as_u16(),
            answer.bytes().await.unwrap().len(),
        )
    };
    let (status, length) = whole("").await;
    assert!(
        status == 200 && length > ITEMS * LENGTH,
        "{status} {length}"
    );

    for query in ["", "?limit=500"] {
        let head = format!(
            "GET /items{query} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {mallory}\r\n\r\n"
        );
        let mut readers = Vec::new();
        for _ in 0..READERS {
            readers.push(send(server.address(), &head).await);
        }
        // Until those that wait have been told, and those that do not read cut off.
        let begun = Instant::now();
        let mut most = 0;
        while begun.elapsed() < Duration::from_secs(20) {
            most = most.max(server.memory());
            let (status, _) = whole("?limit=1&fields=summary").await;
            assert_eq!(status, 200, "who wants little gets it: {}", server.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(most <= 100, "{most} MB");
        let deadline = Instant::now() + Duration::from_mins(1);
        while whole(query).await.0 != 200 {
            assert!(Instant::now() < deadline, "others get their list again");
        }
        drop(readers);
        let deadline = Instant::now() + Duration::from_secs(20);
        while server.memory() > 60 {
            assert!(Instant::now() < deadline, "{} MB are kept", server.memory());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
