//! `marketplace health`, as the health check of a container runs it.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use fake_openpai::{Config, FakeOpenPai, Fault};

use testkit::free_port;

use crate::server::Server;

async fn health(folder: &Path, args: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_marketplace"));
    command
        .arg("health")
        .args(args)
        .env_clear()
        .current_dir(folder)
        // A proxy is for others, not for this machine.
        .env("http_proxy", "http://127.0.0.1:9")
        .envs(settings.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output());
    output.await.unwrap().unwrap()
}

/// Its exit code, and its one line.
fn said(output: &Output) -> (i32, String) {
    let text = [&*output.stdout, &*output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    (output.status.code().unwrap(), text)
}

#[tokio::test]
async fn each_server_is_asked_where_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("dist")).unwrap();
    fs::write(folder.path().join("dist/plugin.js"), "").unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    for (kind, setting) in [("api", "PORT"), ("webportal", "SERVER_PORT")] {
        let settings = [("IDP_URL", openpai.url())];
        let mut server = Server::start_limited(kind, folder.path(), &settings, None).await;
        let port = server.address().rsplit_once(':').unwrap().1.to_owned();
        for args in [&[kind][..], &[kind, "--ready"]] {
            let (code, text) = said(&health(folder.path(), args, &[(setting, &port)]).await);
            assert_eq!(code, 0, "{text}");
            assert!(
                text.contains(&format!("127.0.0.1:{port}/")) && text.contains("answered 200"),
                "{text}"
            );
        }
        let (code, text) = said(&health(folder.path(), &[kind, "--url", &server.url], &[]).await);
        assert_eq!(code, 0, "{text}");
        // As a container's file of settings has it.
        fs::write(folder.path().join(".env"), format!("{setting}={port}\n")).unwrap();
        assert_eq!(said(&health(folder.path(), &[kind], &[]).await).0, 0);
        fs::remove_file(folder.path().join(".env")).unwrap();

        server.kill();
        let (code, text) = said(&health(folder.path(), &[kind], &[(setting, &port)]).await);
        assert_eq!(code, 1, "{text}");
        assert!(
            text.contains(&format!(
                "nobody listens at 127.0.0.1:{port} or [::1]:{port}"
            )),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_server_that_lives_may_not_be_ready() {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let server = Server::start(folder.path(), &openpai, &[]).await;
    openpai.set_fault("/api/v2", Fault::Status(500));
    while server.readiness().await.unwrap().0 == 200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ask = async |args: &[&str]| said(&health(folder.path(), args, &[]).await);
    assert_eq!(ask(&["api", "--url", &server.url]).await.0, 0);
    let (code, text) = ask(&["api", "--ready", "--url", &server.url]).await;
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("503") && text.contains("openpai: out of reach"),
        "{text}"
    );
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let begun = Instant::now();
    let args = ["api", "--timeout", "1"];
    let (code, text) = said(&health(folder.path(), &args, &[("PORT", &port)]).await);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("within 1 s"), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn what_cannot_be_asked_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (url, part) in [
        ("https://127.0.0.1:1", "http://"),
        ("127.0.0.1:1", "http://"),
        ("http://no-such-host.invalid", "cannot be resolved"),
    ] {
        let (code, text) = said(&health(folder.path(), &["api", "--url", url], &[]).await);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains(part), "{text}");
    }
    let output = health(folder.path(), &["nothing"], &[]).await;
    assert_eq!(output.status.code(), Some(2));
    let port = free_port().to_string();
    let output = health(
        folder.path(),
        &["api", "--timeout", "0"],
        &[("PORT", &port)],
    )
    .await;
    assert_eq!(output.status.code(), Some(2));
}
