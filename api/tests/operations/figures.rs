//! Who may read figures.

use fake_openpai::{Config, FakeOpenPai};

use testkit::free_port;

use crate::server::Server;

const FIGURE: &str =
    "marketplace_http_requests_total{method=\"GET\",route=\"/items\",status=\"401\"} 1";

#[tokio::test]
async fn figures_are_for_a_port_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let admin = free_port().to_string();
    let settings = [("ADMIN_PORT", &*admin), ("DRAIN_TIME", "2")];
    let mut server = Server::start(folder.path(), &openpai, &settings).await;
    assert_eq!(server.get("/items").await.unwrap().0, 401);
    let (status, text) = server.get("/metrics").await.unwrap();
    assert_eq!(status, 404);
    assert!(
        text.contains("ADMIN_PORT") && text.contains("PUBLIC_METRICS"),
        "{text}"
    );

    let ask = async |path: &str| {
        let answer = reqwest::get(format!("http://127.0.0.1:{admin}{path}"))
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, text) = ask("/metrics").await;
    assert_eq!(status, 200);
    assert!(text.contains(FIGURE), "{text}");
    for (path, expected) in [
        ("/healthz", 200),
        ("/readyz", 200),
        ("/items", 404),
        ("/docs", 404),
        ("/openapi.json", 404),
    ] {
        assert_eq!(ask(path).await.0, expected, "{path}");
    }
    // Figures are there to the end.
    server.signal("TERM");
    while ask("/readyz").await.0 == 200 {}
    assert_eq!(ask("/metrics").await.0, 200);
    assert!(server.ended().await.success());
}

#[tokio::test]
async fn figures_may_be_shown_to_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    for (value, expected) in [("on", 200), ("off", 404)] {
        let settings = [("PUBLIC_METRICS", value)];
        let server = Server::start(folder.path(), &openpai, &settings).await;
        assert_eq!(server.get("/items").await.unwrap().0, 401);
        let (status, text) = server.get("/metrics").await.unwrap();
        assert_eq!(status, expected);
        assert_eq!(text.contains(FIGURE), expected == 200, "{text}");
    }
}
