//! Settings of every subcommand: empty ones, wrong ones, and what is never shown.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use fake_openpai::{Config, FakeOpenPai};
use sea_orm::ConnectionTrait;

use crate::postgres::Postgres;
use testkit::free_port;

use crate::server::Server;

/// What must not be seen.
const SECRET: &str = "hunter2c4n4ry";

const COMMANDS: [&[&str]; 3] = [&["api"], &["webportal"], &["migrate", "--dry-run"]];

fn run<'a>(
    folder: &Path,
    args: &[&str],
    settings: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Output {
    Command::new(env!("CARGO_BIN_EXE_marketplace"))
        .args(args)
        .env_clear()
        .envs(settings)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// All that it has printed.
fn printed(output: &Output) -> String {
    let bytes = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8(bytes).unwrap()
}

/// The variables and flags that a command takes, as its help names them.
fn settings(folder: &Path, command: &str) -> BTreeMap<String, String> {
    let help = printed(&run(folder, &[command, "--help"], []));
    let mut flag = "";
    let mut found = BTreeMap::new();
    for line in help.lines().map(str::trim) {
        if line.starts_with("--") {
            flag = line.split([' ', '[']).next().unwrap();
        }
        if let Some(variable) = line.strip_prefix("[env: ") {
            let variable = variable.trim_end_matches([']', '=']);
            found.insert(variable.to_owned(), flag.to_owned());
        }
    }
    assert!(found.len() >= 5, "{help}");
    found
}

/// A built plugin, as far as the file server cares.
fn plugin(folder: &Path) {
    fs::create_dir_all(folder.join("dist")).unwrap();
    fs::write(
        folder.join("dist/plugin.js"),
        "const api = \"__MARKETPLACE_API_URL__\";",
    )
    .unwrap();
}

#[test]
fn empty_variables_count_as_not_set() {
    let folder = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        // It would start.
        let end: &[&str] = match command[0] {
            "api" => &["--database-url=mysql://h/x"],
            _ => &[],
        };
        let command = &[command, end].concat();
        let unset = run(folder.path(), command, []);
        assert_eq!(unset.status.code(), Some(2), "{unset:?}");
        for variable in settings(folder.path(), command[0]).keys() {
            for value in ["", " \t"] {
                let output = run(folder.path(), command, [(&**variable, value)]);
                assert_eq!(output, unset, "{command:?} {variable}={value:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_server_with_nothing_but_empty_variables_has_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let names = settings(folder.path(), "api");
    let empty: Vec<(&str, &str)> = names
        .keys()
        .filter(|name| !["PORT", "IDP_URL"].contains(&&***name))
        .map(|name| (&**name, ""))
        .collect();
    // What the environment leaves empty is for the file to say.
    fs::write(
        folder.path().join(".env"),
        "LOG_FORMAT='json'\nSECRET_KEY=\n",
    )
    .unwrap();
    let server = Server::start(folder.path(), &openpai, &empty).await;
    assert!(folder.path().join("data/marketplace.db").is_file());
    assert!(server.log().starts_with('{'), "{}", server.log());
}

#[test]
fn help_shows_no_value() {
    let folder = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        let names = settings(folder.path(), command[0]);
        for help in ["--help", "-h"] {
            let all = names.keys().map(|name| (&**name, SECRET));
            let output = printed(&run(folder.path(), &[command[0], help], all));
            assert!(!output.contains(SECRET), "{output}");
        }
    }
}

/// Wrong values for a setting that hold a secret. A few may be shown where nothing is
/// wrong with them: those get what nobody would take for right.
fn wrong_values(variable: &str) -> Vec<String> {
    let shown_when_right = ["DATABASE", "DB_USERNAME", "PLUGIN_DIR", "DB_HOST"];
    let mut values = vec![format!("<{SECRET}>")];
    if !shown_when_right.contains(&variable) {
        values.extend([
            SECRET.to_owned(),
            format!("{SECRET} {SECRET}"),
            format!("http://u:{SECRET}@h:1"),
            format!("http://h:{SECRET}/"),
            format!("{{\"k\": \"{SECRET}"),
            format!("--{SECRET}"),
        ]);
    }
    if variable == "DB_HOST" {
        values.extend([
            format!("h:{SECRET}"),
            format!("u:{SECRET}@h"),
            format!("postgres://u:{SECRET}@h/x"),
            format!("h {SECRET}"),
        ]);
    }
    if variable == "DATABASE_URL" {
        let closed = free_port();
        values.extend([
            format!("postgres://u:{SECRET}/{SECRET}@h/x"),
            format!("postgres://u:{SECRET}#@h/x"),
            format!("postgres://u:9?{SECRET}@h/x"),
            format!("postgres://u:{SECRET}@<database_host>/x"),
            format!("postgres://u:{SECRET}@h:port/x"),
            format!("postgres://u:{SECRET}@127.0.0.1:{closed}/x"),
            format!("mysql://u:{SECRET}@h/x"),
        ]);
    }
    match variable {
        "PLUGIN_DIR" => values.clear(),
        // Any password may be right: each is tried for as long as a server is waited for.
        "DB_PASSWORD" => values.truncate(1),
        _ => {}
    }
    values
}

/// With the port taken every start ends at last, whatever it makes of the values.
#[test]
fn no_value_is_shown_however_wrong_it_is() {
    let folder = tempfile::tempdir().unwrap();
    plugin(folder.path());
    let taken = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let parts = [
        ("DB_HOST", "127.0.0.1"),
        ("DB_PORT", "1"),
        ("DB_USERNAME", "u"),
        ("DATABASE", "x"),
    ];
    for command in COMMANDS {
        for (variable, flag) in settings(folder.path(), command[0]) {
            for (index, value) in wrong_values(&variable).into_iter().enumerate() {
                let mut settings = BTreeMap::from([
                    ("IDP_URL", "http://127.0.0.1:9"),
                    ("PORT", &*port),
                    ("SERVER_PORT", &*port),
                ]);
                if variable.starts_with("DB_") || variable == "DATABASE" {
                    settings.extend(parts);
                }
                for level in ["error", "silly"] {
                    settings.insert("LOG_LEVEL", level);
                    settings.insert(&variable, &value);
                    let output = run(folder.path(), command, settings.clone());
                    let text = printed(&output);
                    assert!(
                        !text.contains(SECRET),
                        "{command:?} {variable}={value}: {text}"
                    );
                }
                if index > 1 {
                    continue;
                }
                settings.remove(&*variable);
                let given = format!("{flag}={value}");
                let args = [command, &[&*given]].concat();
                let text = printed(&run(folder.path(), &args, settings));
                assert!(!text.contains(SECRET), "{args:?}: {text}");
            }
        }
    }
}

#[test]
fn what_is_wrong_is_said_by_the_name_of_the_setting() {
    let folder = tempfile::tempdir().unwrap();
    for (variable, value, parts) in [
        ("PORT", "many", &["PORT (--port)", "0 to 65535"][..]),
        ("DB_PORT", "0", &["DB_PORT (--db-port)", "1 to 65535"]),
        ("IDP_TIMEOUT", "61", &["IDP_TIMEOUT", "1 to 60"]),
        ("LOG_LEVEL", "loud", &["LOG_LEVEL (--log-level)", "silly"]),
        ("DB_HOST", "<database_host>", &["DB_HOST", "placeholder"]),
        ("DB_HOST", "h:9291", &["DB_HOST", "DB_PORT"]),
        (
            "DATABASE_URL",
            "postgres://u:a/b@h/x",
            &["DATABASE_URL", "%2F"],
        ),
        ("IDP_URL", "http://u:p@h", &["IDP_URL", "password"]),
        (
            "LISTEN_ADDRESS",
            "localhost",
            &["LISTEN_ADDRESS (--listen-address)", "IP address"],
        ),
        (
            "LISTEN_ADDRESS",
            "192.0.2.1",
            &["LISTEN_ADDRESS is no address of this machine"],
        ),
        ("DRAIN_TIME", "301", &["DRAIN_TIME", "0 to 300"]),
        ("ADMIN_PORT", "-1", &["ADMIN_PORT", "0 to 65535"]),
        ("IDP_URL", "<address>", &["IDP_URL", "http://"]),
    ] {
        let mut settings = BTreeMap::from([("IDP_URL", "http://127.0.0.1:9"), (variable, value)]);
        if variable == "DB_HOST" {
            settings.extend([("DB_USERNAME", "u"), ("DATABASE", "x")]);
        }
        let output = run(folder.path(), &["api"], settings);
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(2), "{variable}={value}: {text}");
        for part in parts {
            assert!(text.contains(part), "{variable}={value}: {text}");
        }
    }
}

/// What a password may hold, and the ways to say where a server is.
#[tokio::test]
async fn passwords_get_through_as_they_are() {
    const PASSWORD: &str = "p@ss:w/rd#?%41 '\"\\&=é";
    const ENCODED: &str = "p%40ss%3Aw%2Frd%23%3F%2541%20%27%22%5C%26%3D%C3%A9";

    let postgres = Postgres::start();
    let db = sea_orm::Database::connect(postgres.url("")).await.unwrap();
    for statement in [
        "CREATE ROLE \"us er\" LOGIN PASSWORD 'p@ss:w/rd#?%41 ''\"\\&=é'",
        "CREATE DATABASE \"market place\" OWNER \"us er\"",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    postgres.want_passwords_of("us er");
    db.execute_unprepared("SELECT pg_reload_conf()")
        .await
        .unwrap();

    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let port = postgres.port().to_string();
    let socket = postgres.socket().display().to_string();
    let common = [
        ("DB_PORT", &*port),
        ("DB_USERNAME", "us er"),
        ("DATABASE", "market place"),
    ];
    let by_host = [
        &common[..],
        &[("DB_HOST", "127.0.0.1 "), ("DB_PASSWORD", PASSWORD)],
    ]
    .concat();
    let by_socket = [
        &common[..],
        &[("DB_HOST", &*socket), ("DB_PASSWORD", PASSWORD)],
    ]
    .concat();
    let url = format!(
        "postgres://us%20er:{ENCODED}@127.0.0.1:{port}/market%20place?sslmode=disable&application_name=x"
    );
    for settings in [&by_host[..], &by_socket, &[("DATABASE_URL", &url)]] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), &openpai, settings).await;
        assert!(server.log().contains("/market place"), "{}", server.log());
    }
    let folder = tempfile::tempdir().unwrap();
    let wrong = [&by_host[..], &[("DB_PASSWORD", SECRET)]].concat();
    let output = run(folder.path(), &["migrate"], wrong);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("password authentication failed"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
}
