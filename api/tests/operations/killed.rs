//! The server is killed while it writes.

use fake_openpai::{Config, FakeOpenPai};

use crate::postgres::Postgres;
use crate::server::Server;
use crate::writers::{Writers, assert_nothing_is_lost};

async fn what_was_answered_survives(settings: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let token = openpai.token("alice");
    let mut server = Server::start(folder.path(), &openpai, settings).await;
    let writers = Writers::start(&server.url, &token);
    writers.write_more(40).await;
    server.kill();
    let answers = writers.finish().await;
    assert!(answers.iter().all(|answered| answered.status == 201));

    let server = Server::start(folder.path(), &openpai, settings).await;
    assert_nothing_is_lost(&server.url, &token, &answers).await;
}

#[tokio::test]
async fn on_sqlite() {
    what_was_answered_survives(&[]).await;
}

#[tokio::test]
async fn on_postgres() {
    let postgres = Postgres::start();
    what_was_answered_survives(&[("DATABASE_URL", &postgres.url(""))]).await;
}
