//! Large protocols that are refused are work, but keep nobody else from writing.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fake_openpai::{Config, FakeOpenPai};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::postgres::Postgres;
use crate::server::Server;
use crate::writers::PROTOCOL;

/// Clients that send large protocols.
const SENDERS: usize = 16;

/// Bytes of each, a little under [`shared::wire::MAX_PROTOCOL`].
const LENGTH: usize = 128_000;

/// How long a write may take meanwhile, on a busy machine; each of the large
/// protocols takes longer in a build without optimization.
const PATIENCE: Duration = Duration::from_secs(2);

/// As long as a protocol may be, and valid but for its last line.
fn large() -> String {
    let mut text = PROTOCOL.replace("commands: [ls]", "commands: [ls, COMMANDS]");
    let mut commands = String::with_capacity(LENGTH);
    while commands.len() < LENGTH {
        let _ = write!(commands, "'python train.py --epochs 90', ");
    }
    text = text.replace("COMMANDS", &commands);
    text.truncate(text.len() - 1);
    text + ", unknownKey: 1}"
}

async fn others_go_on(settings: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let server = Server::start(folder.path(), &openpai, settings).await;
    let (alice, bob) = (openpai.token("alice"), openpai.token("bob"));
    let items = format!("{}/items", server.url);
    let send = |method: Method, url: &str, token: &str, body: &Value| {
        Client::new()
            .request(method, url)
            .bearer_auth(token)
            .json(body)
            .send()
    };
    let new = json!({"author": "alice", "protocol": PROTOCOL});
    let made = send(Method::POST, &items, &alice, &new).await.unwrap();
    let made: Value = made.json().await.unwrap();
    let item = format!("{items}/{}", made["id"].as_str().unwrap());

    let body =
        Arc::new(serde_json::to_vec(&json!({"author": "alice", "protocol": large()})).unwrap());
    let (stop, requests) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let refused = Arc::new(AtomicUsize::new(0));
    let senders: Vec<_> = (0..SENDERS)
        .map(|number| {
            let (method, url) = match number % 4 {
                0 => (Method::POST, items.clone()),
                _ => (Method::PUT, item.clone()),
            };
            let (alice, body) = (alice.clone(), body.clone());
            let (stop, requests, refused) = (stop.clone(), requests.clone(), refused.clone());
            tokio::spawn(async move {
                let client = Client::new();
                while !stop.load(Ordering::Relaxed) {
                    let request = client.request(method.clone(), &url).bearer_auth(&alice);
                    requests.fetch_add(1, Ordering::Relaxed);
                    let answer = request.body(body.to_vec()).send().await.unwrap();
                    let status = answer.status();
                    let text = answer.text().await.unwrap();
                    // It is refused, unless its turn does not come in time.
                    let is_refused = status == 400 && text.contains("unknownKey");
                    assert!(is_refused || status == 503, "{text}");
                    refused.fetch_add(is_refused.into(), Ordering::Relaxed);
                }
            })
        })
        .collect();
    while requests.load(Ordering::Relaxed) < SENDERS {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut slowest = Duration::ZERO;
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(5) {
        let new = json!({"author": "bob", "protocol": PROTOCOL});
        let asked = Instant::now();
        let answer = send(Method::POST, &items, &bob, &new).await.unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
        slowest = slowest.max(asked.elapsed());
    }
    // Nobody who may not write the item makes it work.
    let asked = Instant::now();
    let request = Client::new()
        .put(&item)
        .bearer_auth(&bob)
        .body(body.to_vec());
    assert_eq!(request.send().await.unwrap().status(), 403);
    slowest = slowest.max(asked.elapsed());
    stop.store(true, Ordering::Relaxed);
    eprintln!("the slowest of the others took {slowest:?}");
    assert!(slowest < PATIENCE, "{slowest:?}");
    assert!(refused.load(Ordering::Relaxed) > 0, "some had their turn");
    for sender in senders {
        sender.abort();
        if let Err(error) = sender.await {
            assert!(error.is_cancelled(), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    others_go_on(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let postgres = Postgres::start();
    others_go_on(&[("DATABASE_URL", &postgres.url(""))]).await;
}
