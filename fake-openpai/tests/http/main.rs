//! The stand-in as its users meet it: over HTTP.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in what tests share"
)]

mod authn;
#[cfg(unix)]
mod binary;
mod clusters;
mod faults;
mod jobs;
mod limits;
mod pages;
mod submission;
mod users;

use fake_openpai::{Config, FakeOpenPai};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

async fn start() -> FakeOpenPai {
    FakeOpenPai::start(Config::default()).await.unwrap()
}

fn client() -> Client {
    // Fails when another test was first, which is just as good.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    // Reading the machine's certificates for every call would be slow.
    Client::builder()
        .tls_certs_only([])
        .no_proxy()
        .build()
        .unwrap()
}

async fn get_as(server: &FakeOpenPai, token: &str, path: &str) -> Response {
    client()
        .get(format!("{}{path}", server.url()))
        .bearer_auth(token)
        .send()
        .await
        .unwrap()
}

async fn json_as(server: &FakeOpenPai, user: &str, path: &str) -> Value {
    let response = get_as(server, &server.token(user), path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.json().await.unwrap()
}

async fn error_code(response: Response, status: u16) -> String {
    assert_eq!(response.status().as_u16(), status);
    let body: Value = response.json().await.unwrap();
    assert!(body["message"].is_string());
    body["code"].as_str().unwrap().to_owned()
}
