//! Who is let in, and what happens when OpenPAI cannot say.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use fake_openpai::Fault;
use marketplace_api::app::App;
use marketplace_api::auth::{Authenticator, Memory};
use marketplace_api::openpai::{OpenPai, OpenPaiError};
use poem::endpoint::make_sync;
use poem::http::{Method, StatusCode};
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::test::TestClient;
use poem::{Request, Server};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, Api, app, on_both};

async fn with_header(api: &Api, value: &str) -> Answer {
    let request = api
        .request(Method::GET, "/items")
        .header("authorization", value);
    Answer::of(request.send().await.0).await
}

on_both! {
    async fn only_good_tokens_of_openpai_are_let_in(api: Api) {
        api.get("", "/items").await.assert_text(StatusCode::UNAUTHORIZED, "bearer token");
        let good = api.openpai.token("alice");
        let expired = api.openpai.token_with_lifetime("alice", -10);
        let forged = format!("{}x", &good[..good.len() - 1]);
        for header in ["", "Basic YTpi", "Bearer", "Bearer x", &format!("Bearer {expired}"), &format!("Bearer {forged}")] {
            let answer = with_header(&api, header).await;
            answer.assert(StatusCode::UNAUTHORIZED);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{header}");
        }
        with_header(&api, &format!("Bearer {good}")).await.assert(StatusCode::OK);
    }
}

on_both! {
    async fn a_good_token_is_asked_about_once_and_a_bad_one_too(api: Api) {
        let good = format!("Bearer {}", api.openpai.token("alice"));
        let answers = futures_util::future::join_all((0..20).map(|_| with_header(&api, &good))).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
        assert_eq!(api.openpai.calls("/api/v2/tokens/check"), 1);
        assert_eq!(api.openpai.calls("/api/v2/users/"), 1);
        for _ in 0..5 {
            with_header(&api, "Bearer bad").await.assert(StatusCode::UNAUTHORIZED);
        }
        assert_eq!(api.openpai.calls("/api/v2/tokens/check"), 2);
    }
}

on_both! {
    /// A cached verdict does not outlive the token's `exp`.
    async fn a_token_stops_working_when_it_expires(api: Api) {
        let token = format!("Bearer {}", api.openpai.token_with_lifetime("alice", 2));
        with_header(&api, &token).await.assert(StatusCode::OK);
        let expired = async {
            while with_header(&api, &token).await.status == StatusCode::OK {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), expired).await.unwrap();
    }
}

on_both! {
    async fn an_openpai_that_is_out_of_reach_is_503_and_back_again(api: Api) {
        for fault in [Fault::Status(500), Fault::Hang, Fault::Garbage] {
            api.openpai.set_fault("/api/v2", fault);
            let answer = api.get("alice", "/items").await;
            answer.assert_text(StatusCode::SERVICE_UNAVAILABLE, "OpenPAI");
            assert!(!answer.header("retry-after").is_empty());
            assert!(!answer.body.contains("127.0.0.1"), "{}", answer.body);
            api.get("", "/readyz").await.assert(if fault_answers(&api).await {
                StatusCode::OK
            } else {
                StatusCode::SERVICE_UNAVAILABLE
            });
        }
        api.openpai.clear_faults();
        api.get("alice", "/items").await.assert(StatusCode::OK);
        api.get("", "/readyz").await.assert(StatusCode::OK);
        api.get("", "/healthz").await.assert(StatusCode::OK);
    }
}

/// Whether the fault that is set lets OpenPAI answer at all.
async fn fault_answers(api: &Api) -> bool {
    let url = format!("{}/api/v2/tokens/check", api.openpai.url());
    let request = reqwest::Client::new()
        .get(url)
        .timeout(Duration::from_millis(300));
    matches!(request.send().await, Ok(answer) if !answer.status().is_server_error())
}

on_both! {
    /// With a shorter memory than the minute that it is in service.
    async fn a_revoked_token_stops_working_when_its_verdict_is_forgotten(api: Api) {
        let memory = Memory { good: Duration::from_millis(200), ..Memory::default() };
        let server = App { token_memory: memory, ..app(&api.database, api.openpai.url()).await };
        let client = TestClient::new(server.endpoint());
        let token = api.openpai.token("alice");
        let ask = async || {
            let request = client.get("/me").header("authorization", format!("Bearer {token}"));
            request.send().await.0.status()
        };
        assert_eq!(ask().await, StatusCode::OK);
        api.openpai.revoke(&token);
        let refused = async {
            while ask().await == StatusCode::OK {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), refused).await.unwrap();
        assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
    }
}

/// An OpenPAI where every token belongs to `name`; it writes down the addresses
/// that it is asked.
async fn openpai_of(name: &'static str) -> (OpenPai, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let paths = Arc::clone(&asked);
    let endpoint = make_sync(move |request: Request| {
        paths
            .lock()
            .unwrap()
            .push(request.original_uri().to_string());
        json!({"username": name, "grouplist": ["g"], "admin": false}).to_string()
    });
    let acceptor = TcpListener::bind("127.0.0.1:0")
        .into_acceptor()
        .await
        .unwrap();
    let port = acceptor.local_addr()[0].as_socket_addr().unwrap().port();
    tokio::spawn(Server::new_with_acceptor(acceptor).run(endpoint));
    let url = format!("http://127.0.0.1:{port}");
    (OpenPai::new(url, Duration::from_secs(5)).unwrap(), asked)
}

