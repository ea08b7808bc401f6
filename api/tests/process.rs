//! The real binary: how it starts and stops, and what its commands print.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use fake_openpai::{Config, FakeOpenPai};
use serde_json::{Value, json};

const PROTOCOL: &str = "{protocolVersion: 2, name: smoke, type: job, \
    prerequisites: [{name: image, type: dockerimage, uri: 'ubuntu:22.04'}], \
    taskRoles: {main: {dockerImage: image, resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}, commands: [ls]}}}";

fn marketplace(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_marketplace"));
    command.env_clear().current_dir(folder);
    command
}

fn run(folder: &Path, args: &[&str], stdin: &str) -> Output {
    let mut child = marketplace(folder)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(stdin.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A running API; killed when the test ends.
struct Server {
    child: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    async fn start(folder: &Path, openpai: &FakeOpenPai) -> Self {
        let port = testkit::free_port();
        let child = marketplace(folder)
            .arg("api")
            .env("PORT", port.to_string())
            .env("DRAIN_TIME", "0")
            .env("IDP_URL", openpai.url())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        while reqwest::get(format!("{}/readyz", server.url))
            .await
            .map_or(true, |answer| answer.status() != 200)
        {
            assert!(
                server.child.try_wait().unwrap().is_none(),
                "the server ended"
            );
            assert!(Instant::now() < deadline, "the server did not get ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }
}

#[tokio::test]
async fn sigterm_ends_it_cleanly() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(folder.path(), &openpai).await;
        let sent = Command::new("kill")
            .args([format!("-{signal}"), server.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let status = tokio::task::spawn_blocking(move || server.child.wait().unwrap())
            .await
            .unwrap();
        assert!(status.success(), "{signal}: {status}");
    }
}

#[test]
fn parts_of_a_database_without_its_host_are_no_empty_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "DB_USERNAME=user\nDB_PASSWORD=hunter2\nDATABASE=marketplace\nDB_PORT=5432\n";
    std::fs::write(folder.path().join(".env"), settings).unwrap();
    for command in ["api", "migrate"] {
        let output = run(folder.path(), &[command], "");
        assert_eq!(output.status.code(), Some(2));
        let message = text(&output.stderr);
        assert!(message.contains("DB_HOST is not set"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
    assert!(!folder.path().join("data").exists());
}

#[test]
fn settings_come_from_a_file_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join(".env"),
        "IDP_URL=http://127.0.0.1:9\nDATABASE_URL=mysql://user:hunter2@h/x\n",
    )
    .unwrap();
    let output = run(folder.path(), &["api"], "");
    let message = text(&output.stderr);
    assert!(message.contains("DATABASE_URL must begin"), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn secrets_in_settings_are_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (settings, part) in [
        (
            "IDP_URL=http://127.0.0.1:9\nSECRET_KEY=hunter2\n",
            "SECRET_KEY",
        ),
        (
            "SECRET_KEY='hunter2'\nhunter2\n",
            ".env: line 2 is left out",
        ),
    ] {
        std::fs::write(folder.path().join(".env"), settings).unwrap();
        let output = run(folder.path(), &["api"], "");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(part), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[tokio::test]
async fn the_configured_storage_is_there_however_it_is_written() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let key = "0123456789abcdef0123456789abcdef";
    for (settings, wanted) in [
        ("AZURE_STORAGE='{\"storage_account\": \"nobody'", json!([])),
        (
            "AZURE_STORAGE='{\"storage_account\": \"a\", \"connection_strings\": [\"one\"]}'",
            json!([["a", ["one"]]]),
        ),
        (
            "AZURE_STORAGE='{\"storage_account\": \"a\", \"connection_string\": \"two\"}'",
            json!([["a", ["two"]]]),
        ),
        // As the first marketplace's guide has it, unbalanced quotes and all.
        (
            r#"AZURE_STORAGE="{\"storage_account\": \"a\", \"connection_string\": ["three\"], \"type\": \"blob\"}""#,
            json!([["a", ["three"]]]),
        ),
        (
            r#"AZURE_STORAGE={"storage_account": "a", "connection_strings": ["two"]} "#,
            json!([["a", ["two"]]]),
        ),
        // A placeholder that nobody has replaced replaces nothing.
        (
            r#"AZURE_STORAGE="{\"storage_account\": \"<storage account>\", \"connection_string\": ["BlobEndpoint=<blob end point>\"], \"type\": \"blob\"}""#,
            json!([["a", ["two"]]]),
        ),
        ("AZURE_STORAGE=", json!([["a", ["two"]]])),
    ] {
        std::fs::write(
            folder.path().join(".env"),
            format!("SECRET_KEY={key}\n{settings}\n"),
        )
        .unwrap();
        let server = Server::start(folder.path(), &openpai).await;
        let storages: Vec<Value> = reqwest::Client::new()
            .get(format!("{}/storages/blobs", server.url))
            .bearer_auth(openpai.token("admin"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let short =
            |storage: &Value| json!([storage["storageAccount"], storage["connectionStrings"]]);
        let found: Value = storages.iter().map(short).collect();
        assert_eq!(found, wanted, "{settings}");
    }
}

#[test]
fn validate_prints_like_a_compiler_and_exits_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let good = run(folder.path(), &["validate", "-"], PROTOCOL);
    assert!(good.status.success());
    assert_eq!(text(&good.stdout), "1 file checked: 0 errors, 0 warnings\n");

    std::fs::write(
        folder.path().join("bad.yaml"),
        PROTOCOL.replace("commands", "comands"),
    )
    .unwrap();
    let bad = run(folder.path(), &["validate", "bad.yaml"], "");
    assert_eq!(bad.status.code(), Some(1));
    insta::assert_snapshot!("validate", text(&bad.stdout));

    let json = run(
        folder.path(),
        &["validate", "--format", "json", "bad.yaml"],
        "",
    );
    assert_eq!(json.status.code(), Some(1));
    let reports: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(reports[0]["valid"], false);
    assert_eq!(reports[0]["diagnostics"][0]["severity"], "error");
    let same = run(folder.path(), &["validate", "--json", "bad.yaml"], "");
    assert_eq!(same.stdout, json.stdout);

    let missing = run(folder.path(), &["validate", "nothing.yaml"], "");
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("nothing.yaml"));
}

#[test]
fn diff_tells_what_two_files_mean_differently() {
    let folder = tempfile::tempdir().unwrap();
    let newer = PROTOCOL
        .replace("ubuntu:22.04", "ubuntu:24.04")
        .replace("gpu: 0", "gpu: 4")
        .replace("[ls]", "[ls, nvidia-smi]");
    std::fs::write(folder.path().join("old.yaml"), PROTOCOL).unwrap();
    let changed = run(folder.path(), &["diff", "old.yaml", "-"], &newer);
    assert_eq!(changed.status.code(), Some(1));
    insta::assert_snapshot!("diff", text(&changed.stdout));
    let json = run(folder.path(), &["diff", "--json", "old.yaml", "-"], &newer);
    assert_eq!(json.status.code(), Some(1));
    insta::assert_snapshot!("diff_json", text(&json.stdout));

    let same = run(folder.path(), &["diff", "old.yaml", "old.yaml"], "");
    assert_eq!(same.status.code(), Some(0));
    assert_eq!(text(&same.stdout), "");
    let broken = run(folder.path(), &["diff", "old.yaml", "-"], "a: [");
    assert_eq!(broken.status.code(), Some(2));
    assert!(text(&broken.stderr).contains("the newer protocol cannot be read: line 1"));
    let nowhere = run(folder.path(), &["diff", "item:1", "-"], PROTOCOL);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(text(&nowhere.stderr).contains("set MARKETPLACE_API_URL"));
}

#[test]
fn who_has_read_enough_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = marketplace(folder.path())
        .args(["validate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Before there is anything to say: it says nothing until it has read the protocol.
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    input.write_all(PROTOCOL.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn lint_finds_secrets_and_prints_four_characters() {
    let folder = tempfile::tempdir().unwrap();
    let clean = run(folder.path(), &["lint", "-"], PROTOCOL);
    assert_eq!(clean.status.code(), Some(0));
    assert_eq!(text(&clean.stdout), "1 file checked: 0 secrets\n");

    // Put together here, so that nobody takes this file for a leak.
    let token = ["hf_", "q7ZtR2mX9vLp4KsD8wNfB3yHc6JgT1aVeU"].concat();
    let protocol = format!(
        "# was: {token}\n{}",
        PROTOCOL.replace("[ls]", &format!("['export T={token}', ls]"))
    );
    std::fs::write(folder.path().join("job.yaml"), protocol).unwrap();
    let readme = format!("# Start\n\nLog in with {token}.\n");
    std::fs::write(folder.path().join("README.md"), readme).unwrap();
    let found = run(folder.path(), &["lint", "job.yaml", "README.md"], "");
    assert_eq!(found.status.code(), Some(1));
    insta::assert_snapshot!("lint", text(&found.stdout));
    let json = run(folder.path(), &["lint", "--json", "job.yaml"], "");
    assert_eq!(json.status.code(), Some(1));
    insta::assert_snapshot!("lint_json", text(&json.stdout));
    let valid = run(folder.path(), &["validate", "job.yaml"], "");
    assert_eq!(valid.status.code(), Some(0), "a warning, no error");
    for output in [&found.stdout, &json.stdout, &valid.stdout] {
        assert!(!text(output).contains(&token[4..12]), "{}", text(output));
    }
    let missing = run(folder.path(), &["lint", "nothing.yaml"], "");
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn migrate_says_what_it_does_and_a_rehearsal_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let rehearsal = run(folder.path(), &["migrate", "--dry-run"], "");
    assert_eq!(rehearsal.status.code(), Some(2));
    assert!(text(&rehearsal.stderr).contains("data/marketplace.db"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    let done = run(folder.path(), &["migrate"], "");
    assert!(done.status.success());
    insta::assert_snapshot!(text(&done.stdout), @r"
    SQLite file data/marketplace.db
    There are no tables of the first marketplace.
    ");
    let unknown = run(folder.path(), &["migrate", "--make-public", "nothing"], "");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("no item with the id \"nothing\""));
    let wrong = run(folder.path(), &["migrate", "--created-before", "then"], "");
    assert!(text(&wrong.stderr).contains("2021-03-01"));
}

#[test]
fn a_catalogue_travels_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let said = |args: &[&str]| {
        let output = run(folder.path(), args, "");
        assert!(output.status.success(), "{}", text(&output.stderr));
        let said = text(&output.stdout);
        // The time in "made by marketplace 2.0.0 at 2026-01-02 03:04:05 UTC".
        match said.split_once(" at 2") {
            Some((before, rest)) => {
                let after = rest.split_once(" UTC").unwrap().1;
                format!("{before} at TIME{after}")
            }
            None => said.to_owned(),
        }
    };
    said(&["migrate"]);
    let steps: [&[&str]; 7] = [
        &["export", "--new-key", "bundle.key"],
        &["export", "--sign-key", "bundle.key", "catalogue.tar"],
        &[
            "import",
            "--dry-run",
            "--verify-key",
            "bundle.key.pub",
            "catalogue.tar",
        ],
        &[
            "import",
            "--database-url",
            "sqlite://other.db",
            "catalogue.tar",
        ],
        &[
            "import",
            "--database-url",
            "sqlite://other.db",
            "--with-audit",
            "catalogue.tar",
        ],
        &["export", "--templates", "templates.tar"],
        &["import", "--templates", "templates.tar"],
    ];
    let all: Vec<String> = steps
        .iter()
        .map(|args| format!("$ marketplace {}\n{}", args.join(" "), said(args)))
        .collect();
    insta::assert_snapshot!("bundles", all.join("\n"));

    let refused = run(folder.path(), &["export", "catalogue.tar"], "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("catalogue.tar is there already"));
}

#[test]
fn help_teaches() {
    let folder = tempfile::tempdir().unwrap();
    for (args, name) in [
        (&["--help"][..], "help"),
        (&["api", "--help"], "help_api"),
        (&["webportal", "--help"], "help_webportal"),
        (&["validate", "--help"], "help_validate"),
        (&["lint", "--help"], "help_lint"),
        (&["diff", "--help"], "help_diff"),
        (&["search", "--help"], "help_search"),
        (&["show", "--help"], "help_show"),
        (&["pull", "--help"], "help_pull"),
        (&["push", "--help"], "help_push"),
        (&["fit", "--help"], "help_fit"),
        (&["submit", "--help"], "help_submit"),
        (&["migrate", "--help"], "help_migrate"),
        (&["health", "--help"], "help_health"),
        (&["export", "--help"], "help_export"),
        (&["import", "--help"], "help_import"),
    ] {
        let output = run(folder.path(), args, "");
        assert!(output.status.success());
        insta::assert_snapshot!(name, text(&output.stdout));
    }
}

#[test]
fn the_example_of_settings_knows_every_one() {
    let folder = tempfile::tempdir().unwrap();
    let example = include_str!("../../deploy/.env.example");
    for command in ["api", "webportal"] {
        let output = run(folder.path(), &[command, "--help"], "");
        let names = text(&output.stdout)
            .lines()
            .filter_map(|line| line.trim().strip_prefix("[env: "))
            .map(|name| name.trim_end_matches([']', '=']));
        let mut known = 0;
        for name in names {
            let mut words = example.split(|c: char| !c.is_ascii_uppercase() && c != '_');
            assert!(
                words.any(|word| word == name),
                "deploy/.env.example does not explain {name}"
            );
            known += 1;
        }
        assert!(known > 3, "the help of {command} names {known} settings");
    }
}
