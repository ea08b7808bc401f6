//! PostgreSQL goes away under load and comes back.

use std::time::{Duration, Instant};

use fake_openpai::{Config, FakeOpenPai};

use crate::postgres::Postgres;
use crate::server::Server;
use crate::writers::{Writers, assert_nothing_is_lost};

/// How long the database is away.
const AWAY: Duration = Duration::from_secs(10);

/// A refusal comes within the time that a request waits for a connection, and
/// some for a busy machine.
const PATIENCE: Duration = Duration::from_secs(5 + 3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_and_comes_back_loses_nothing() {
    let mut postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let token = openpai.token("alice");
    let settings = [("DATABASE_URL", &*postgres.url(""))];
    let server = Server::start(folder.path(), &openpai, &settings).await;
    let writers = Writers::start(&server.url, &token);
    writers.write_more(40).await;

    postgres.crash();
    let gone = Instant::now();
    let mut told = 0;
    while gone.elapsed() < AWAY {
        let (status, text) = server.readiness().await.unwrap();
        assert_eq!(status, 503, "{text}");
        assert!(text.contains("database: out of reach"), "{text}");
        let alive = reqwest::get(format!("{}/healthz", server.url)).await;
        assert_eq!(alive.unwrap().status(), 200);
        told += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(told > 1);

    postgres.start_again();
    writers.write_more(40).await;
    let answers = writers.finish().await;
    let (status, text) = server.readiness().await.unwrap();
    assert_eq!(status, 200, "{text}");

    let refused = answers.iter().filter(|answered| answered.status != 201);
    let mut count = 0;
    for answered in refused {
        assert_eq!(answered.status, 503, "{}\n{}", answered.name, server.log());
        assert!(answered.retry_after, "{}", answered.name);
        assert!(answered.took < PATIENCE, "{:?}", answered.took);
        count += 1;
    }
    assert!(count >= 4, "each of the writers was refused");
    assert_nothing_is_lost(&server.url, &token, &answers).await;
}
