//! What a job can do with the access that it is given, tried on a real Azure
//! Blob server.

use std::env;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::DateTime;
use hmac::{Hmac, Mac};
use marketplace_api::app::App;
use poem::EndpointExt;
use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use reqwest::{Body, Client, Url};
use serde_json::{Value, json};
use sha2::Sha256;
use store::clock::Clock;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::{Answer, Api, PROTOCOL, app, on_both};

const ACCOUNT: &str = "testaccount";
const KEY: &[u8] = b"the key to everything in the account";

/// A blob server that keeps nothing; ends with the test.
struct Azurite {
    url: String,
    _process: Child,
    _folder: tempfile::TempDir,
}

impl Azurite {
    async fn start() -> Self {
        let program = env::var("AZURITE").expect(
            "these tests want an Azure Blob server: run `cargo xtask test`, which installs one, or set AZURITE to the \
             path of an `azurite-blob`",
        );
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(program)
            .args([
                "--inMemoryPersistence",
                "--blobPort",
                "0",
                "--disableTelemetry",
            ])
            .env(
                "AZURITE_ACCOUNTS",
                format!("{ACCOUNT}:{}", BASE64_STANDARD.encode(KEY)),
            )
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = loop {
            let line = lines.next_line().await.unwrap().expect("azurite ended");
            if let Some((_, address)) = line.split_once("successfully listens on ") {
                break format!("{address}/{ACCOUNT}");
            }
        };
        // It must always find somebody who reads its log.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self {
            url,
            _process: process,
            _folder: folder,
        }
    }

    fn connection_string(&self) -> String {
        let key = BASE64_STANDARD.encode(KEY);
        format!(
            "DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};BlobEndpoint={};",
            self.url
        )
    }

    /// Makes something with the account's key.
    async fn put(&self, path: &str, query: &str, body: &'static str) {
        let date = Clock::system()
            .now()
            .format("%a, %d %b %Y %H:%M:%S GMT")
            .to_string();
        let headers =
            format!("x-ms-blob-type:BlockBlob\nx-ms-date:{date}\nx-ms-version:2022-11-02");
        let length = match body.len() {
            0 => String::new(),
            length => length.to_string(),
        };
        let parameters = query.replacen('?', "\n", 1).replace('=', ":");
        let text = format!(
            "PUT\n\n\n{length}\n\n\n\n\n\n\n\n\n{headers}\n/{ACCOUNT}/{ACCOUNT}/{path}{parameters}"
        );
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(KEY).unwrap();
        mac.update(text.as_bytes());
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        let mut request = Client::new()
            .put(format!("{}/{path}{query}", self.url))
            .header("authorization", format!("SharedKey {ACCOUNT}:{signature}"));
        for line in headers.lines() {
            let (name, value) = line.split_once(':').unwrap();
            request = request.header(name, value);
        }
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    }

    /// With two containers, one blob in each, and the first one known to the
    /// API.
    async fn serving(api: &Api) -> Self {
        let azurite = Self::start().await;
        for container in ["marketplace", "secret"] {
            azurite.put(container, "?restype=container", "").await;
            azurite
                .put(&format!("{container}/data.txt"), "", "hello")
                .await;
        }
        let storage = json!({
            "storageAccount": ACCOUNT, "containerName": "marketplace", "connectionStrings": [azurite.connection_string()],
        });
        api.post("admin", "/storages/blobs", &storage)
            .await
            .assert(StatusCode::CREATED);
        azurite
    }
}

