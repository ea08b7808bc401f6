//! `GET /items/{id}/externals`: images and data are asked about on hosts that are named, and
//! nowhere else.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use marketplace_api::externals::Externals;
use poem::http::{StatusCode, Uri};
use poem::listener::TcpAcceptor;
use poem::web::headers::{Authorization, HeaderMapExt, authorization::Bearer};
use poem::{Endpoint, Request, Response, Server};
use serde_json::{Value, json};

use crate::support::{Api, PROTOCOL, StoppedClock, on_both};

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A registry that also has files, and what it was asked.
#[derive(Clone, Default)]
struct Registry {
    asked: Arc<Mutex<Vec<String>>>,
    host: Arc<Mutex<String>>,
}

impl Registry {
    fn start() -> Self {
        let registry = Self::default();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        *registry.host.lock().unwrap() = listener.local_addr().unwrap().to_string();
        let acceptor = TcpAcceptor::from_std(listener).unwrap();
        tokio::spawn(Server::new_with_acceptor(acceptor).run(registry.clone()));
        registry
    }

    fn host(&self) -> String {
        self.host.lock().unwrap().clone()
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Endpoint for Registry {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let uri: Uri = request.uri().clone();
        let line = format!("{} {uri}", request.method());
        self.asked.lock().unwrap().push(line);
        let answer = |status| Response::builder().status(status);
        let token = request.headers().typed_get::<Authorization<Bearer>>();
        let token = token.as_ref().map(Authorization::token);
        Ok(match uri.path() {
            "/token" => answer(StatusCode::OK).body(r#"{"token": "for everybody"}"#),
            "/v2/open/manifests/1" => answer(StatusCode::OK)
                .header("docker-content-digest", DIGEST)
                .finish(),
            "/v2/closed/manifests/1" if token == Some("for everybody") => answer(StatusCode::OK)
                .header("docker-content-digest", "nonsense")
                .finish(),
            "/v2/closed/manifests/1" => {
                let realm = format!(
                    "Bearer realm=\"http://{}/token\",service=\"r\",scope=\"s\"",
                    self.host()
                );
                answer(StatusCode::UNAUTHORIZED)
                    .header("www-authenticate", realm)
                    .finish()
            }
            "/v2/elsewhere/manifests/1" => answer(StatusCode::UNAUTHORIZED)
                .header(
                    "www-authenticate",
                    "Bearer realm=\"http://127.0.0.2:1/token\"",
                )
                .finish(),
            // A registry that knows passwords alone, and one that gives strangers a token for
            // nothing, or none at all.
            "/v2/password/manifests/1" => answer(StatusCode::UNAUTHORIZED)
                .header("www-authenticate", "Basic realm=\"r\"")
                .finish(),
            "/v2/private/manifests/1" if token.is_some() => {
                answer(StatusCode::UNAUTHORIZED).finish()
            }
            "/v2/private/manifests/1" | "/v2/members/manifests/1" => {
                let path = if uri.path().contains("private") {
                    "token"
                } else {
                    "members"
                };
                let realm = format!("Bearer realm=\"http://{}/{path}\"", self.host());
                answer(StatusCode::UNAUTHORIZED)
                    .header("www-authenticate", realm)
                    .finish()
            }
            "/members" | "/v2/forbidden/manifests/1" | "/secret.tar" => {
                answer(StatusCode::FORBIDDEN).finish()
            }
            "/v2/broken/manifests/1" => answer(StatusCode::INTERNAL_SERVER_ERROR).finish(),
            "/data.tar" => answer(StatusCode::FOUND)
                .header("location", format!("http://{}/never", self.host()))
                .finish(),
            _ => answer(StatusCode::NOT_FOUND).finish(),
        })
    }
}

/// The item's externals as `kind state path` and what is known besides.
async fn externals(api: &Api, id: &str) -> Vec<String> {
    let answer = api.get("bob", &format!("/items/{id}/externals")).await;
    answer.assert(StatusCode::OK);
    let list: Vec<Value> = answer.json();
    let line = |one: &Value| {
        let word = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let path = word("address").split_once('/').unwrap().1.to_owned();
        assert!(one["checkedAt"].is_string(), "{one}");
        format!(
            "{} {} {path} {}",
            word("kind"),
            word("state"),
            word("digest")
        )
        .trim_end()
        .to_owned()
    };
    list.iter().map(line).collect()
}

async fn with_images(api: &Api, host: &str, images: &[&str], data: Option<String>) -> String {
    let one = |(number, image): (usize, &&str)| {
        format!("  - {{name: image{number}, type: dockerimage, uri: '{host}/{image}'}}\n")
    };
    let prerequisites: String = images.iter().enumerate().map(one).collect();
    let protocol = PROTOCOL.replace(
        "prerequisites:\n",
        &format!("prerequisites:\n{prerequisites}"),
    );
    assert_ne!(protocol, PROTOCOL);
    api.create("alice", json!({"protocol": protocol, "dataUrl": data}))
        .await
}

on_both! {
    async fn hosts_that_are_named_are_asked_once_a_day(api: Api) {
        let clock = StoppedClock::at("2026-03-01T12:00:00Z");
        let registry = Registry::start();
        let host = registry.host();
        let asking = Externals::new(&format!("http://{host}"), true, clock.clock()).unwrap();
        let api = api.with_externals(asking).await;
        let images = ["open:1", "closed:1", "gone:1", "elsewhere:1", "broken:1"];
        let id = with_images(&api, &host, &images, Some(format!("http://{host}/data.tar"))).await;
        let expected = [
            format!("image found open:1 {DIGEST}"),
            "image found closed:1".to_owned(),
            "image missing gone:1".to_owned(),
            "image unknown elsewhere:1".to_owned(),
            "image unknown broken:1".to_owned(),
            "data found /".to_owned() + &host + "/data.tar",
        ];
        assert_eq!(externals(&api, &id).await, expected);
        let mut asked = registry.asked();
        asked.sort();
        assert_eq!(asked, [
            "GET /token?service=r&scope=s",
            "HEAD /data.tar",
            "HEAD /v2/broken/manifests/1",
            "HEAD /v2/closed/manifests/1",
            "HEAD /v2/closed/manifests/1",
            "HEAD /v2/elsewhere/manifests/1",
            "HEAD /v2/gone/manifests/1",
            "HEAD /v2/open/manifests/1",
        ], "redirects and tokens of hosts that are not named are not followed");

        // Within the day only what was not said is asked again.
        clock.advance(TimeDelta::hours(1));
        assert_eq!(externals(&api, &id).await, expected);
        let mut asked = registry.asked();
        asked.sort();
        assert_eq!(asked, ["HEAD /v2/broken/manifests/1", "HEAD /v2/elsewhere/manifests/1"]);
        clock.advance(TimeDelta::days(1));
        externals(&api, &id).await;
        assert!(registry.asked().len() > 6);
    }
}

on_both! {
    async fn what_a_job_logs_in_for_is_not_asked_about(api: Api) {
        let registry = Registry::start();
        let host = registry.host();
        let clock = StoppedClock::at("2026-03-01T12:00:00Z");
        let asking = Externals::new(&format!("http://{host}"), true, clock.clock()).unwrap();
        let api = api.with_externals(asking).await;
        let auth = "secrets: {pass: ''}\nprerequisites:\n  - {name: own, type: dockerimage, uri: 'HOST/gone:1', auth: {username: u, password: '<% $secrets.pass %>'}}\n";
        let protocol = PROTOCOL.replace("prerequisites:\n", &auth.replace("HOST", &host));
        let id = api.create("alice", json!({"protocol": protocol, "isPrivate": false, "isPublic": true})).await;
        assert_eq!(externals(&api, &id).await, [""; 0]);
        assert!(registry.asked().is_empty());
    }
}

on_both! {
    async fn what_was_not_asked_is_asked_when_somebody_looks_again(api: Api) {
        let registry = Registry::start();
        let host = registry.host();
        let clock = StoppedClock::at("2026-03-01T12:00:00Z");
        let asking = Externals::new(&format!("http://{host}"), true, clock.clock()).unwrap();
        let api = api.with_externals(asking).await;
        let images: Vec<String> = (0..40).map(|number| format!("gone{number}:1")).collect();
        let images: Vec<&str> = images.iter().map(String::as_str).collect();
        let mut ids = Vec::new();
        for images in images.chunks(20) {
            ids.push(with_images(&api, &host, images, None).await);
        }
        let unasked = async || {
            let mut unasked = 0;
            for id in &ids {
                let list: Vec<Value> = api.get("bob", &format!("/items/{id}/externals")).await.json();
                unasked += list.iter().filter(|one| {
                    assert_eq!(one["checkedAt"].is_null(), one["state"] == "unknown", "{one}");
                    one["checkedAt"].is_null()
                }).count();
            }
            unasked
        };
        let first = unasked().await;
        assert!((1..=10).contains(&first), "{first} of 40 wait");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while unasked().await == first {
            assert!(std::time::Instant::now() < deadline, "nothing more was asked");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
}

on_both! {
    async fn what_strangers_may_not_see_is_not_called_missing(api: Api) {
        let clock = StoppedClock::at("2026-03-01T12:00:00Z");
        let registry = Registry::start();
        let host = registry.host();
        let asking = Externals::new(&format!("http://{host}"), true, clock.clock()).unwrap();
        let api = api.with_externals(asking).await;
        let images = ["password:1", "private:1", "members:1", "forbidden:1"];
        let id = with_images(&api, &host, &images, Some(format!("http://{host}/secret.tar"))).await;
        assert_eq!(externals(&api, &id).await, [
            "image hidden password:1".to_owned(),
            "image hidden private:1".to_owned(),
            "image hidden members:1".to_owned(),
            "image hidden forbidden:1".to_owned(),
            "data hidden /".to_owned() + &host + "/secret.tar",
        ]);
        // That counts for a day, too.
        registry.asked();
        clock.advance(TimeDelta::hours(23));
        externals(&api, &id).await;
        assert!(registry.asked().is_empty());
    }
}

on_both! {
    async fn nobody_is_asked_who_is_not_named(api: Api) {
        let registry = Registry::start();
        let host = registry.host();
        let id = with_images(&api, &host, &["open:1"], Some(format!("http://{host}/data.tar"))).await;
        assert!(externals(&api, &id).await.is_empty(), "off unless set");
        let clock = StoppedClock::at("2026-03-01T12:00:00Z");
        for named in [
            "registry.example".to_owned(),
            // Another port or name of the same machine.
            "http://127.0.0.1:1".to_owned(),
            format!("http://localhost:{}", host.split_once(':').unwrap().1),
        ] {
            let asking = Externals::new(&named, true, clock.clock()).unwrap();
            let api = Api::on(&api.database).await.with_externals(asking).await;
            assert!(externals(&api, &id).await.is_empty(), "{named}");
        }
        // A name that leads to a private address, where that is not allowed.
        let named = format!("http://localhost:{}", host.split_once(':').unwrap().1);
        let asking = Externals::new(&named, false, clock.clock()).unwrap();
        let api = api.with_externals(asking).await;
        let id = with_images(&api, named.trim_start_matches("http://"), &["open:1"], None).await;
        assert_eq!(externals(&api, &id).await, ["image unknown open:1"]);
        assert!(registry.asked().is_empty());
    }
}

on_both! {
    async fn externals_are_for_readers(api: Api) {
        let id = api.create("alice", json!({"isPrivate": true})).await;
        let path = format!("/items/{id}/externals");
        api.get("bob", &path).await.assert(StatusCode::FORBIDDEN);
        api.get("", &path).await.assert(StatusCode::UNAUTHORIZED);
    }
}
