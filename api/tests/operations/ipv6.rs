//! Machines that have IPv6, and nothing else.

use fake_openpai::{Config, FakeOpenPai};

use crate::postgres::Postgres;
use crate::server::Server;

/// Listens, asks OpenPAI and keeps its catalogue by IPv6 alone.
#[tokio::test]
async fn everything_works_by_ipv6() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        listen: "[::1]:0".parse().unwrap(),
        ..Config::default()
    };
    let openpai = FakeOpenPai::start(config).await.unwrap();
    assert!(
        openpai.url().starts_with("http://[::1]:"),
        "{}",
        openpai.url()
    );
    let port = postgres.port().to_string();
    let settings = [
        ("LISTEN_ADDRESS", "::1"),
        ("DB_HOST", "::1"),
        ("DB_PORT", &*port),
        ("DB_USERNAME", "postgres"),
        ("DATABASE", "postgres"),
    ];
    let server = Server::start(folder.path(), &openpai, &settings).await;
    assert!(server.url.starts_with("http://[::1]:"), "{}", server.url);
    let items = reqwest::Client::new()
        .get(format!("{}/items", server.url))
        .bearer_auth(openpai.token("alice"));
    assert_eq!(items.send().await.unwrap().status(), 200);
    let log = server.log();
    assert!(log.contains("PostgreSQL at [::1]:"), "{log}");
    let port = server.address().rsplit_once(':').unwrap().1;
    let elsewhere = tokio::net::TcpStream::connect(format!("127.0.0.1:{port}")).await;
    assert!(elsewhere.is_err(), "nobody listens by IPv4");
}

#[tokio::test]
async fn both_ways_lead_to_a_server_without_an_address() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("dist")).unwrap();
    std::fs::write(folder.path().join("dist/plugin.js"), "").unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    for kind in ["api", "webportal"] {
        let settings = [("IDP_URL", openpai.url())];
        let server = Server::start_limited(kind, folder.path(), &settings, None).await;
        let port = server.address().rsplit_once(':').unwrap().1;
        for host in ["127.0.0.1", "[::1]"] {
            let answer = reqwest::get(format!("http://{host}:{port}/healthz")).await;
            assert_eq!(answer.unwrap().status(), 200, "{kind} {host}");
        }
    }
}
