use std::path::Path;
use std::process::Stdio;

use reqwest::StatusCode;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::client;

/// Starts the binary on a free port and reads its address.
async fn run(key_file: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fake-openpai"))
        .args(["--listen", "127.0.0.1:0"])
        .args(["--plugin-uri", "http://127.0.0.1:1/plugin.js"])
        .args(["--plugin-config", "api=http://127.0.0.1:2/?a=b"])
        .arg("--key-file")
        .arg(key_file)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .await
        .unwrap();
    let url = line.trim_end().strip_prefix("listening on ").unwrap();
    (child, url.to_owned())
}

async fn stop(mut child: Child, signal: &str) {
    let id = child.id().unwrap().to_string();
    let sent = Command::new("kill").args([signal, &id]).status().await;
    assert!(sent.unwrap().success());
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn a_login_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("made/on/the/way/key");
    let (child, url) = run(&key_file).await;
    let login: Value = client()
        .post(format!("{url}/api/v2/authn/basic/login"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("username=bob&password=bob")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    stop(child, "-TERM").await;

    let (child, url) = run(&key_file).await;
    let checked = client()
        .get(format!("{url}/api/v2/tokens/check"))
        .bearer_auth(login["token"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(checked.status(), StatusCode::OK);
    let plugins: Value = client()
        .get(format!("{url}/plugins.json"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(plugins[0]["config"]["api"], "http://127.0.0.1:2/?a=b");
    stop(child, "-INT").await;
}
