use fake_openpai::{FakeOpenPai, Limits};
use reqwest::{Response, StatusCode, header};

use crate::{client, get_as, start};

async fn get(server: &FakeOpenPai, user: &str, path: &str) -> Response {
    get_as(server, &server.token(user), path).await
}

#[tokio::test]
async fn lists_are_counted_by_user() {
    let server = start().await;
    for _ in 0..60 {
        let answer = get(&server, "alice", "/api/v2/jobs?limit=1").await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let refused = get(&server, "alice", "/api/v2/jobs?limit=1").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(refused.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(!refused.text().await.unwrap().contains('{'));
    for (user, path) in [("bob", "/api/v2/jobs"), ("alice", "/api/v2/groups")] {
        assert_eq!(get(&server, user, path).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn requests_are_counted_by_address() {
    let server = start().await;
    server.set_limits(Limits {
        requests_per_minute: 2,
        ..Limits::default()
    });
    for (user, status) in [("alice", 200), ("bob", 200), ("carol", 429)] {
        let answer = get(&server, user, "/api/v2/groups").await;
        assert_eq!(answer.status(), status);
    }
    // The portal's own pages are no calls.
    let page = client().get(server.url()).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
}

#[tokio::test]
async fn limits_are_set_over_http() {
    let server = start().await;
    let set = client()
        .put(format!("{}/__limits", server.url()))
        .json(&serde_json::json!({ "listsPerMinute": 0 }))
        .send()
        .await
        .unwrap();
    assert_eq!(set.status(), StatusCode::NO_CONTENT);
    let refused = get(&server, "alice", "/api/v2/jobs").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
}