#[tokio::test]
async fn a_users_name_stays_one_segment_of_the_address() {
    for (name, path) in [
        ("a/b c", "/api/v2/users/a%2Fb%20c"),
        ("x?admin=1#y", "/api/v2/users/x%3Fadmin%3D1%23y"),
        ("../groups", "/api/v2/users/%2E%2E%2Fgroups"),
        ("王", "/api/v2/users/%E7%8E%8B"),
    ] {
        let (openpai, asked) = openpai_of(name).await;
        let caller = Authenticator::new(openpai, Memory::default())
            .caller("token")
            .await
            .unwrap();
        assert_eq!(caller.name, name);
        assert_eq!(*asked.lock().unwrap(), ["/api/v2/tokens/check", path]);
    }
    for name in ["", ".", ".."] {
        let (openpai, asked) = openpai_of(name).await;
        let refusal = Authenticator::new(openpai, Memory::default())
            .caller("token")
            .await
            .unwrap_err();
        assert_eq!(refusal.status, StatusCode::UNAUTHORIZED);
        assert_eq!(asked.lock().unwrap().len(), 1, "{name}");
    }
}

/// An OpenPAI that breaks the first `broken` connections, and counts all.
async fn openpai_that_breaks(broken: usize) -> (OpenPai, Arc<Mutex<usize>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(Mutex::new(0));
    let connections = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let number = {
                let mut connections = connections.lock().unwrap();
                *connections += 1;
                *connections
            };
            let _ = stream.read(&mut [0; 1024]).await;
            if number > broken {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\nconnection: close\r\n\r\n{\"username\":\"alice\"}";
                stream.write_all(answer).await.unwrap();
            }
        }
    });
    (OpenPai::new(url, Duration::from_secs(5)).unwrap(), count)
}

#[tokio::test]
async fn a_broken_connection_is_tried_once_more() {
    let (openpai, connections) = openpai_that_breaks(1).await;
    assert_eq!(
        openpai.check_token("token").await.unwrap().username,
        "alice"
    );
    assert_eq!(*connections.lock().unwrap(), 2);

    let (openpai, connections) = openpai_that_breaks(10).await;
    let error = openpai.check_token("token").await.unwrap_err();
    assert!(matches!(error, OpenPaiError::Unavailable(_)), "{error}");
    assert_eq!(*connections.lock().unwrap(), 2);
}

on_both! {
    /// "Too many requests" is said by a proxy, and of no token.
    async fn an_answer_that_is_no_verdict_is_not_held_against_the_token(api: Api) {
        for status in [408, 429] {
            api.openpai.set_fault("/api/v2/tokens/check", Fault::Status(status));
            api.get("carol", "/me").await.assert(StatusCode::SERVICE_UNAVAILABLE);
        }
        api.openpai.clear_faults();
        api.get("carol", "/me").await.assert(StatusCode::OK);
    }
}

on_both! {
    /// What a token claims counts for nothing without OpenPAI's signature.
    async fn a_token_that_anybody_could_write_is_refused(api: Api) {
        let part = |value: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = part(&json!({"username": "admin", "admin": true, "iat": 1, "exp": 4_000_000_000_u32}));
        let good = api.openpai.token("bob");
        let signed: Vec<&str> = good.split('.').collect();
        let unsigned = format!("{}.{claims}.", part(&json!({"alg": "none", "typ": "JWT"})));
        for forged in [unsigned, format!("{}.{claims}.{}", signed[0], signed[2])] {
            with_header(&api, &format!("Bearer {forged}")).await.assert(StatusCode::UNAUTHORIZED);
        }
        assert_eq!(api.openpai.calls("/api/v2/tokens/check"), 2);
        api.get("mallory", "/me").await.assert_text(StatusCode::UNAUTHORIZED, "sign in");
    }
}

on_both! {
    async fn an_openpai_that_cannot_tell_who_it_is_is_503(api: Api) {
        for fault in [Fault::Status(500), Fault::Status(502), Fault::Garbage, Fault::Hang] {
            api.openpai.set_fault("/api/v2/users", fault);
            let answer = api.get("alice", "/items").await;
            answer.assert_text(StatusCode::SERVICE_UNAVAILABLE, "OpenPAI");
            assert!(!answer.header("retry-after").is_empty());
        }
        let token = api.openpai.token("alice");
        let ask = async || with_header(&api, &format!("Bearer {token}")).await.status;
        assert_eq!(ask().await, StatusCode::SERVICE_UNAVAILABLE);
        api.openpai.clear_faults();
        assert_eq!(ask().await, StatusCode::OK, "trouble is not held against the token");
    }
}
