//! Clients that write as fast as they are answered, and remember every answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// A protocol that is valid and short.
pub(crate) const PROTOCOL: &str = "{protocolVersion: 2, name: smoke, type: job, \
    prerequisites: [{name: image, type: dockerimage, uri: 'ubuntu:22.04'}], \
    taskRoles: {main: {dockerImage: image, resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}, commands: [ls]}}}";

/// What one write got.
pub(crate) struct Answered {
    pub(crate) name: String,
    pub(crate) status: u16,
    pub(crate) retry_after: bool,
    pub(crate) took: Duration,
}

/// Four clients at once.
pub(crate) struct Writers {
    tasks: Vec<JoinHandle<Vec<Answered>>>,
    created: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Writers {
    /// Starts them. Each goes on until it is told to stop or its server is
    /// gone.
    pub(crate) fn start(url: &str, token: &str) -> Self {
        let created = Arc::new(AtomicUsize::new(0));
        let refused = Arc::new(AtomicUsize::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let tasks = (0..4)
            .map(|writer| {
                let (url, token) = (format!("{url}/items"), token.to_owned());
                let (created, refused, stop) = (created.clone(), refused.clone(), stop.clone());
                tokio::spawn(async move {
                    let client = reqwest::Client::new();
                    let mut answers = Vec::new();
                    for number in 0.. {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        let name = format!("item {writer}.{number}");
                        let Some(answered) = write(&client, &url, &token, name).await else {
                            break;
                        };
                        if answered.status == 201 {
                            created.fetch_add(1, Ordering::Relaxed);
                        } else {
                            refused.fetch_add(1, Ordering::Relaxed);
                            // A client that is refused does not loop madly.
                            tokio::time::sleep(Duration::from_millis(50)).await;
                        }
                        answers.push(answered);
                    }
                    answers
                })
            })
            .collect();
        Self {
            tasks,
            created,
            refused,
            stop,
        }
    }

    /// Waits until so many more items than now were answered 201.
    pub(crate) async fn write_more(&self, count: usize) {
        more(&self.created, count).await;
    }

    /// Waits until so many more than now were refused.
    pub(crate) async fn wait_for_refusals(&self, count: usize) {
        more(&self.refused, count).await;
    }

    /// Stops them and hands over what they got.
    pub(crate) async fn finish(self) -> Vec<Answered> {
        self.stop.store(true, Ordering::Relaxed);
        let mut answers = Vec::new();
        for task in self.tasks {
            answers.extend(task.await.unwrap());
        }
        answers
    }
}

/// Waits until `number` has grown by `count`.
async fn more(number: &AtomicUsize, count: usize) {
    let enough = number.load(Ordering::Relaxed) + count;
    let grown = async {
        while number.load(Ordering::Relaxed) < enough {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), grown)
        .await
        .expect("writing goes on");
}

async fn write(client: &reqwest::Client, url: &str, token: &str, name: String) -> Option<Answered> {
    let body = json!({"name": name, "author": "alice", "protocol": PROTOCOL, "tags": [name]});
    let started = Instant::now();
    let request = client.post(url).bearer_auth(token).json(&body);
    let answer = request.send().await.ok()?;
    Some(Answered {
        name,
        status: answer.status().as_u16(),
        retry_after: answer.headers().contains_key("retry-after"),
        took: started.elapsed(),
    })
}

/// Holds that every item that was answered 201 is there and whole.
pub(crate) async fn assert_nothing_is_lost(url: &str, token: &str, answers: &[Answered]) {
    let request = reqwest::Client::new()
        .get(format!("{url}/items?author=alice"))
        .bearer_auth(token);
    let items: Vec<Value> = request.send().await.unwrap().json().await.unwrap();
    for answered in answers.iter().filter(|answered| answered.status == 201) {
        let name = &answered.name;
        let found = items.iter().find(|item| item["name"] == name.as_str());
        let found = found.unwrap_or_else(|| panic!("{name} was answered 201 and is lost"));
        assert_eq!(found["tags"], json!([name]), "the item is whole");
    }
}
