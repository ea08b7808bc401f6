use std::fs;
use std::time::Duration;

use poem::Endpoint;
use poem::endpoint::make;
use poem::http::StatusCode;
use poem::test::TestClient;
use tempfile::NamedTempFile;

use super::Front;
use crate::auth::{Authenticator, Memory};
use crate::config::Database;
use crate::metrics::Metrics;
use crate::openpai::OpenPai;
use crate::patterns::Patterns;

/// Asks an endpoint behind [`Front`]; answers status, headers and body, and
/// what stands in the log then.
async fn ask(
    endpoint: impl Endpoint + 'static,
) -> (StatusCode, poem::http::HeaderMap, String, String) {
    let log = NamedTempFile::new().unwrap();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(log.reopen().unwrap())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("test.db"));
    let store = crate::startup::open(&database).await.unwrap();
    let openpai = OpenPai::new("http://127.0.0.1:9".to_owned(), Duration::from_secs(1)).unwrap();
    let clock = store.clock().clone();
    let ids = store.ids().clone();
    let authenticator = Authenticator::new(openpai.clone(), Memory::default(), clock);
    let front = Front {
        patterns: Patterns::of("{}"),
        metrics: Metrics::new(store, &openpai, authenticator),
        timeout: Duration::from_millis(20),
        ids,
    };
    let client = TestClient::new(front.before(endpoint));
    let request = client.get("/").header("x-request-id", "its-id");
    let mut response = request.send().await.0;
    let body = response.take_body().into_string().await.unwrap();
    let log = fs::read_to_string(log.path()).unwrap();
    (response.status(), response.headers().clone(), body, log)
}

#[tokio::test]
async fn a_panic_is_500_with_a_request_id_and_a_line_in_the_log() {
    fn panics() -> poem::Result<()> {
        panic!("a mistake of ours")
    }
    let (status, headers, body, log) = ask(make(|_| async { panics() })).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(headers["x-request-id"], "its-id");
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert!(body.contains("log") && !body.contains("mistake"), "{body}");
    let line = log.lines().find(|line| line.contains("ERROR")).unwrap();
    assert!(
        line.contains("request_id=its-id") && line.contains("a mistake of ours"),
        "{line}"
    );
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_503() {
    let hangs = make(|_| std::future::pending::<poem::Result<()>>());
    let (status, headers, body, log) = ask(hangs).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(headers.contains_key("retry-after"));
    assert!(body.contains("try again"), "{body}");
    assert!(
        log.contains("took too long") && log.contains("its-id"),
        "{log}"
    );
}
