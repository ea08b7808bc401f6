use std::fs;

use fake_openpai::{Config, FakeOpenPai};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{client, start};

const PAGES: [&str; 8] = [
    "/",
    "/index.html",
    "/login.html",
    "/jobs.html",
    "/job-list.html",
    "/job-detail.html?username=alice&jobName=x",
    "/submit.html",
    "/plugin.html?index=0",
];

async fn get(server: &FakeOpenPai, path: &str) -> Response {
    client()
        .get(format!("{}{path}", server.url()))
        .send()
        .await
        .unwrap()
}

/// What the page loads: the values of all `src` and of the `href` of links.
fn loaded(html: &str) -> Vec<&str> {
    [
        "<script src=\"",
        "<link rel=\"stylesheet\" href=\"",
        "<link rel=\"icon\" href=\"",
    ]
    .into_iter()
    .flat_map(|start| html.split(start).skip(1))
    .map(|rest| rest.split('"').next().unwrap())
    .collect()
}

#[tokio::test]
async fn every_page_is_whole_without_installed_assets() {
    let server = start().await;
    for path in PAGES {
        let page = get(&server, path).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        assert_eq!(page.headers()[header::CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(
            page.headers()[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        let html = page.text().await.unwrap();
        assert!(!html.contains("{{"), "{path} has an unfilled placeholder");
        assert!(html.contains("/static/plain.css"), "{path}");
        for address in loaded(&html) {
            assert_eq!(
                get(&server, address).await.status(),
                StatusCode::OK,
                "{address}"
            );
        }
    }
    assert_eq!(
        get(&server, "/nothing.html").await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn scripts_and_styles_have_their_types() {
    let server = start().await;
    for (path, mime) in [
        ("/static/portal.js", "text/javascript"),
        ("/static/portal.css", "text/css"),
        ("/static/favicon.svg", "image/svg+xml"),
        ("/plugins.json", "application/json"),
    ] {
        let answer = get(&server, path).await;
        let given = answer.headers()[header::CONTENT_TYPE].to_str().unwrap();
        assert!(given.starts_with(mime), "{path}: {given}");
    }
}

#[tokio::test]
async fn the_plugin_is_listed_with_its_config() {
    let none = start().await;
    let listed: Value = get(&none, "/plugins.json").await.json().await.unwrap();
    assert_eq!(listed, json!([]));
    let html = get(&none, "/").await.text().await.unwrap();
    assert!(!html.contains("Marketplace"));

    let server = FakeOpenPai::start(Config {
        plugin_uri: Some("http://127.0.0.1:9293/plugin.js".to_owned()),
        plugin_config: vec![("api".to_owned(), "http://127.0.0.1:9292".to_owned())],
        ..Config::default()
    })
    .await
    .unwrap();
    let listed: Value = get(&server, "/plugins.json").await.json().await.unwrap();
    assert_eq!(
        listed,
        json!([{
            "id": "marketplace",
            "title": "Marketplace",
            "uri": "http://127.0.0.1:9293/plugin.js",
            "config": { "api": "http://127.0.0.1:9292" },
        }])
    );
    let html = get(&server, "/").await.text().await.unwrap();
    assert!(html.contains(r#"<a href="/plugin.html?index=0">"#));
}

#[tokio::test]
async fn installed_assets_are_linked_and_nothing_else_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let styles = folder.path().join("bootstrap/dist/css");
    fs::create_dir_all(&styles).unwrap();
    fs::write(styles.join("bootstrap.min.css"), "a{}").unwrap();
    fs::create_dir(folder.path().join("other")).unwrap();
    fs::write(folder.path().join("other/file.css"), "b{}").unwrap();
    let server = FakeOpenPai::start(Config {
        assets: Some(folder.path().to_owned()),
        ..Config::default()
    })
    .await
    .unwrap();

    let html = get(&server, "/").await.text().await.unwrap();
    let address = "/assets/bootstrap/dist/css/bootstrap.min.css";
    assert!(loaded(&html).contains(&address));
    assert!(!html.contains("AdminLTE.min.css"));
    let style = get(&server, address).await;
    assert_eq!(style.headers()[header::CONTENT_TYPE], "text/css");
    assert_eq!(style.text().await.unwrap(), "a{}");
    for path in [
        "/assets/other/file.css",
        "/assets/bootstrap/nothing.css",
        "/assets/bootstrap/%2e%2e/other/file.css",
        "/assets/bootstrap%2f..%2fother%2ffile.css",
        "/assets//etc/passwd",
    ] {
        assert_eq!(
            get(&server, path).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}
