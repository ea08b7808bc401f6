//! The API and the web portal as browsers reach them in a cluster: through nginx with
//! pylon's rules.

use std::fs;
use std::path::Path;

use fake_openpai::{Config, FakeOpenPai, Limits};
use reqwest::{Method, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use shared::address::segment;

use crate::nginx::Nginx;
use crate::server::Server;
use crate::writers::PROTOCOL;

/// Ids as they occur, or look alike once they are decoded.
const IDS: [&str; 16] = [
    "10",
    "",
    "chosen id/1",
    "?",
    "%",
    "#",
    "a/b",
    "a%2Fb",
    "a%252Fb",
    "a//b/../c",
    ".",
    "..",
    "~",
    "~a~2Fb",
    "x?y=z&id=%00;+",
    "漢 😀",
];

/// Both servers behind pylon.
struct Cluster {
    openpai: FakeOpenPai,
    api: Server,
    _webportal: Server,
    pylon: Nginx,
}

impl Cluster {
    async fn start(folder: &Path) -> Self {
        fs::create_dir_all(folder.join("dist")).unwrap();
        fs::write(folder.join("dist/plugin.js"), "const api = \"\";").unwrap();
        let openpai = FakeOpenPai::start(Config {
            limits: Limits::NONE,
            ..Config::default()
        })
        .await
        .unwrap();
        let api = Server::start(folder, &openpai, &[]).await;
        let webportal = Server::start_limited("webportal", folder, &[], None).await;
        let pylon = Nginx::pylon(folder, &api.url, &webportal.url).await;
        Self {
            openpai,
            api,
            _webportal: webportal,
            pylon,
        }
    }

    /// Where the API is, for somebody who goes through pylon and somebody who does not.
    fn addresses(&self) -> [String; 3] {
        let (pylon, api) = (&self.pylon.url, &self.api.url);
        [
            format!("{pylon}/marketplace/api"),
            api.clone(),
            format!("{api}/api"),
        ]
    }

    async fn send(&self, method: Method, url: &str, body: &Value) -> (StatusCode, String) {
        let request = reqwest::Client::new()
            .request(method, url)
            .bearer_auth(self.openpai.token("alice"));
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }
}

#[tokio::test]
async fn every_id_is_reached_with_and_without_pylon() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(folder.path()).await;
    let database = format!(
        "sqlite://{}",
        folder.path().join("data/marketplace.db").display()
    );
    let database = sea_orm::Database::connect(database).await.unwrap();
    let made = async |path: &str, body: Value| {
        let (status, text) = cluster
            .send(Method::POST, &format!("{}/{path}", cluster.api.url), &body)
            .await;
        assert_eq!(status, 201, "{text}");
        serde_json::from_str::<Value>(&text).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let tag = made("tags", json!({"name": "t"})).await;
    for (round, base) in cluster.addresses().iter().enumerate() {
        for id in IDS {
            let given = made(
                "items",
                json!({"name": "odd", "author": "alice", "protocol": PROTOCOL}),
            )
            .await;
            let text = |text: &str| text.replace('\'', "''");
            let sql = format!("UPDATE items SET id = '{}' WHERE id = '{given}'", text(id));
            database.execute_unprepared(&sql).await.unwrap();
        }
        for id in IDS {
            let url = format!("{base}/items/{}", segment(id));
            let read = async || {
                let (status, text) = cluster.send(Method::GET, &url, &Value::Null).await;
                assert_eq!(status, 200, "{url}: {text}");
                serde_json::from_str::<Value>(&text).unwrap()
            };
            assert_eq!(read().await["id"], id, "{url}");
            let summary = format!("of {id} in round {round}");
            for (method, sub, body, expected) in [
                (Method::PUT, "", json!({"summary": summary}), "updated"),
                (Method::PUT, "/star", Value::Null, "starred"),
                (Method::POST, &*format!("/tag/{tag}"), Value::Null, "added"),
            ] {
                let (status, text) = cluster.send(method, &format!("{url}{sub}"), &body).await;
                assert_eq!((status.as_u16(), &*text), (200, expected), "{url}{sub}");
            }
            let item = read().await;
            assert_eq!(item["summary"], summary);
            assert_eq!(item["starred"], true);
            let (_, tags) = cluster
                .send(Method::GET, &format!("{url}/tag"), &Value::Null)
                .await;
            assert!(tags.contains(&tag), "{url}: {tags}");
            for (method, sub) in [
                (Method::POST, "/use".to_owned()),
                (Method::DELETE, format!("/tag/{tag}")),
                (Method::DELETE, "/star".to_owned()),
            ] {
                let (status, text) = cluster
                    .send(method, &format!("{url}{sub}"), &Value::Null)
                    .await;
                assert_eq!(status, 200, "{url}{sub}: {text}");
            }
        }
        // No item was taken for another one; and so it is when they go.
        for id in IDS {
            let url = format!("{base}/items/{}", segment(id));
            let (status, text) = cluster.send(Method::GET, &url, &Value::Null).await;
            assert_eq!(status, 200, "{url}: {text}");
            assert!(
                text.contains(&format!("in round {round}\"")),
                "{url}: {text}"
            );
            let (status, text) = cluster.send(Method::DELETE, &url, &Value::Null).await;
            assert_eq!((status.as_u16(), &*text), (200, "deleted"), "{url}");
            let (status, _) = cluster.send(Method::GET, &url, &Value::Null).await;
            assert_eq!(status, 404, "{url}");
        }
    }
}

/// What clients of the first marketplace send: encoded once straight to the API, twice
/// through pylon.
#[tokio::test]
async fn percent_encoding_means_what_it_meant() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(folder.path()).await;
    let [pylon, api, _] = cluster.addresses();
    let body = json!({"name": "x", "author": "alice", "protocol": PROTOCOL});
    let (_, text) = cluster
        .send(Method::POST, &format!("{api}/items"), &body)
        .await;
    let given = serde_json::from_str::<Value>(&text).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let database = format!(
        "sqlite://{}",
        folder.path().join("data/marketplace.db").display()
    );
    let database = sea_orm::Database::connect(database).await.unwrap();
    let sql = format!("UPDATE items SET id = 'chosen id/1?' WHERE id = '{given}'");
    database.execute_unprepared(&sql).await.unwrap();
    for (url, expected) in [
        (format!("{api}/items/chosen%20id%2F1%3F"), 200),
        (format!("{pylon}/items/chosen%2520id%252F1%253F"), 200),
        (format!("{api}/items/chosen%2520id%252F1%253F"), 404),
        // pylon has decoded it, so that there is a blank in the request's first line.
        (format!("{pylon}/items/chosen%20id%2F1%3F"), 400),
    ] {
        let (status, text) = cluster.send(Method::GET, &url, &Value::Null).await;
        assert_eq!(status, expected, "{url}: {text}");
    }
}

