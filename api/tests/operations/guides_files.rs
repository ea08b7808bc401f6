//! The `.env` files of the first marketplace's deployment guide, with real values in
//! place of its placeholders.

use std::fs;
use std::process::Command;

use sea_orm::ConnectionTrait;

use crate::postgres::Postgres;
use testkit::free_port;

use crate::server::Server;

/// Starts a command with nothing but what the file sets.
fn start(folder: &std::path::Path, command: &str, port: u16) -> Server {
    let program = Command::new(env!("CARGO_BIN_EXE_marketplace"));
    let unset = [("PORT", ""), ("SERVER_PORT", "")];
    let mut server = Server::spawn(program, command, folder, &unset);
    server.url = format!("http://127.0.0.1:{port}");
    server
}

#[tokio::test]
async fn the_one_of_the_rest_server_works_as_it_stands() {
    let postgres = Postgres::start();
    let db = sea_orm::Database::connect(postgres.url("")).await.unwrap();
    for statement in [
        "CREATE ROLE \"user\" LOGIN PASSWORD 'postgre$1'",
        "CREATE DATABASE marketplace OWNER \"user\"",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    postgres.want_passwords_of("user");
    db.execute_unprepared("SELECT pg_reload_conf()")
        .await
        .unwrap();
    let (port, database) = (free_port(), postgres.port());
    let folder = tempfile::tempdir().unwrap();
    let file = format!(
        r#"   DB_USERNAME=user
   DATABASE=marketplace
   DB_PASSWORD=postgre$1
   DB_HOST=localhost
   DB_PORT={database}
   PORT={port}
   AZURE_STORAGE="{{\"storage_account\": \"acct\", \"connection_string\": ["BlobEndpoint=https://acct.blob.core.windows.net\"], \"type\": \"blob\"}}"
"#
    );
    fs::write(folder.path().join(".env"), file).unwrap();
    let mut server = start(folder.path(), "api", port);
    let wanted = |status, text: &str| {
        status == 503
            && text
                == "database: ok\nopenpai: IDP_URL is not set: it is the address of OpenPAI's REST server\n"
    };
    server.wait_until("/readyz", wanted).await;
    let url = format!("postgres://user:postgre$1@localhost:{database}/marketplace");
    let db = sea_orm::Database::connect(url).await.unwrap();
    let question = sea_orm::Statement::from_string(
        db.get_database_backend(),
        "SELECT storage_account || ' ' || connection_strings FROM storages",
    );
    let row = db.query_one_raw(question).await.unwrap().unwrap();
    let storage: String = row.try_get_by_index(0).unwrap();
    assert_eq!(
        storage,
        r#"acct ["BlobEndpoint=https://acct.blob.core.windows.net"]"#
    );
    // An endpoint alone opens nothing, and that is said.
    let log = server.log();
    let line = log.lines().find(|line| line.contains("AZURE_STORAGE"));
    let line = line.unwrap_or_else(|| panic!("{log}"));
    assert!(
        line.contains("WARN") && line.contains("SharedAccessSignature"),
        "{line}"
    );
    assert!(!log.contains("postgre$1"), "{log}");
    assert!(!log.contains(".env"), "{log}");
}

#[tokio::test]
async fn the_one_of_the_web_portal_works_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("dist")).unwrap();
    let script = "const api = \"__MARKETPLACE_API_URL__\";";
    fs::write(folder.path().join("dist/plugin.js"), script).unwrap();
    let port = free_port();
    let file = format!(
        "\u{feff}# .env file (not including this line)\r\nLOG_LEVEL=info\r\nSERVER_PORT={port}\r\n\
         MARKETPLACE_API_URL=http://10.0.0.1:9292\r\nNPM_INSTALL_TOKEN=hunter2\r\nwhat is this\r\n"
    );
    fs::write(folder.path().join(".env"), file).unwrap();
    let mut server = start(folder.path(), "webportal", port);
    server
        .wait_until("/plugin.js", |status, text| {
            status == 200 && text == "const api = \"http://10.0.0.1:9292\";"
        })
        .await;
    let log = server.log();
    assert_eq!(log.matches("NPM_INSTALL_TOKEN").count(), 1, "{log}");
    assert!(log.contains("warning: .env: line 6 is left out"), "{log}");
    assert!(
        !log.contains("hunter2") && !log.contains("what is this"),
        "{log}"
    );
}
