use reqwest::{Method, StatusCode, header};
use serde_json::json;

use crate::{client, error_code, get_as, json_as, start};

#[tokio::test]
async fn everybody_sees_every_user() {
    let server = start().await;
    let alice = json!({
        "username": "alice",
        "grouplist": ["default", "vision"],
        "email": "alice@example.com",
        "extension": {},
        "admin": false,
        "virtualCluster": ["default", "vision"],
        "storageConfig": [],
    });
    for user in ["alice", "bob", "admin"] {
        assert_eq!(json_as(&server, user, "/api/v2/users/alice").await, alice);
    }
}

#[tokio::test]
async fn an_unknown_user_is_a_bad_request() {
    let server = start().await;
    for user in ["admin", "bob", "mallory"] {
        let answer = get_as(&server, &server.token(user), "/api/v2/users/mallory").await;
        assert_eq!(error_code(answer, 400).await, "NoUserError");
    }
}

#[tokio::test]
async fn groups_are_listed() {
    let server = start().await;
    let groups = json_as(&server, "carol", "/api/v2/groups").await;
    let names: Vec<_> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["groupname"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["default", "vision", "nlp", "admingroup"]);
    assert_eq!(groups[1]["extension"], json!({}));
}

#[tokio::test]
async fn pages_of_any_origin_may_call() {
    let server = start().await;
    let url = format!("{}/api/v2/groups", server.url());
    let preflight = client()
        .request(Method::OPTIONS, &url)
        .header(header::ORIGIN, "http://elsewhere.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), StatusCode::NO_CONTENT);
    let allowed = preflight.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str();
    assert!(allowed.unwrap().contains("Authorization"));

    let refused = client().get(&url).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
}

#[tokio::test]
async fn an_unknown_path_is_an_error_like_others() {
    let server = start().await;
    let answer = get_as(&server, &server.token("bob"), "/api/v2/nothing").await;
    assert_eq!(error_code(answer, 404).await, "NoApiError");
}
