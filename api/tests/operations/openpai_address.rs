//! How the API finds OpenPAI's REST server, and what it does without.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use fake_openpai::{Config, FakeOpenPai};
use reqwest::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::postgres::Postgres;
use testkit::free_port;

use crate::server::Server;

/// The status and text of a list.
async fn list(server: &Server, token: &str) -> (u16, String) {
    let request = Client::new().get(format!("{}/items", server.url));
    let answer = request.bearer_auth(token).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.text().await.unwrap())
}

#[tokio::test]
async fn without_an_address_it_says_what_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start_unready(folder.path(), &[("IDP_URL", " ")]).await;
    let is_told = |status, text: &str| {
        status == 503
            && text.contains("database: ok")
            && text.contains("openpai: IDP_URL is not set")
    };
    server.wait_until("/readyz", is_told).await;
    let (status, text) = list(&server, "a-token").await;
    assert_eq!(status, 503);
    assert!(text.contains("IDP_URL=http://"), "{text}");
    let log = server.log();
    assert_eq!(log.matches("IDP_URL is not set").count(), 1, "{log}");
    assert!(!log.contains("request failed"), "{log}");
}

#[tokio::test]
async fn an_openpai_that_starts_later_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let listen = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let url = format!("http://{listen}");
    let mut server = Server::start_unready(folder.path(), &[("IDP_URL", &url)]).await;
    server
        .wait_until("/readyz", |_, text| text.contains("openpai: out of reach"))
        .await;
    let (status, text) = list(&server, "a-token").await;
    assert_eq!(status, 503, "{text}");
    let config = Config {
        listen,
        ..Config::default()
    };
    let openpai = FakeOpenPai::start(config).await.unwrap();
    server
        .wait_until("/readyz", |status, _| status == 200)
        .await;
    assert_eq!(list(&server, &openpai.token("alice")).await.0, 200);
    let log = server.log();
    assert!(
        log.contains("OpenPAI's REST server is out of reach"),
        "{log}"
    );
    assert!(log.contains("OpenPAI's REST server is there"), "{log}");
}

/// An address of this machine on which nobody else listens.
const MASTER: [u8; 4] = [127, 91, 86, 1];

/// Passes connections on.
async fn forward(from: SocketAddr, to: u16) -> JoinHandle<()> {
    let listener = TcpListener::bind(from).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut inner, _)) = listener.accept().await {
            tokio::spawn(async move {
                if let Ok(mut outer) = TcpStream::connect(("127.0.0.1", to)).await {
                    let _ = copy_bidirectional(&mut inner, &mut outer).await;
                }
            });
        }
    })
}

/// Somebody who takes whatever is sent, and answers like many servers do.
async fn stranger(at: SocketAddr, taken: Arc<Mutex<String>>) -> JoinHandle<()> {
    const ANSWER: &[u8] =
        b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\nconnection: close\r\n\
        content-length: 40\r\n\r\n{\"code\": \"NotFound\", \"message\": \"no way\"}";
    let listener = TcpListener::bind(at).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let length = stream.read(&mut head).await.unwrap_or_default();
            taken
                .lock()
                .unwrap()
                .push_str(&String::from_utf8_lossy(&head[..length]));
            let _ = stream.write_all(ANSWER).await;
        }
    })
}

/// The environment of OpenPAI's templates v1.4 and v1.5, whose database and REST server
/// are on the master.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn in_a_cluster_it_is_on_the_master_and_gets_no_token_before_it_is_openpai() {
    const TOKEN: &str = "t0k3n-0f-4l1c3";
    let postgres = Postgres::start();
    let database = forward((MASTER, 9291).into(), postgres.port()).await;
    let rest = SocketAddr::from((MASTER, 9186));
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("DB_HOST", "127.91.86.1"),
        ("DB_PORT", "9291"),
        ("DB_USERNAME", "postgres"),
        ("DB_PASSWORD", "x"),
        ("DATABASE", "postgres"),
        ("NODE_ENV", "production"),
        (
            "AZURE_STORAGE",
            r#"{"type": "blob", "storage_account": "", "connection_strings": ["<connection_string>"]}"#,
        ),
    ];
    let mut server = Server::start_unready(folder.path(), &settings).await;
    server
        .wait_until("/readyz", |_, text| {
            text.contains("database: ok") && text.contains("openpai: out of reach")
        })
        .await;
    assert_eq!(list(&server, TOKEN).await.0, 503);

    let taken = Arc::default();
    let other = stranger(rest, Arc::clone(&taken)).await;
    server
        .wait_until("/readyz", |_, text| {
            text.contains("what answers in its place is not OpenPAI")
        })
        .await;
    let (status, text) = list(&server, TOKEN).await;
    assert_eq!(status, 503, "{text}");
    other.abort();
    assert!(other.await.unwrap_err().is_cancelled());
    let taken = taken.lock().unwrap().clone();
    assert!(taken.contains("GET /api/v2/tokens/check"), "{taken}");
    assert!(!taken.contains(TOKEN), "{taken}");
    assert!(!taken.to_lowercase().contains("authorization"), "{taken}");

    let config = Config {
        listen: rest,
        ..Config::default()
    };
    let openpai = FakeOpenPai::start(config).await.unwrap();
    server
        .wait_until("/readyz", |status, _| status == 200)
        .await;
    assert_eq!(list(&server, &openpai.token("alice")).await.0, 200);
    let log = server.log();
    assert!(log.contains("http://127.91.86.1:9186"), "{log}");
    assert_eq!(log.matches("NODE_ENV").count(), 1, "{log}");
    assert!(
        !log.contains("AZURE_STORAGE") && !log.contains("production"),
        "{log}"
    );
    database.abort();
}