fn address(protocol: &Value) -> Url {
    protocol["secrets"]["azureStorageSasUrl"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// What a job of such a protocol gets.
async fn access(api: &Api, protocol: &str) -> Url {
    let id = api
        .create("alice", json!({"useBlob": true, "protocol": protocol}))
        .await;
    let answer = api
        .send("bob", Method::POST, &format!("/items/{id}/use"), None)
        .await;
    answer.assert(StatusCode::OK);
    address(&answer.json())
}

/// An attempt with the access: the status of the answer, and its body.
async fn attempt(
    access: &Url,
    method: &str,
    path: &str,
    more: &str,
    body: &'static str,
) -> (u16, String) {
    let mut url = access.clone();
    url.set_path(&format!("/{ACCOUNT}/{path}"));
    url.set_query(Some(&format!("{}{more}", access.query().unwrap())));
    let request = Client::new()
        .request(method.parse().unwrap(), url)
        .header("x-ms-blob-type", "BlockBlob")
        .header("x-ms-version", "2022-11-02");
    let answer = request.body(Body::from(body)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// What any access can do, and none can.
async fn check_reading(access: &Url) {
    let list = "&restype=container&comp=list";
    let (status, body) = attempt(access, "GET", "marketplace/data.txt", "", "").await;
    assert_eq!((status, body.as_str()), (200, "hello"));
    let (status, body) = attempt(access, "GET", "marketplace", list, "").await;
    assert!(
        status == 200 && body.contains("<Name>data.txt</Name>"),
        "{body}"
    );

    for (method, path, more) in [
        ("DELETE", "marketplace/data.txt", ""),
        ("DELETE", "marketplace", "&restype=container"),
        ("GET", "secret/data.txt", ""),
        ("GET", "secret", list),
        ("PUT", "secret/mine.txt", ""),
        ("DELETE", "secret/data.txt", ""),
        ("PUT", "third", "&restype=container"),
        ("GET", "", "&comp=list"),
        ("GET", "marketplace", "&restype=container&comp=acl"),
    ] {
        let (status, body) = attempt(access, method, path, more, "x").await;
        assert_eq!(status, 403, "{method} {path}{more}: {body}");
    }
}

on_both! {
    async fn a_job_that_reads_can_read_its_container_and_nothing_else(api: Api) {
        let _azurite = Azurite::serving(&api).await;
        let access = access(&api, PROTOCOL).await;
        check_reading(&access).await;
        for path in ["marketplace/new.txt", "marketplace/data.txt"] {
            let (status, body) = attempt(&access, "PUT", path, "", "x").await;
            assert_eq!(status, 403, "{body}");
        }
    }
}

on_both! {
    async fn a_job_with_an_output_can_write_too(api: Api) {
        let _azurite = Azurite::serving(&api).await;
        let output = "  - {name: model, type: output, uri: models}\ntaskRoles:";
        let access = access(&api, &PROTOCOL.replace("taskRoles:", output)).await;
        check_reading(&access).await;
        for body in ["first", "second"] {
            let (status, answer) = attempt(&access, "PUT", "marketplace/models/a.bin", "", body).await;
            assert_eq!(status, 201, "{answer}");
            let (_, read) = attempt(&access, "GET", "marketplace/models/a.bin", "", "").await;
            assert_eq!(read, body);
        }
        let (status, _) = attempt(&access, "DELETE", "marketplace/models/a.bin", "", "").await;
        assert_eq!(status, 403);
    }
}

on_both! {
    async fn nobody_can_help_himself_to_more(api: Api) {
        let _azurite = Azurite::serving(&api).await;
        let access = access(&api, PROTOCOL).await;
        for (from, to) in [("sp=rl", "sp=racwdl"), ("sr=c", "sr=b"), ("se=20", "se=21"), ("spr=https%2Chttp", "spr=http")] {
            let query = access.query().unwrap();
            assert!(query.contains(from), "{query}");
            let mut forged = access.clone();
            forged.set_query(Some(&query.replace(from, to)));
            let (status, body) = attempt(&forged, "GET", "marketplace/data.txt", "", "").await;
            assert_eq!(status, 403, "{to}: {body}");
        }
    }
}

on_both! {
    async fn access_ends(api: Api) {
        let _azurite = Azurite::serving(&api).await;
        let id = api.create("alice", json!({"useBlob": true})).await;
        let hasty = TestClient::new(App {
            sas_lifetime: Duration::from_secs(3),
            ..app(&api.database, api.openpai.url()).await
        }.endpoint().boxed());
        let request = hasty.post(format!("/items/{id}/use")).header("authorization", format!("Bearer {}", api.openpai.token("bob")));
        let access = address(&Answer::of(request.send().await.0).await.json());
        let (_, expiry) = access.query_pairs().find(|(name, _)| name == "se").unwrap();
        let expiry = DateTime::parse_from_rfc3339(&expiry).unwrap().to_utc();

        let deadline = expiry + Duration::from_secs(30);
        loop {
            let (status, body) = attempt(&access, "GET", "marketplace/data.txt", "", "").await;
            if Clock::system().now() < expiry {
                assert_eq!(status, 200, "{body}");
            } else if status == 403 {
                break;
            }
            assert!(Clock::system().now() < deadline, "access does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
