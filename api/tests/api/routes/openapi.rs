//! The OpenAPI document.

use poem::http::StatusCode;
use serde_json::Value;

use crate::support::Api;

#[tokio::test]
async fn the_document_is_as_reviewed() {
    let api = Api::on_sqlite().await;
    let answer = api.get("", "/openapi.json").await;
    answer.assert(StatusCode::OK);
    let document: Value = answer.json();
    insta::assert_json_snapshot!("openapi", document);
}

#[tokio::test]
async fn every_reference_of_the_document_leads_somewhere() {
    let api = Api::on_sqlite().await;
    let document: Value = api.get("", "/openapi.json").await.json();
    let text = document.to_string();
    let mut rest = text.as_str();
    let mut count = 0;
    while let Some((_, after)) = rest.split_once("\"$ref\":\"#") {
        let (pointer, tail) = after.split_once('"').unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
        rest = tail;
        count += 1;
    }
    assert!(count > 10);
}

#[tokio::test]
async fn there_is_a_page_to_try_it() {
    let api = Api::on_sqlite().await;
    let answer = api.get("", "/docs").await;
    answer.assert(StatusCode::OK);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.body.contains("/items/{id}"));
}

#[tokio::test]
async fn the_document_fits_behind_any_prefix() {
    let api = Api::on_sqlite().await;
    let document: Value = api.get("", "/openapi.json").await.json();
    let servers = document["servers"].as_array().unwrap();
    assert_eq!(servers.len(), 1);
    for (page, expected) in [
        ("http://10.0.0.1:9292/docs", "http://10.0.0.1:9292/"),
        (
            "https://h/marketplace/api/docs",
            "https://h/marketplace/api/",
        ),
        (
            "https://h/marketplace/api/openapi.json",
            "https://h/marketplace/api/",
        ),
    ] {
        let page = reqwest::Url::parse(page).unwrap();
        let server = page.join(servers[0]["url"].as_str().unwrap()).unwrap();
        assert_eq!(server.as_str(), expected);
    }
}