#[tokio::test]
async fn what_proxies_say_of_clients_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(folder.path()).await;
    let ask = async |url: String, forged: bool| {
        let mut request = reqwest::Client::new()
            .get(url)
            .bearer_auth(cluster.openpai.token("alice"));
        if forged {
            for (name, value) in [
                ("x-forwarded-for", "10.9.8.7"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "evil.example"),
                ("x-real-ip", "10.9.8.7"),
                ("forwarded", "for=10.9.8.7;host=evil.example;proto=https"),
                ("x-http-method-override", "DELETE"),
                ("x-original-url", "/me"),
            ] {
                request = request.header(name, value);
            }
        }
        let answer = request.send().await.unwrap();
        let mut headers = answer.headers().clone();
        headers.remove("x-request-id");
        headers.remove("date");
        (answer.status(), headers, answer.text().await.unwrap())
    };
    for base in cluster.addresses() {
        for path in ["/items?limit=2", "/openapi.json", "/docs/", "/metrics"] {
            let url = format!("{base}{path}");
            assert_eq!(
                ask(url.clone(), true).await,
                ask(url.clone(), false).await,
                "{url}"
            );
        }
    }
    assert!(
        !cluster.api.log().contains("10.9.8.7"),
        "{}",
        cluster.api.log()
    );
}

#[tokio::test]
async fn the_rest_is_where_openpai_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(folder.path()).await;
    let pylon = &cluster.pylon.url;
    for (path, status, part) in [
        ("/marketplace/plugin.js", 200, "const api"),
        ("/marketplace/plugin.js?a=b", 200, "const api"),
        ("/marketplace/", 200, "plugin.js"),
        ("/marketplace", 200, "plugin.js"),
        ("/marketplace/api", 200, "API"),
        ("/marketplace/api/", 200, "API"),
        ("/marketplace/api/healthz", 200, "ok"),
        ("/marketplace/api/docs", 200, "swagger"),
        ("/marketplace/api/docs/", 200, "swagger"),
        // Nothing that only admins are to see.
        ("/marketplace/api/metrics", 404, "ADMIN_PORT"),
        ("/other", 200, "portal"),
    ] {
        let answer = reqwest::get(format!("{pylon}{path}")).await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        let (url, text) = (answer.url().clone(), answer.text().await.unwrap());
        assert!(text.contains(part), "{path}: {text}");
        // Where the page says the API is.
        if url.path().ends_with("docs") {
            assert!(
                text.contains(r#""servers":[{"url":"."}]"#) || text.contains(r#""url": ".""#),
                "{path}"
            );
            let api = url.join(".").unwrap();
            assert_eq!(api.path(), "/marketplace/api/", "{path}");
        }
    }
}
