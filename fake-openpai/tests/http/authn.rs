use fake_openpai::{Config, FakeOpenPai};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{client, error_code, get_as, json_as, start};

const CHECK: &str = "/api/v2/tokens/check";

async fn login(server: &FakeOpenPai, form: &'static str) -> Response {
    client()
        .post(format!("{}/api/v2/authn/basic/login", server.url()))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_login_gives_a_token_that_the_server_takes() {
    let server = start().await;
    let response = login(&server, "username=alice&password=alice").await;
    assert_eq!(response.status(), StatusCode::OK);
    let body: Value = response.json().await.unwrap();
    let token = body["token"].as_str().unwrap();
    assert_eq!(
        body,
        json!({ "user": "alice", "token": token, "admin": false, "hasGitHubPAT": false })
    );
    let checked: Value = get_as(&server, token, CHECK).await.json().await.unwrap();
    assert_eq!(checked["username"], "alice");
    assert_eq!(checked["admin"], false);
    assert_eq!(checked["application"], false);
    let lifetime = checked["exp"].as_i64().unwrap() - checked["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 7 * 24 * 3600);
}

#[tokio::test]
async fn a_bad_login_is_refused() {
    let server = start().await;
    for (form, code) in [
        ("username=alice&password=bob", "IncorrectPasswordError"),
        ("username=mallory&password=mallory", "NoUserError"),
        ("username=alice", "InvalidParametersError"),
    ] {
        assert_eq!(error_code(login(&server, form).await, 400).await, code);
    }
}

#[tokio::test]
async fn admins_are_told_apart() {
    let server = start().await;
    assert_eq!(json_as(&server, "admin", CHECK).await["admin"], true);
    assert_eq!(json_as(&server, "carol", CHECK).await["admin"], false);
}

#[tokio::test]
async fn only_good_tokens_pass() {
    let server = start().await;
    let stranger = start().await;
    let (good, other) = (server.token("alice"), server.token("alice"));
    let revoked = server.token("alice");
    server.revoke(&revoked);
    for (what, token) in [
        ("expired", server.token_with_lifetime("alice", -1)),
        ("revoked", revoked),
        ("signed by somebody else", stranger.token("alice")),
        ("changed", good.replacen("ey", "ez", 1)),
        ("unsigned", unsigned(&good)),
        ("no token", "nonsense".to_owned()),
    ] {
        let answer = get_as(&server, &token, CHECK).await;
        assert_eq!(error_code(answer, 401).await, "InvalidTokenError", "{what}");
    }
    for token in [good, other] {
        let answer = get_as(&server, &token, CHECK).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let nobody = client()
        .get(format!("{}{CHECK}", server.url()))
        .send()
        .await
        .unwrap();
    assert_eq!(error_code(nobody, 401).await, "UnauthorizedUserError");
}

/// The same claims under a header that says "alg": "none".
fn unsigned(token: &str) -> String {
    let claims = token.split('.').nth(1).unwrap();
    format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.")
}

#[tokio::test]
async fn logins_outlive_a_restart_with_the_same_key() {
    let config = Config {
        key: Some("a key that somebody kept".to_owned()),
        ..Config::default()
    };
    let first = FakeOpenPai::start(config.clone()).await.unwrap();
    let token = first.token("bob");
    first.stop().await;
    let second = FakeOpenPai::start(config).await.unwrap();
    assert_eq!(
        get_as(&second, &token, CHECK).await.status(),
        StatusCode::OK
    );
}
