//! What is said when there is no way to the marketplace.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use fake_openpai::Fault;
use testkit::free_port;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::Shell;

#[tokio::test]
async fn whoever_may_not_come_in_is_told_why() {
    let shell = Shell::new().await;
    let (api, openpai) = (shell.server.url.clone(), &shell.openpai);
    let search = &["search"];
    let said = shell.run_with(&[], search).await;
    said.failed(
        2,
        "nothing says where the marketplace is: set MARKETPLACE_API_URL",
    );
    let said = shell
        .run_with(&[("MARKETPLACE_API_URL", &*api)], search)
        .await;
    said.failed(2, "there is no token: set MARKETPLACE_TOKEN");
    for (token, part) in [
        ("a b", "blanks"),
        (
            "nobody's",
            "The token has expired, was revoked, or belongs to another cluster",
        ),
        (
            &*openpai.token_with_lifetime("alice", -60),
            "401 Unauthorized",
        ),
    ] {
        let settings = [("MARKETPLACE_API_URL", &*api), ("MARKETPLACE_TOKEN", token)];
        let said = shell.run_with(&settings, search).await;
        assert!(said.error.contains(part), "{said:?}");
        assert!(
            said.code == Some(if token == "a b" { 2 } else { 1 }),
            "{said:?}"
        );
        assert!(!said.error.contains(token), "{said:?}");
    }
    let token = openpai.token("alice");
    let with = |url: &'static str| [("MARKETPLACE_API_URL", url), ("MARKETPLACE_TOKEN", "hush")];
    let said = shell.run_with(&with("http://user:hush@h"), search).await;
    said.failed(2, "MARKETPLACE_API_URL has a user name or password in it");
    assert!(!said.error.contains("hush"), "{said:?}");

    shell.write("token", &format!("{token}\n"));
    let file = [
        ("MARKETPLACE_API_URL", &*api),
        ("MARKETPLACE_TOKEN_FILE", "token"),
    ];
    for (mode, warns) in [(0o644, true), (0o600, false)] {
        fs::set_permissions(shell.path().join("token"), Permissions::from_mode(mode)).unwrap();
        let said = shell.run_with(&file, search).await;
        said.ok(0);
        assert_eq!(said.error.contains("chmod 600 token"), warns, "{said:?}");
    }
    let said = shell
        .run_with(&file, &["search", "--token-file", "nothing"])
        .await;
    said.failed(2, "cannot read nothing");

    // Whose folder it is does not say where the token goes.
    shell.write(".env", "MARKETPLACE_API_URL=http://127.0.0.1:9\n");
    let said = shell
        .run_with(&[("MARKETPLACE_TOKEN", &*token)], search)
        .await;
    said.failed(2, "nothing says where the marketplace is");
}

#[tokio::test]
async fn what_does_not_answer_as_it_should_is_told() {
    let shell = Shell::new().await;
    let token = shell.openpai.token("alice");
    let at = async |url: &str, args: &[&str]| {
        let settings = [("MARKETPLACE_API_URL", url), ("MARKETPLACE_TOKEN", &*token)];
        shell.run_with(&settings, args).await
    };
    let away = format!("http://127.0.0.1:{}", free_port());
    let said = at(&away, &["search"]).await;
    said.failed(1, "the marketplace at http://127.0.0.1:");
    said.failed(1, "does not answer");
    // Another server, the portal itself.
    let said = at(shell.openpai.url(), &["search"]).await;
    said.failed(1, "does not answer as the marketplace does");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let said = at(&url, &["search", "--timeout", "1"]).await;
    said.failed(1, "has not answered within 1 s");
    drop(silent);

    // The token goes nowhere else, and no answer is read without end.
    let endless = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", endless.local_addr().unwrap());
    let elsewhere = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}/items\r\nContent-Length: 0\r\n\r\n",
        shell.server.url
    );
    tokio::spawn(async move {
        for begin in [&*elsewhere, "HTTP/1.1 200 OK\r\n\r\n"] {
            let (mut stream, _) = endless.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            stream.write_all(begin.as_bytes()).await.unwrap();
            if begin.contains("200") {
                while stream.write_all(&[b' '; 8192]).await.is_ok() {}
            }
        }
    });
    at(&url, &["search"])
        .await
        .failed(1, "the marketplace answered 302 Found");
    at(&url, &["search"])
        .await
        .failed(1, "is longer than 8 MiB");

    shell.openpai.set_fault("/", Fault::Status(500));
    let said = at(&shell.server.url, &["search", "--limit=1"]).await;
    said.failed(1, "the marketplace answered 503 Service Unavailable");
}
