use std::time::{Duration, Instant};

use fake_openpai::{Config, FakeOpenPai, Fault};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::{client, error_code, get_as, start};

const GROUPS: &str = "/api/v2/groups";

/// Long enough for any answer that comes at all.
const PATIENCE: Duration = Duration::from_secs(1);

async fn groups(server: &FakeOpenPai) -> reqwest::Response {
    get_as(server, &server.token("alice"), GROUPS).await
}

#[tokio::test]
async fn a_status_is_answered_until_faults_are_cleared() {
    let server = start().await;
    server.set_fault("/api/v2", Fault::Status(500));
    assert_eq!(error_code(groups(&server).await, 500).await, "UnknownError");
    server.set_fault(GROUPS, Fault::Status(401));
    assert_eq!(groups(&server).await.status(), StatusCode::UNAUTHORIZED);
    server.clear_faults();
    assert_eq!(groups(&server).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn garbage_is_no_json() {
    let server = start().await;
    server.set_fault(GROUPS, Fault::Garbage);
    let answer = groups(&server).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.json::<Value>().await.is_err());
}

#[tokio::test]
async fn a_delayed_answer_is_right_but_late() {
    const DELAY: Duration = Duration::from_millis(100);
    let server = start().await;
    server.set_fault(GROUPS, Fault::Delay(DELAY));
    let asked = Instant::now();
    assert_eq!(groups(&server).await.status(), StatusCode::OK);
    assert!(asked.elapsed() >= DELAY);
}

#[tokio::test]
async fn a_hang_holds_up_neither_others_nor_the_end() {
    let server = start().await;
    server.set_fault(GROUPS, Fault::Hang);
    assert!(
        tokio::time::timeout(PATIENCE, groups(&server))
            .await
            .is_err()
    );
    let other = get_as(&server, &server.token("alice"), "/api/v2/jobs").await;
    assert_eq!(other.status(), StatusCode::OK);
    let address = server.url().replace("http://", "");
    tokio::time::timeout(PATIENCE, server.stop()).await.unwrap();
    assert!(TcpStream::connect(&address).await.is_err());
}

#[tokio::test]
async fn a_dropped_server_closes_its_port() {
    let server = start().await;
    let address = server.url().replace("http://", "");
    assert!(TcpStream::connect(&address).await.is_ok());
    drop(server);
    tokio::time::timeout(PATIENCE, async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the port closes");
    // And can be taken again, as a restart does.
    let config = Config {
        listen: address.parse().unwrap(),
        ..Config::default()
    };
    assert!(FakeOpenPai::start(config).await.is_ok());
}

#[tokio::test]
async fn calls_are_counted_by_path() {
    let server = start().await;
    groups(&server).await;
    server.set_fault(GROUPS, Fault::Status(503));
    groups(&server).await;
    get_as(&server, "nonsense", "/api/v2/jobs?limit=1").await;
    assert_eq!(server.calls(GROUPS), 2);
    assert_eq!(server.calls("/api/v2/"), 3);
    assert_eq!(server.calls("/api/v2/users"), 0);
}

#[tokio::test]
async fn other_processes_set_faults_over_http() {
    let server = start().await;
    let url = format!("{}/__faults", server.url());
    let set = client()
        .put(&url)
        .json(&json!({ "path": GROUPS, "status": 503 }))
        .send()
        .await
        .unwrap();
    assert_eq!(set.status(), StatusCode::NO_CONTENT);
    assert_eq!(groups(&server).await.status().as_u16(), 503);

    let cleared = client().delete(&url).send().await.unwrap();
    assert_eq!(cleared.status(), StatusCode::NO_CONTENT);
    assert_eq!(groups(&server).await.status(), StatusCode::OK);

    for body in [
        json!({ "path": "/" }),
        json!({ "path": "/", "hang": true, "garbage": true }),
        json!({ "path": "/", "status": 7 }),
        json!({ "path": "/", "dealyMs": 7 }),
    ] {
        let refused = client().put(&url).json(&body).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(groups(&server).await.status(), StatusCode::OK);
}
