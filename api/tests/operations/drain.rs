//! Servers end while they are asked: told to, and killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fake_openpai::{Config, FakeOpenPai, Limits};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::nginx::Nginx;
use crate::postgres::Postgres;
use crate::server::Server;
use crate::writers::PROTOCOL;

const READERS: usize = 4;
const WRITERS: usize = 4;

/// What one request got.
struct Asked {
    /// The name of the item, if one was to be made.
    item: Option<String>,
    begun: Instant,
    ended: Instant,
    /// Why it failed.
    failure: Option<String>,
}

/// Clients who read and write as fast as they are answered, each on connections that
/// it keeps.
struct Load {
    tasks: Vec<JoinHandle<Vec<Asked>>>,
    answered: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Load {
    fn start(url: &str, token: &str) -> Self {
        let (answered, stop) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let tasks = (0..READERS + WRITERS).map(|number| {
            let (url, token) = (format!("{url}/items"), token.to_owned());
            let (answered, stop) = (answered.clone(), stop.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::new();
                let mut asked = Vec::new();
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let item = (number < WRITERS).then(|| format!("item {number}.{round}"));
                    let request = match &item {
                        Some(name) => client
                            .post(&url)
                            .json(&json!({"name": name, "author": "alice", "protocol": PROTOCOL})),
                        None => client.get(format!("{url}?limit=5&fields=summary")),
                    };
                    let begun = Instant::now();
                    let answer = match request.bearer_auth(&token).send().await {
                        Ok(answer) => {
                            let status = answer.status().as_u16();
                            answer.text().await.map(|text| (status, text))
                        }
                        Err(error) => Err(error),
                    };
                    let failure = match answer {
                        Ok((200 | 201, _)) => None,
                        Ok((status, text)) => Some(format!("{status} {text}")),
                        Err(error) => Some(format!("{error:?}")),
                    };
                    answered.fetch_add(usize::from(failure.is_none()), Ordering::Relaxed);
                    let ended = Instant::now();
                    asked.push(Asked {
                        item,
                        begun,
                        ended,
                        failure,
                    });
                }
                asked
            })
        });
        Self {
            tasks: tasks.collect(),
            answered,
            stop,
        }
    }

    /// Waits until so many more requests than now were answered.
    async fn answer_more(&self, count: usize) {
        let enough = self.answered.load(Ordering::Relaxed) + count;
        let more = async {
            while self.answered.load(Ordering::Relaxed) < enough {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let time = Duration::from_mins(1);
        tokio::time::timeout(time, more)
            .await
            .expect("requests are answered");
    }

    async fn finish(self) -> Vec<Asked> {
        self.stop.store(true, Ordering::Relaxed);
        let mut asked = Vec::new();
        for task in self.tasks {
            asked.extend(task.await.unwrap());
        }
        asked
    }
}

/// Two servers on one database behind nginx, which keeps connections to them and knows
/// nothing of how they are. One is drained, comes back, and then the other is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_but_those_in_flight_on_a_server_that_is_killed() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config {
        limits: Limits::NONE,
        ..Config::default()
    })
    .await
    .unwrap();
    let token = openpai.token("alice");
    let database = postgres.url("");
    let settings = [("DATABASE_URL", &*database), ("DRAIN_TIME", "2")];
    let mut first = Server::start(folder.path(), &openpai, &settings).await;
    let mut second = Server::start(folder.path(), &openpai, &settings).await;
    let servers = format!(
        "upstream servers {{ server {} max_fails=0; server {} max_fails=0; keepalive 16; }}",
        first.address(),
        second.address()
    );
    let pass = "location / { proxy_pass http://servers; proxy_http_version 1.1; proxy_set_header Connection \"\"; }";
    let nginx = Nginx::start(folder.path(), &servers, pass).await;

    let load = Load::start(&nginx.url, &token);
    load.answer_more(200).await;
    first.signal("TERM");
    assert!(first.ended().await.success(), "{}", first.log());
    load.answer_more(200).await;
    let port = first.address().rsplit_once(':').unwrap().1.parse().unwrap();
    let _again = Server::start_at(port, folder.path(), &openpai, &settings).await;
    load.answer_more(200).await;
    let killed = Instant::now();
    second.kill();
    let gone = Instant::now();
    load.answer_more(200).await;

    let asked = load.finish().await;
    let mut failed = 0;
    for one in &asked {
        let Some(failure) = &one.failure else {
            continue;
        };
        let in_flight = one.begun <= gone && one.ended >= killed;
        let (begun, ended) = (
            one.begun.duration_since(killed),
            one.ended.duration_since(killed),
        );
        assert!(
            in_flight,
            "{:?} from {begun:?} to {ended:?} after the kill: {failure}",
            one.item
        );
        failed += 1;
    }
    assert!(failed <= READERS + WRITERS, "{failed}");
    let items = reqwest::Client::new()
        .get(format!("{}/items?author=alice&fields=summary", nginx.url))
        .bearer_auth(&token);
    let items: Vec<Value> = items.send().await.unwrap().json().await.unwrap();
    let mut names: Vec<_> = items
        .iter()
        .filter_map(|item| item["name"].as_str())
        .collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "no item was made twice");
    for one in asked.iter().filter(|one| one.failure.is_none()) {
        if let Some(name) = &one.item {
            assert!(
                names.binary_search(&name.as_str()).is_ok(),
                "{name} is lost"
            );
        }
    }
}

async fn a_server_says_that_it_goes_down(kind: &str, path: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("dist")).unwrap();
    std::fs::write(folder.path().join("dist/plugin.js"), "").unwrap();
    let openpai = FakeOpenPai::start(Config {
        limits: Limits::NONE,
        ..Config::default()
    })
    .await
    .unwrap();
    let drain = Duration::from_secs(2);
    let settings = [("DRAIN_TIME", "2"), ("IDP_URL", openpai.url())];
    let mut server = Server::start_limited(kind, folder.path(), &settings, None).await;
    assert_eq!(server.readiness().await.unwrap().0, 200);
    let begun = Instant::now();
    server.signal("TERM");
    let (status, text) = loop {
        let (status, text) = server.readiness().await.unwrap();
        if status != 200 {
            break (status, text);
        }
    };
    assert_eq!((status, &*text), (503, "going down\n"));
    // It lives, and does what it is there for.
    assert_eq!(server.get("/healthz").await.unwrap().0, 200);
    let answer = reqwest::get(format!("{}{path}", server.url)).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["connection"], "close");
    // A second SIGTERM changes nothing: supervisors send several.
    server.signal("TERM");
    let status = server.ended().await;
    assert!(status.success(), "{status}");
    assert!(begun.elapsed() >= drain, "{:?}", begun.elapsed());
    assert!(server.log().contains("stopped"), "{}", server.log());
}

#[tokio::test]
async fn the_api_says_that_it_goes_down() {
    a_server_says_that_it_goes_down("api", "/openapi.json").await;
}

#[tokio::test]
async fn the_web_portal_says_that_it_goes_down() {
    a_server_says_that_it_goes_down("webportal", "/plugin.js").await;
}

#[tokio::test]
async fn a_second_interrupt_ends_a_server_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config {
        limits: Limits::NONE,
        ..Config::default()
    })
    .await
    .unwrap();
    let settings = [("DRAIN_TIME", "300")];
    let mut server = Server::start(folder.path(), &openpai, &settings).await;
    server.signal("INT");
    while server.readiness().await.unwrap().0 == 200 {}
    assert_eq!(server.get("/healthz").await.unwrap().0, 200);
    server.signal("INT");
    assert_eq!(server.ended().await.code(), Some(130));
}
